/** JavaScript runtimes other than the one that runs the tests, from npm's packages of them. Linux x64 only. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './checkout.js';
import { NODE_VERSIONS, type NodeVersion, nodeProgram } from './nodes.js';
import { npm } from './npm.js';

/** What is not Node.js, and runs programs that are written for it. */
export type OtherRuntime = 'bun' | 'deno';

/** A runtime by name: `node 24`, `bun`. */
export type Runtime = `node ${NodeVersion}` | OtherRuntime;

/** All that programs can be run on. */
export const RUNTIMES: readonly Runtime[] = [
  ...NODE_VERSIONS.map((version) => `node ${version}` as const),
  'bun',
  'deno',
];

const FOLDER = join(checkout, 'node_modules', '.cache', 'smmap', 'runtimes');

/** The program of Bun or Deno; the first call installs both, of the lines that the known limits are about. */
function otherProgram(name: OtherRuntime): string {
  const program = join(FOLDER, 'node_modules', '.bin', name);
  if (!existsSync(program)) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(join(FOLDER, 'package.json'), '{ "private": true }\n');
    npm(FOLDER, ['install', '--no-package-lock', 'bun@1.4', 'deno@2.9']);
  }
  return program;
}

/** What is put before the name of a JavaScript file to run it. */
export function runtimeCommand(runtime: Runtime): string[] {
  if (runtime === 'bun') return [otherProgram(runtime)];
  if (runtime === 'deno') return [otherProgram(runtime), 'run', '--allow-all'];
  return [nodeProgram(runtime.slice('node '.length) as NodeVersion)];
}
