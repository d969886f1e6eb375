/** The lines of a source that is reached through windows. A line ends with the byte 10, `\n`. */

import { invalidType, knownOptions } from './arguments.js';
import type { ByteSource } from './byte-source.js';
import { native } from './native.js';
import { copyOut, stretchAt } from './stretch.js';
import { viewOf } from './view.js';

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

const NO_SOURCE: ByteSource = {
  length: 0,
  windowAt: (index) => ({ bytes: NOTHING, begin: index }),
  verify: () => {},
};

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
  return new Lines(source, view);
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

/** What generators inherit: `[Symbol.iterator]`, and, where the engine has them, `map` and its like, and `[Symbol.dispose]`. */
function Inherited() {}
Inherited.prototype = Object.getPrototypeOf(function* () {}.prototype);
const GeneratorLike = Inherited as unknown as new () => Generator<Buffer, void, undefined>;

/**
 * What {@link lines} gives: to its user a generator. A real one is left and entered for each
 * line, and gives an object each time; the steps of a class become part of the loop around them.
 */
class Lines extends GeneratorLike {
  #source: ByteSource;
  readonly #ends: Ends;
  readonly #pieces: Views | Copies;
  /** Index in the source of the next line. */
  #start = 0;
  /** How many of the ends were used. */
  #used = 0;
  /** A step may tell of events, and who is told may ask for a step. */
  #running = false;

  constructor(source: ByteSource, view: boolean) {
    super();
    this.#source = source;
    this.#ends = new Ends(source);
    this.#pieces = view ? new Views(source) : new Copies(source, this.#ends);
  }

  override next(): IteratorResult<Buffer, void> {
    this.#checkIdle();
    this.#running = true;
    try {
      const line = this.#line();
      if (line !== undefined) return { value: line, done: false };
      this.#finish();
    } catch (error) {
      this.#finish();
      throw error;
    } finally {
      this.#running = false;
    }
    return { value: undefined, done: true };
  }

  override return(value: undefined): IteratorResult<Buffer, void> {
    this.#checkIdle();
    this.#finish();
    return { value, done: true };
  }

  override throw(error: unknown): IteratorResult<Buffer, void> {
    this.#checkIdle();
    this.#finish();
    throw error;
  }

  #line(): Buffer | undefined {
    if (this.#used === this.#ends.found) {
      if (this.#start >= this.#source.length) return undefined;
      this.#used = 0;
      if (this.#ends.after(this.#start).found === 0) return this.#rest();
    }
    const end = this.#ends.at(this.#used++);
    if (end > this.#source.length) return undefined;
    const line = this.#pieces.give(this.#start, end);
    this.#start = end + 1;
    return line;
  }

  /** The last line, which ends without `\n`. */
  #rest(): Buffer {
    const line = this.#pieces.give(this.#start, this.#source.length);
    this.#finish();
    return line;
  }

  #checkIdle(): void {
    if (this.#running) throw new TypeError('a step of the lines was asked for inside another');
  }

  /** No more lines, also if the source has some. */
  #finish(): void {
    this.#source = NO_SOURCE;
    this.#ends.found = 0;
    this.#used = 0;
  }
}

/** Gives views of the windows, or copies of what crosses them. */
class Views {
  readonly #source: ByteSource;
  #bytes: Buffer = NOTHING;
  /** Where the bytes lie. */
  #memory: ArrayBufferLike = NOTHING.buffer;
  #offset = 0;
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
    return viewOf(this.#memory, this.#offset + start - this.#begin, end - start);
  }

  #move(index: number): void {
    const { bytes, begin } = stretchAt(this.#source, index);
    this.#bytes = bytes;
    this.#memory = bytes.buffer;
    this.#offset = bytes.byteOffset;
    this.#begin = begin;
  }
}

/** Gives copies, several lines of which share memory: memory of its own costs more than a line. */
class Copies {
  readonly #source: ByteSource;
  readonly #ends: Ends;
  /** Memory of its own from the first byte to the last. */
  #shared: Buffer = NOTHING;
  #memory: ArrayBufferLike = NOTHING.buffer;
  /** Index in the source of its first byte. */
  #begin = 0;

  constructor(source: ByteSource, ends: Ends) {
    this.#source = source;
    this.#ends = ends;
  }

  give(start: number, end: number): Buffer {
    const at = start - this.#begin;
    if (at >= 0 && end - this.#begin <= this.#shared.length) {
      return viewOf(this.#memory, at, end - start);
    }
    const last = Math.min(this.#ends.last, start + SHARED);
    if (end >= last) return copyOut(this.#source, start, end); // a long one, or nothing to share with
    this.#shared = copyOut(this.#source, start, last);
    this.#memory = this.#shared.buffer;
    this.#begin = start;
    return viewOf(this.#memory, 0, end - start);
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
    return this.found === 0 ? 0 : this.at(this.found - 1);
  }

  /** Index in the source of one of them. */
  at(number: number): number {
    return this.begin + (this.positions[number] as number);
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
