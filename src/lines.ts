/** The lines of a source that is reached through windows. A line ends with the byte 10, `\n`. */

import { invalidType, knownOptions } from './arguments.js';
import type { ByteSource } from './byte-source.js';
import { native } from './native.js';
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

/** Line ends that are looked up at one go, and bytes that are searched for them before the first is given. */
const ENDS_AT_ONCE = 1024;
const LOOK_AHEAD = 256 * 1024;

/** Bytes of copies that may share memory: whoever keeps one line keeps so many, as with Node's small Buffers. */
const SHARED = 8 * 1024;

const NOTHING = Buffer.alloc(0);

/**
 * The lines in order, each without its `\n` (a `\r` before it stays). A last line
 * without `\n` is given; nothing is given for what follows a last `\n`. Copies share memory
 * with their neighbours, 8 KiB at the most. Other uses
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
  return eachLine(source, view);
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
  const ends = new Ends(source);
  let start = 0;
  while (start < source.length) {
    const { begin, positions, found } = ends.after(start);
    for (let i = 0; i < found; i++) {
      const end = begin + (positions[i] as number);
      if (end > source.length || visit(start, end) === false) return;
      start = end + 1;
    }
    if (found > 0) continue;
    visit(start, source.length); // the last line ends without `\n`
    return;
  }
}

function* eachLine(source: ByteSource, view: boolean): Generator<Buffer, void, undefined> {
  const ends = new Ends(source);
  const pieces = view ? new Views(source) : new Copies(source, ends);
  let start = 0;
  while (start < source.length) {
    const { begin, positions, found } = ends.after(start);
    for (let i = 0; i < found; i++) {
      const end = begin + (positions[i] as number);
      if (end > source.length) return;
      const line = pieces.give(start, end);
      start = end + 1;
      yield line;
    }
    if (found > 0) continue;
    yield pieces.give(start, source.length);
    return;
  }
}

/** Gives views of the windows, or copies of what crosses them. */
class Views {
  readonly #source: ByteSource;
  #bytes: Buffer = NOTHING;
  /** Index in the source of the first of the bytes. */
  #begin = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  give(start: number, end: number): Buffer {
    if (this.#source.atHand?.(this.#bytes, this.#begin) !== true) this.#move(start);
    else if (start >= this.#begin + this.#bytes.length) this.#move(start);
    else this.#source.verify();
    if (end > this.#begin + this.#bytes.length) return copyOut(this.#source, start, end);
    return this.#bytes.subarray(start - this.#begin, end - this.#begin);
  }

  #move(index: number): void {
    const { bytes, begin } = stretchAt(this.#source, index);
    this.#bytes = bytes;
    this.#begin = begin;
  }
}

/** Gives copies, several lines of which share memory: memory of its own costs more than a line. */
class Copies {
  readonly #source: ByteSource;
  readonly #ends: Ends;
  #shared: Buffer = NOTHING;
  /** Index in the source of its first byte. */
  #begin = 0;

  constructor(source: ByteSource, ends: Ends) {
    this.#source = source;
    this.#ends = ends;
  }

  give(start: number, end: number): Buffer {
    const at = start - this.#begin;
    if (at >= 0 && end - this.#begin <= this.#shared.length) {
      return this.#shared.subarray(at, end - this.#begin);
    }
    const last = Math.min(this.#ends.last, start + SHARED);
    if (end >= last) return copyOut(this.#source, start, end); // a long one, or nothing to share with
    this.#shared = copyOut(this.#source, start, last);
    this.#begin = start;
    return this.#shared.subarray(0, end - start);
  }
}

/** Finds the ends of lines, many at one go. */
class Ends {
  readonly positions = new Uint32Array(ENDS_AT_ONCE);
  /** How many of the positions are good. */
  found = 0;
  /** Index in the source from which the positions count. */
  begin = 0;
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Index in the source of the last end that was found. */
  get last(): number {
    return this.found === 0 ? 0 : this.begin + (this.positions[this.found - 1] as number);
  }

  /** The next ends from `start` on; none: no line ends with a `\n` any more. */
  after(start: number): this {
    this.found = 0;
    for (let from = start; this.found === 0 && from < this.#source.length; ) {
      const { bytes, begin } = stretchAt(this.#source, from);
      const to = Math.min(from - begin + LOOK_AHEAD, bytes.length);
      this.begin = begin;
      this.found = native.searchPositions(bytes, NEWLINE, from - begin, to, this.positions);
      this.#source.verify();
      from = begin + to;
    }
    return this;
  }
}
