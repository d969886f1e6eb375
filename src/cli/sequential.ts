import { createHash } from 'node:crypto';
import type { SlidingWindowMapBuffer } from '../index.js';
import type { Pace } from './pace.js';

/** Bytes that are read without a look at the clock: some milliseconds of work. */
const PIECE = 1024 * 1024;
const NEWLINE = 10;

/** What one pass over all bytes found. */
export interface Content {
  /** Bytes read. */
  bytes: number;
  /** Newline characters, as `wc -l` counts lines. */
  lines: number;
  /** SHA-256 of all bytes, in hexadecimal. */
  sha256: string;
}

/**
 * Reads every byte of the buffer in order, in the windows themselves.
 * @param report is told now and then how many bytes have been read
 * @throws MapFaultError when the file loses pages meanwhile
 */
export async function readInOrder(
  buffer: SlidingWindowMapBuffer,
  pace: Pace,
  report: (bytes: number) => void,
): Promise<Content> {
  const hash = createHash('sha256');
  let bytes = 0;
  let lines = 0;
  for (const chunk of buffer.chunks()) {
    // A chunk that loses a page is emptied while the event loop turns. Its length is then 0, the
    // inner loop ends, and the next step of chunks() throws.
    for (let at = 0; at < chunk.length; at += PIECE) {
      const piece = chunk.subarray(at, at + PIECE);
      hash.update(piece);
      lines += countNewlines(piece);
      bytes += piece.length;
      if (pace.due) {
        report(bytes);
        await pace.rest();
      }
    }
  }
  return { bytes, lines, sha256: hash.digest('hex') };
}

/** A plain loop: its cost does not depend on how short the lines are, as that of `indexOf` does. */
function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === NEWLINE) count++;
  }
  return count;
}
