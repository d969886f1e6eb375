/** Runs programs in processes of their own, so that a death is an outcome and not the end. */

import { type ChildProcess, spawn } from 'node:child_process';
import { tempDir } from './files.js';
import { type Runtime, runtimeCommand } from './runtimes.js';
import { scaled } from './scale.js';

/** A process did not end in time, and was killed. */
export class HungError extends Error {}

/** How a process ended, and what it wrote. */
export interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Names what the programs are run on. Unset: what runs this very program. */
export const RUNTIME = 'SMMAP_TEST_RUNTIME';

/** How a process is started. */
export interface ChildOptions {
  /** Flags for Node.js, before the program. Other runtimes have others: there is no such child there. */
  node?: readonly string[];
  /** Arguments of the shell's `ulimit`, each of one limit: `-v 4000000`. */
  ulimit?: readonly string[];
  /** A program, with its arguments, that runs node: `unshare --mount`. */
  under?: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** Milliseconds after which it counts as hung. @default a minute, many times what is usual; ten at the full size */
  hungAfter?: number;
}

/** The default of `hungAfter`; some do much more at the full size. */
const HUNG_AFTER = scaled(60_000, 600_000);

/** Where children put their files: goes with this process, also when a child was killed. */
let home: string | undefined;

/**
 * Runs a program of JavaScript with its arguments to the end.
 * @throws HungError where it does not end by itself
 */
export async function runChild(
  program: readonly string[],
  options: ChildOptions = {},
): Promise<Ended> {
  const child = start(program, options);
  const ended: Ended = { status: null, signal: null, stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    ended.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    ended.stderr += text;
  });
  let hung = false;
  const watch = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, options.hungAfter ?? HUNG_AFTER);
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      Object.assign(ended, { status, signal });
      resolve();
    });
  });
  clearTimeout(watch);
  if (hung) throw new HungError(`${program.join(' ')} hung\n${ended.stdout}${ended.stderr}`);
  return ended;
}

function start(program: readonly string[], options: ChildOptions): ChildProcess {
  home ??= tempDir();
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const env = { ...inherited, TMPDIR: home, ...options.env };
  const { under = [], node = [] } = options;
  const asked = process.env[RUNTIME];
  const runtime = asked === undefined ? [process.execPath] : runtimeCommand(asked as Runtime);
  const command = [...under, ...runtime, ...node, ...program];
  const limits = ['-c 0', ...(options.ulimit ?? [])].map((limit) => `ulimit ${limit} && `).join('');
  return spawn('/bin/sh', ['-c', `${limits}exec "$@"`, 'sh', ...command], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
