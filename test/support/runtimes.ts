/** Bun and Deno, from npm's packages of them. Linux x64 only. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './checkout.js';
import { npm } from './npm.js';

const FOLDER = join(checkout, 'node_modules', '.cache', 'smmap', 'runtimes');

/** How a program is started; the first call installs both. */
export function runtimeCommand(name: 'bun' | 'deno', program: string): [string, string[]] {
  const command = join(FOLDER, 'node_modules', '.bin', name);
  if (!existsSync(command)) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(join(FOLDER, 'package.json'), '{ "private": true }\n');
    npm(FOLDER, ['install', '--no-package-lock', 'bun@1', 'deno@2']);
  }
  return name === 'bun' ? [command, [program]] : [command, ['run', '--allow-all', program]];
}
