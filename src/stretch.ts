/** Stretches: windows of a source, cut to what Node's own `Buffer` methods can count in. */

import type { ByteSource, ByteWindow } from './byte-source.js';
import { MapClosedError } from './errors.js';

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
  let from = start;
  while (from < end) {
    const { bytes, begin } = stretchAt(source, from);
    const to = Math.min(end, begin + bytes.length);
    bytes.copy(target, from - start, from - begin, to - begin);
    source.verify();
    from = to;
  }
  return target;
}
