/** What a process takes of the machine's memory. Linux only. */

import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** Bytes in memory that belong to no file (RssAnon): what a process alone has filled. */
export function anonymousBytes(pid: number | 'self' = 'self'): number {
  return kibibytesIn(`/proc/${pid}/status`, /^RssAnon:\s+(\d+) kB$/m);
}

/** Bytes in memory, those that are shared divided among who shares them (PSS). */
export function proportionalBytes(pid: number): number {
  return kibibytesIn(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB$/m);
}

function kibibytesIn(path: string, line: RegExp): number {
  const [, kibibytes] = line.exec(readFileSync(path, 'latin1')) ?? [];
  if (kibibytes === undefined) throw new Error(`${path} has no line ${line}`);
  return Number(kibibytes) * 1024;
}

/** A program in a process of its own that prints one line of JSON, and then waits for its input to end. */
export class Measured {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #line: Promise<string>;

  /** @param args the program and its arguments */
  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, args);
    this.#child.stderr.pipe(process.stderr);
    this.#line = firstLine(this.#child);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** What it printed. */
  async result<T>(): Promise<T> {
    return JSON.parse(await this.#line) as T;
  }

  /** The most anonymous memory that was seen until it printed. */
  async peakAnonymousBytes(): Promise<number> {
    let printed = false;
    const line = this.#line.finally(() => {
      printed = true;
    });
    let peak = 0;
    while (!printed) {
      peak = Math.max(peak, anonymousBytes(this.pid));
      await setTimeout(1); // it also has to get on
    }
    await line;
    return Math.max(peak, anonymousBytes(this.pid));
  }

  /** Lets it end. */
  async end(): Promise<void> {
    const closed = this.#child.exitCode === null ? once(this.#child, 'close') : undefined;
    this.#child.stdin.end();
    await closed;
    assert.equal(this.#child.exitCode, 0);
  }
}

async function firstLine(child: ChildProcessWithoutNullStreams): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    text += chunk;
    if (text.includes('\n')) return text;
  }
  throw new Error('the program ended and printed nothing');
}

/** For such a program: prints the result, and keeps the process until it may end. */
export async function report(result: unknown): Promise<void> {
  process.stdout.write(`${JSON.stringify(result)}\n`);
  await once(process.stdin.resume(), 'end');
}
