/** Runs the built `smmap` command as a user's shell would: in a process of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The command line as it is shipped. */
export const CLI = fileURLToPath(
  new URL('bundle/cli.js', import.meta.resolve('smmap/package.json')),
);

/** How a command ended, and all that it wrote. */
export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A command that runs. */
export interface Running {
  child: ChildProcess & { pid: number };
  /** Settles when the command has ended and its output is read. */
  ended: Promise<Outcome>;
}

/** Starts a program with its output in pipes and nothing to read. */
export function startProgram(program: string, args: readonly string[], env = {}): Running {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SMMAP_DEBUG: '', ...env },
  });
  const outcome: Outcome = { code: null, signal: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    outcome.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    outcome.stderr += text;
  });
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ ...outcome, code, signal }));
  });
  if (child.pid === undefined) throw new Error(`cannot start ${program}`);
  return { child: child as Running['child'], ended };
}

/** Starts `smmap` with these arguments. */
export function start(args: readonly string[], env = {}): Running {
  return startProgram(process.execPath, [CLI, ...args], env);
}

/** Runs `smmap` with these arguments to its end. */
export function smmap(args: readonly string[], env = {}): Promise<Outcome> {
  return start(args, env).ended;
}
