/** Programs of the system that must succeed. */

import assert from 'node:assert/strict';
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';

/** Runs a program to its end; fails with all that it said when it fails, and gives its output. */
export function run(
  program: string,
  args: readonly string[],
  options: Pick<SpawnSyncOptions, 'cwd' | 'env' | 'input'> = {},
): string {
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    ...options,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const told = `${program} ${args.join(' ')}\n${error ?? signal ?? ''}\n${stdout}${stderr}`;
  assert.equal(status, 0, told);
  return stdout;
}

/** Whether a program can be run here. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}
