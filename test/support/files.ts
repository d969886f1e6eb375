/** Files whose every byte says where it is: a wrong offset can never look right. */

import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The right value of the byte at `offset`, known without any file, up to offsets of 2^53 − 1. */
export function contentByte(offset: number): number {
  const high = Math.floor(offset / 2 ** 32);
  let mixed = (offset >>> 0) ^ Math.imul(high + 1, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed >>> 24;
}

/** The right bytes of `offset` to `offset + length`. */
export function contentBytes(offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = contentByte(offset + i);
  return bytes;
}

/** A new empty folder, its name free of links, that is gone when the process ends. */
export function tempDir(): string {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'smmap-test-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Writes a file of `size` bytes of position-dependent content. */
export function writeContent(path: string, size: number): void {
  writeIslands(path, size, [{ offset: 0, length: size }]);
}

/** A stretch of a file, in bytes. */
export interface Stretch {
  offset: number;
  length: number;
}

/**
 * Writes a file of `size` bytes that has position-dependent content only in the
 * `islands`; the rest is a hole that reads as zeros and takes no room on disk.
 */
export function writeIslands(path: string, size: number, islands: readonly Stretch[]): void {
  const fd = openSync(path, 'w');
  try {
    ftruncateSync(fd, size);
    for (const { offset, length } of islands) writeStretch(fd, offset, length);
  } finally {
    closeSync(fd);
  }
}

/** Writes the right bytes of one stretch to an open file. */
export function writeStretch(fd: number, offset: number, length: number): void {
  const step = 1 << 20;
  for (let done = 0; done < length; done += step) {
    const bytes = contentBytes(offset + done, Math.min(step, length - done));
    writeSync(fd, bytes, 0, bytes.length, offset + done);
  }
}
