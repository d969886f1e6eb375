/** Stretches: windows of a source, cut to what Node's own `Buffer` methods can count in. */

import type { ByteSource, ByteWindow } from './byte-source.js';
import { lastCleared } from './cleared.js';
import { MapClosedError } from './errors.js';
import { PAGE_SIZE } from './page.js';

/**
 * Bytes in the longest stretch. `Buffer.indexOf` gives its result as a signed
 * 32-bit number, so a find past 2 GiB would come out negative.
 */
export const LONGEST_STRETCH = 2 ** 30;

/**
 * The window that holds `index`, or the part of it around `index` when it is longer than a stretch.
 * @throws MapClosedError when it was closed by code that ran in between
 */
export function stretchAt(source: ByteSource, index: number): ByteWindow {
  const window = source.windowAt(index);
  const held = window.begin + window.bytes.length;
  if (index >= held) throw new MapClosedError('a window was closed while it was read');
  if (window.bytes.length <= LONGEST_STRETCH) return window;
  const within = index - window.begin;
  const skipped = within - (within % LONGEST_STRETCH);
  const bytes = window.bytes.subarray(skipped, skipped + LONGEST_STRETCH);
  return { bytes, begin: window.begin + skipped };
}

/** `Buffer.copy` of Node 22.23 and 24.21 counts in 32 bits: past that it takes, or overwrites, bytes of another place. */
const MOST_COPIED_RIGHT = 2 ** 32;

/** Copies `bytes` from `from` to `to` into `target`, which has room for them behind `at`. */
export function copyPart(
  bytes: Buffer,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): void {
  if (to <= MOST_COPIED_RIGHT && at + to - from <= MOST_COPIED_RIGHT) {
    bytes.copy(target, at, from, to);
  } else {
    target.set(bytes.subarray(from, to), at);
  }
}

/**
 * To be called when bytes of a window were copied, before they are handed on.
 * @param window the window's bytes; `at`: which of them was copied first
 * @param index of that byte in the source
 * @throws MapFaultError when a page of them was lost
 */
export function verifyCopy(
  source: ByteSource,
  window: Buffer,
  at: number,
  copy: Uint8Array,
  from: number,
  to: number,
  index: number,
): void {
  source.verify();
  // Memory of a mapping begins with a page.
  const cleared = lastCleared(copy, from, to, (window.byteOffset + at) & (PAGE_SIZE - 1));
  if (cleared !== -1) source.lookAgain?.(index + cleared - from);
}

/**
 * The bytes from `start` to `end` in memory of their own, or at the beginning of `target`.
 * @throws MapFaultError when a page of them was lost
 */
export function copyOut(
  source: ByteSource,
  start: number,
  end: number,
  target: Buffer = Buffer.allocUnsafeSlow(end - start),
): Buffer {
  copyInto(source, start, end, target, 0);
  return target;
}

/**
 * Copies the bytes from `start` to `end` into `target`, which has room for them behind `at`.
 * @throws MapFaultError when a page of them was lost
 */
export function copyInto(
  source: ByteSource,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): void {
  for (let from = start; from < end; ) {
    const { bytes, begin } = stretchAt(source, from);
    const to = Math.min(end, begin + bytes.length);
    const put = at + from - start;
    copyPart(bytes, from - begin, to - begin, target, put);
    verifyCopy(source, bytes, from - begin, target, put, put + to - from, from);
    from = to;
  }
}
