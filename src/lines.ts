/** The lines of a source that is reached through windows. A line ends with the byte 10, `\n`. */

import { invalidType, knownOptions } from './arguments.js';
import type { ByteSource } from './byte-source.js';
import { copyOut, stretchAt } from './stretch.js';

/** How {@link lines} gives its lines. */
export interface LinesOptions {
  /**
   * Give views of the mapped bytes instead of copies: faster, but good only until
   * the next step. A line that crosses windows is a copy all the same.
   * @default false
   */
  view?: boolean;
}

const NEWLINE = 10;

/** Line ends that {@link forEachLine} looks up at one go, and bytes it looks ahead for them. */
const MOST_ENDS = 256;
const LOOK_AHEAD = 64 * 1024;

/**
 * The lines in order, each without its `\n` (a `\r` before it stays). A last line
 * without `\n` is given; nothing is given for what follows a last `\n`. Other uses
 * of the source between the steps do no harm; if it ends meanwhile, so do the lines.
 * @throws TypeError `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for bad options
 * @throws MapFaultError from a step when a page of the line was lost
 */
export function lines(
  source: ByteSource,
  options?: LinesOptions,
): Generator<Buffer, void, undefined> {
  knownOptions(options, ['view']);
  const { view = false } = options ?? {};
  if (typeof view !== 'boolean') throw invalidType('view', 'a boolean', view);
  return eachLine(source, view ? viewOrCopy : copyOut);
}

/**
 * Calls `visit` with the bounds of each line: index of its first byte, and index
 * of its `\n` or of the end of the source. No object is made for a line. It ends
 * early when `visit` returns exactly `false`. `visit` may use the source itself; if
 * the source ends meanwhile, so do the lines.
 * @throws TypeError `ERR_INVALID_ARG_TYPE` when `visit` is no function
 * @throws MapFaultError when a page was lost, at the latest when its line is due
 */
export function forEachLine(
  source: ByteSource,
  visit: (start: number, end: number) => unknown,
): void {
  if (typeof visit !== 'function') throw invalidType('visit', 'a function', visit);
  const ends: number[] = [];
  let start = 0;
  while (start < source.length) {
    const found = findEnds(source, start, ends, MOST_ENDS);
    for (let i = 0; i < found; i++) {
      const end = ends[i] as number;
      if (end > source.length || visit(start, end) === false) return;
      start = end + 1;
    }
  }
}

function* eachLine(
  source: ByteSource,
  give: (source: ByteSource, start: number, end: number) => Buffer,
): Generator<Buffer, void, undefined> {
  const ends: number[] = [];
  let start = 0;
  while (start < source.length) {
    findEnds(source, start, ends, 1);
    const end = ends[0] as number;
    const line = give(source, start, end);
    start = end + 1;
    yield line;
  }
}

/**
 * Puts the ends of up to `most` lines into `ends`, the first of them that of the
 * line that begins at `start`, and says how many they are: at least one.
 */
function findEnds(source: ByteSource, start: number, ends: number[], most: number): number {
  let found = 0;
  let from = start;
  while (from < source.length) {
    const { bytes, begin } = stretchAt(source, from);
    const far = from - begin + LOOK_AHEAD;
    let at = bytes.indexOf(NEWLINE, from - begin);
    while (at !== -1) {
      ends[found++] = begin + at;
      if (found === most || at >= far) break;
      at = bytes.indexOf(NEWLINE, at + 1);
    }
    source.verify();
    if (found > 0) return found;
    from = begin + bytes.length;
  }
  ends[0] = from;
  return 1;
}

/** The bytes from `start` to `end`: a view when they lie in one window, else a copy. */
function viewOrCopy(source: ByteSource, start: number, end: number): Buffer {
  const { bytes, begin } = stretchAt(source, start);
  if (end > begin + bytes.length) return copyOut(source, start, end);
  return bytes.subarray(start - begin, end - begin);
}
