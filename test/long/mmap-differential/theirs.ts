/** Python's `mmap`: one process that is asked one script after the other. */

import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { checkout } from '../../support/checkout.js';
import type { Said, Script } from './script.js';

const PROGRAM = join(checkout, 'test/long/mmap-differential/theirs.py');
const REPRODUCE = join(checkout, 'test/long/mmap-differential/reproduce.py');

/** Milliseconds after which Python counts as hung: many times what a script takes. */
const HUNG_AFTER = 60_000;

/** The command; another one than the usual is named by `SMMAP_PYTHON`. */
export const python = process.env.SMMAP_PYTHON ?? 'python3';

/** What a Python is and has. */
export interface Python {
  version: string;
  /** Maps without a descriptor. */
  trackFd: boolean;
  seekable: boolean;
}

const ASK = `
import json, mmap, platform, sys
print(json.dumps({'version': platform.python_version(), 'trackFd': sys.version_info >= (3, 13),
                  'seekable': hasattr(mmap.mmap, 'seekable')}))`;

/** The Python to compare with; `undefined` where there is none. */
export function knownPython(): Python | undefined {
  const { status, stdout } = spawnSync(python, ['-c', ASK], { encoding: 'utf8' });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

/** What Python gives for some lines each: the value of the last, an error, or the signal that ended it. */
export function reproduce(reproductions: readonly (readonly string[])[]): unknown[] {
  const input = JSON.stringify(reproductions);
  const { stdout, stderr } = spawnSync(python, [REPRODUCE], { input, encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** The process. */
export class Theirs {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  #failure: Error | undefined;

  constructor() {
    this.#child = spawn(python, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin.on('error', () => {}); // that it ended is told by the missing answer
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * What Python says to each step of a script.
   * @param paths of the files
   * @throws Error with the script at which Python ended or hung; the same one from then on
   */
  async ask(script: Script, paths: readonly string[]): Promise<Said[]> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#child.stdin.write(`${JSON.stringify({ ...script, paths })}\n`);
    const watch = setTimeout(() => this.#child.kill('SIGKILL'), HUNG_AFTER);
    const { value, done } = await this.#lines.next();
    clearTimeout(watch);
    if (done) {
      this.#failure = new Error(`Python ended or hung at ${JSON.stringify(script)}`);
      throw this.#failure;
    }
    return JSON.parse(value);
  }

  close(): void {
    this.#child.stdin.end();
  }
}
