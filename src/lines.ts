/** The lines of a source that is reached through windows. A line ends with the byte 10, `\n`. */

import { invalidType, invalidValue, knownOptions } from './arguments.js';
import type { ByteSource } from './byte-source.js';
import { Ends } from './line-ends.js';
import {
  Copies,
  LINE_ENCODINGS,
  type LineEncoding,
  type Pieces,
  Texts,
  Views,
} from './line-pieces.js';

/** How {@link lines} gives its lines. */
export interface LinesOptions {
  /**
   * Give views of the mapped bytes instead of copies: faster, but good only until
   * the next step. A line that crosses windows is a copy all the same.
   * @default false
   */
  view?: boolean;
  /** Bytes have none: see {@link TextLinesOptions}. */
  encoding?: undefined;
}

/** How {@link lines} gives its lines as text. */
export interface TextLinesOptions {
  /**
   * What the bytes are decoded as, by the rules of `Buffer.toString`: bytes that are no UTF-8
   * become U+FFFD, and a byte order mark stays.
   */
  encoding: LineEncoding;
  /** Text is never a view. */
  view?: false | undefined;
}

/** What {@link lines} gives when only the options' values tell which. */
export type SomeLines = Generator<Buffer, void, undefined> | Generator<string, void, undefined>;

const NOTHING = Buffer.alloc(0);

const NO_SOURCE: ByteSource = {
  length: 0,
  windowAt: (index) => ({ bytes: NOTHING, begin: index }),
  verify: () => {},
};

/**
 * The lines in order, each without its `\n` (a `\r` before it stays). A last line
 * without `\n` is given; nothing is given for what follows a last `\n`. Copies share
 * memory with their neighbours, 8 KiB at the most; so do texts, 16 Ki characters. Other uses
 * of the source between the steps do no harm; if it ends meanwhile, so do the lines.
 * @throws MapClosedError from a step when the source was closed before its end
 * @throws TypeError `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for bad options
 * @throws MapFaultError from a step when a page of the line was lost
 * @throws Error `ERR_STRING_TOO_LONG` from a step when no string can hold the line
 */
export function lines(
  source: ByteSource,
  options?: LinesOptions,
): Generator<Buffer, void, undefined>;
export function lines(
  source: ByteSource,
  options: TextLinesOptions,
): Generator<string, void, undefined>;
export function lines(source: ByteSource, options?: LinesOptions | TextLinesOptions): SomeLines;
export function lines(source: ByteSource, options?: LinesOptions | TextLinesOptions): SomeLines {
  knownOptions(options, ['view', 'encoding']);
  const { view = false, encoding } = options ?? {};
  if (typeof view !== 'boolean') throw invalidType('view', 'a boolean', view);
  const ends = new Ends(source);
  if (encoding !== undefined) {
    checkEncoding(encoding);
    if (view) throw invalidValue('view', 'left out where "encoding" is given', view);
    return new Lines(source, ends, new Texts(source, ends, encoding));
  }
  return new Lines(source, ends, view ? new Views(source) : new Copies(source, ends));
}

function checkEncoding(encoding: unknown): void {
  if (typeof encoding !== 'string') throw invalidType('encoding', 'a string', encoding);
  if ((LINE_ENCODINGS as readonly string[]).includes(encoding)) return;
  throw invalidValue('encoding', `one of ${LINE_ENCODINGS.join(', ')}`, encoding);
}

/**
 * Calls `visit` with the bounds of each line: index of its first byte, and index
 * of its `\n` or of the end of the source. No object is made for a line. It ends
 * early when `visit` returns exactly `false`. `visit` may use the source itself; if
 * the source ends meanwhile, so do the lines.
 * @throws MapClosedError when `visit` closed the source before its end
 * @throws TypeError `ERR_INVALID_ARG_TYPE` when `visit` is no function
 * @throws MapFaultError when a page was lost, at the latest when its line is due
 */
export function forEachLine(
  source: ByteSource,
  visit: (start: number, end: number) => unknown,
): void {
  if (typeof visit !== 'function') throw invalidType('visit', 'a function', visit);
  const ends = new Ends(source);
  const { length } = source;
  let start = 0;
  while (start < source.length) {
    const { begin, positions, found } = ends.after(start);
    for (let i = 0; i < found; i++) {
      const end = begin + (positions[i] as number);
      if (end > source.length) {
        source.ready?.();
        return;
      }
      if (visit(start, end) === false) return;
      start = end + 1;
    }
    if (found > 0) continue;
    visit(start, source.length); // the last line ends without `\n`
    return;
  }
  if (start < length) source.ready?.();
}

/** What generators inherit: `[Symbol.iterator]`, and, where the engine has them, `map` and its like, and `[Symbol.dispose]`. */
function Inherited() {}
Inherited.prototype = Object.getPrototypeOf(function* () {}.prototype);
const GeneratorLike = Inherited as unknown as new <Line>() => Generator<Line, void, undefined>;

/**
 * What {@link lines} gives: to its user a generator. A real one is left and entered for each
 * line, and gives an object each time; the steps of a class become part of the loop around them.
 */
class Lines<Line> extends GeneratorLike<Line> {
  #source: ByteSource;
  /** Bytes that there were at the beginning. */
  readonly #length: number;
  readonly #ends: Ends;
  readonly #pieces: Pieces<Line>;
  /** Index in the source of the next line. */
  #start = 0;
  /** How many of the ends were used. */
  #used = 0;
  /** A step may tell of events, and who is told may ask for a step. */
  #running = false;

  constructor(source: ByteSource, ends: Ends, pieces: Pieces<Line>) {
    super();
    this.#source = source;
    this.#length = source.length;
    this.#ends = ends;
    this.#pieces = pieces;
  }

  override next(): IteratorResult<Line, void> {
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

  override return(value: undefined): IteratorResult<Line, void> {
    this.#checkIdle();
    this.#finish();
    return { value, done: true };
  }

  override throw(error: unknown): IteratorResult<Line, void> {
    this.#checkIdle();
    this.#finish();
    throw error;
  }

  #line(): Line | undefined {
    if (this.#used === this.#ends.found) {
      if (this.#start >= this.#source.length) return this.#ended();
      this.#used = 0;
      if (this.#ends.after(this.#start).found === 0) return this.#rest();
    }
    const end = this.#ends.at(this.#used++);
    if (end > this.#source.length) return this.#ended();
    const line = this.#pieces.give(this.#start, end);
    this.#start = end + 1;
    return line;
  }

  /** The source has no more, which is an error where it was closed before its end. */
  #ended(): undefined {
    if (this.#start < this.#length) this.#source.ready?.();
  }

  /** The last line, which ends without `\n`. */
  #rest(): Line {
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
