/** Pages that the system cleared while somebody copied them. */
import { PAGE_SIZE } from './page.js';

/** So many zeros at the beginning or end of a page's part, or all of a smaller part, make it suspicious. */
const SUSPICIOUS = 64;

/**
 * Who cuts a file makes its size smaller; then the kernel clears its pages, and only then takes
 * them out of the mappings: a copy made in between holds zeros of which no fault tells.
 * @param bytes a copy of bytes in a mapping, from `from` to `to`
 * @param phase bytes before the first in its page
 * @returns the index in `bytes` from which on the last page that may be such a one was copied, or -1
 */
export function lastCleared(bytes: Uint8Array, from: number, to: number, phase: number): number {
  for (let end = to; end > from; ) {
    const begin = Math.max(end - 1 - ((end - 1 - from + phase) % PAGE_SIZE), from);
    // One that is cleared while it is copied keeps its beginning, or its end.
    if (bytes[end - 1] === 0 && isZero(bytes, Math.max(end - SUSPICIOUS, begin), end)) return begin;
    if (bytes[begin] === 0 && isZero(bytes, begin, Math.min(begin + SUSPICIOUS, end))) return begin;
    end = begin;
  }
  return -1;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}
