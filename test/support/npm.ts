/** npm as a user runs it: not as a part of our own `npm test`. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

/** This process's environment less what npm tells the scripts that it runs. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_')),
  );
}

/** Runs npm in `cwd` to its end, and fails with all that it said when it fails. */
export function npm(cwd: string, args: readonly string[], env = plainEnvironment()): void {
  const { status, stdout, stderr, error } = spawnSync('npm', args, { cwd, env, encoding: 'utf8' });
  assert.equal(status, 0, `npm ${args.join(' ')}\n${error ?? ''}${stdout}${stderr}`);
}
