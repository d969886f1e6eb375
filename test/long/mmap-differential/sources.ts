/** What maps are made of, and ordinary reads and writes of it. */

import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tempDir } from '../../support/files.js';
import type { Making } from './script.js';

/** A number that no descriptor has, and one that none can have. */
const NO_DESCRIPTOR = 99_999;
const NEGATIVE = -2;

const MODES = { r: constants.O_RDONLY, w: constants.O_WRONLY, 'r+': constants.O_RDWR };

let pipe: string | undefined;

/** A descriptor, closed with its scope. */
export function openSource(
  source: Making['source'],
  mode: Making['mode'],
  paths: readonly string[],
): Disposable & { fd: number } {
  if (source === 'anonymous') return { fd: -1, [Symbol.dispose]() {} };
  if (source === 'negative') return { fd: NEGATIVE, [Symbol.dispose]() {} };
  if (source === 'none') return { fd: NO_DESCRIPTOR, [Symbol.dispose]() {} };
  const fd = openOne(source, mode, paths);
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

function openOne(
  source: number | 'directory' | 'pipe' | 'device',
  mode: Making['mode'],
  paths: readonly string[],
): number {
  if (source === 'directory') return openSync(dirname(paths[0] as string), 'r');
  if (source === 'device') return openSync('/dev/zero', 'r+');
  if (source === 'pipe') return openSync(somePipe(), 'r+'); // for both directions: waits for nobody
  return openSync(paths[source] as string, MODES[mode]);
}

function somePipe(): string {
  if (pipe === undefined) {
    pipe = join(tempDir(), 'pipe');
    execFileSync('mkfifo', [pipe]);
  }
  return pipe;
}

/** Bytes of a file by an ordinary read. */
export function bytesAt(path: string, offset: number, length: number): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
  } finally {
    closeSync(fd);
  }
}

/** Writes to a file that is there, and gives how many bytes. */
export function putBytes(path: string, offset: number, bytes: Buffer): number {
  const fd = openSync(path, 'r+');
  try {
    return writeSync(fd, bytes, 0, bytes.length, offset);
  } finally {
    closeSync(fd);
  }
}
