/** Reading bytes by index: what a buffer over windows and a map of one mapping have in common. */
import { constants } from 'node:buffer';
import { isUint8Array } from 'node:util/types';
import { integer, invalidType, outOfRange } from './arguments.js';
import type { ByteSource, ByteWindow } from './byte-source.js';
import { MOST_DIRECT } from './direct-reads.js';
import {
  forEachLine,
  type LinesOptions,
  lines,
  type SomeLines,
  type TextLinesOptions,
} from './lines.js';
import { type MatchAllOptions, matchAll } from './match-all.js';
import { count, includes, indexOf, lastIndexOf, type SearchValue } from './search.js';
import { resolveSlice } from './slice.js';
import { copyInto, copyOut, copyPart, stretchAt, verifyCopy } from './stretch.js';
import { addTypedReaders, type TypedReaders } from './typed-readers.js';

/** No bytes: what stands in for a window while there is none. */
export const NOTHING: Buffer = Buffer.alloc(0);

/** Where values of 1 to 8 bytes are put that no window is mapped for. */
const SMALL: readonly Buffer[] = Array.from({ length: 9 }, (_, size) => Buffer.alloc(size));

/** Bytes that can be read by index, copied, searched and split into lines. */
export interface ReadableBytes extends TypedReaders {}
export abstract class ReadableBytes implements ByteSource {
  /**
   * @internal The window read last. A byte is loaded from it first and judged
   * after: outside it, past the end and in a detached buffer the load gives
   * `undefined`, so no check stands before it.
   */
  protected here: Buffer = NOTHING;
  /** @internal Index of the first byte of `here`. */
  protected hereBegin = 0;
  /** One object for all: a typed reader takes what it says before the next is asked. */
  readonly #place: { bytes: Buffer; at: number } = { bytes: NOTHING, at: 0 };

  /** Bytes that can be read. */
  abstract readonly length: number;
  /** @internal Sets `here` and `hereBegin`. */
  abstract windowAt(index: number): ByteWindow;
  /** @internal */
  abstract verify(): void;
  /** @internal */
  abstract lookAgain(index: number): void;
  /** @internal Whether `verify` judges what `here` lies in. */
  protected abstract standsHere(): boolean;
  /** @internal Fills a part of `into` without a window, where that is cheaper. False: nothing was read. */
  protected readDirectly(
    _index: number,
    _into: Uint8Array,
    _start: number,
    _size: number,
  ): boolean {
    return false;
  }
  /** @internal Throws where reading is a mistake, even of no bytes: the thing is closed. */
  ready(): void {}

  /**
   * The byte at `index`; a negative one counts from the end. `undefined` outside,
   * as `Array.prototype.at`.
   * @throws MapClosedError · MapFaultError, at the latest when the event loop has turned
   */
  at(index: number): number | undefined {
    const byte = this.here[index - this.hereBegin];
    if (byte !== undefined) return byte;
    return this.#farAt(index);
  }

  #farAt(index: number): number | undefined {
    const whole = Math.trunc(index) || 0;
    const from = whole < 0 ? whole + this.length : whole;
    if (!(from >= 0 && from < this.length)) return undefined;
    const at = from - this.hereBegin;
    if (at < this.here.length && at >= 0) return this.here[at]; // a negative index
    const one = SMALL[1] as Buffer;
    if (this.readDirectly(from, one, 0, 1)) return one[0];
    const { bytes, begin } = this.windowAt(from);
    return bytes[from - begin];
  }

  /**
   * The byte at `index`.
   * @param index 0 to `length - 1`
   * @throws RangeError `ERR_OUT_OF_RANGE` outside · MapClosedError · MapFaultError
   */
  get(index: number): number {
    if (typeof index === 'number') {
      const byte = this.here[index - this.hereBegin];
      if (byte !== undefined) return byte;
    }
    this.ready();
    const far = this.#farAt(integer('index', index));
    if (far === undefined)
      throw outOfRange('index', `less than the length (${this.length})`, index);
    return far;
  }

  /**
   * A copy of the bytes that Python's `[start:end:step]` selects: negative bounds
   * count from the end, bounds outside are cut, a negative step runs backwards.
   * @throws RangeError `ERR_OUT_OF_RANGE` for a step of 0, or more than one Buffer can hold
   * @throws MapClosedError · MapFaultError
   */
  slice(start?: number | null, end?: number | null, step?: number | null): Buffer {
    this.ready();
    const selected = resolveSlice(this.length, start, end, step);
    checkFits(selected.count);
    if (selected.count === 0) return Buffer.alloc(0);
    const copy = Buffer.allocUnsafeSlow(selected.count);
    if (selected.step === 1) {
      this.#fill(selected.start, copy, 0, copy.length);
      return copy;
    }
    let index = selected.start;
    for (let filled = 0; filled < copy.length; ) {
      const { bytes, begin } = this.windowAt(index);
      const end = begin + bytes.length;
      for (; filled < copy.length && index >= begin && index < end; index += selected.step) {
        copy[filled++] = bytes[index - begin] as number;
      }
      this.verify();
    }
    return copy;
  }

  /** Copies `size` bytes from index `start` on. */
  #fill(start: number, target: Uint8Array, targetStart: number, size: number): void {
    const at = start - this.hereBegin;
    const here = at >= 0 && at < this.here.length;
    if (here && at + size <= this.here.length && this.standsHere()) {
      copyPart(this.here, at, at + size, target, targetStart);
      verifyCopy(this, this.here, at, target, targetStart, targetStart + size, start);
      return;
    }
    if (!here && size <= MOST_DIRECT && this.readDirectly(start, target, targetStart, size)) return;
    this.copyTo(target, targetStart, size, start);
  }

  /** @internal */
  atHand(bytes: Buffer, begin: number): boolean {
    return bytes === this.here && begin === this.hereBegin && bytes.length > 0 && this.standsHere();
  }

  /**
   * The bytes from `start` to `end`, without a copy when one window holds them, else
   * copied. Bounds as for {@link slice}. A view is good while its region is in use.
   * @throws as {@link slice}
   */
  subarray(start?: number | null, end?: number | null): Buffer {
    this.ready();
    const { start: from, count: size } = resolveSlice(this.length, start, end);
    if (size === 0) return Buffer.alloc(0);
    const { bytes, begin } = this.windowAt(from);
    const at = from - begin;
    if (at + size <= bytes.length) return bytes.subarray(at, at + size);
    return this.across(from, size);
  }

  /** @internal The bytes that no single window holds, in one Buffer: a copy. */
  protected across(index: number, size: number): Buffer {
    checkFits(size);
    return copyOut(this, index, index + size);
  }

  /**
   * Copies bytes into `target`, as many as there are and fit.
   * @returns bytes copied
   * @throws TypeError `ERR_INVALID_ARG_TYPE` · RangeError `ERR_OUT_OF_RANGE` · MapFaultError
   */
  copy(target: Uint8Array, targetStart = 0, sourceStart = 0, sourceEnd = this.length): number {
    this.ready();
    if (!isUint8Array(target)) throw invalidType('target', 'a Buffer or Uint8Array', target);
    integer('targetStart', targetStart);
    integer('sourceStart', sourceStart, 0, this.length);
    integer('sourceEnd', sourceEnd);
    const size = Math.min(
      Math.min(sourceEnd, this.length) - sourceStart,
      target.length - targetStart,
    );
    if (size <= 0) return 0;
    this.#fill(sourceStart, target, targetStart, size);
    return size;
  }

  /** @internal Copies `size` bytes from `index` on into `target`, from `at` on. */
  protected copyTo(target: Uint8Array, at: number, size: number, index: number): void {
    copyInto(this, index, index + size, target, at);
  }

  /** As `Buffer.prototype.toString`. @throws MapClosedError · MapFaultError */
  toString(encoding: BufferEncoding = 'utf8', start = 0, end = this.length): string {
    this.ready();
    const from = Math.max(integer('start', start, Number.MIN_SAFE_INTEGER), 0);
    const to = Math.min(integer('end', end, Number.MIN_SAFE_INTEGER), this.length);
    if (!(from < to)) return '';
    checkFits(to - from);
    return copyOut(this, from, to).toString(encoding);
  }

  /** Index of the first occurrence, or -1; as `Buffer.prototype.indexOf`, across windows. */
  indexOf(
    value: SearchValue,
    byteOffset?: number | BufferEncoding,
    encoding?: BufferEncoding,
  ): number {
    this.ready();
    return indexOf(this, value, byteOffset, encoding);
  }

  /** Index of the last occurrence, or -1; as `Buffer.prototype.lastIndexOf`, across windows. */
  lastIndexOf(
    value: SearchValue,
    byteOffset?: number | BufferEncoding,
    encoding?: BufferEncoding,
  ): number {
    this.ready();
    return lastIndexOf(this, value, byteOffset, encoding);
  }

  /** Whether the value occurs; as `Buffer.prototype.includes`, across windows. */
  includes(
    value: SearchValue,
    byteOffset?: number | BufferEncoding,
    encoding?: BufferEncoding,
  ): boolean {
    this.ready();
    return includes(this, value, byteOffset, encoding);
  }

  /** Occurrences of a byte or bytes that do not overlap. */
  count(value: SearchValue): number {
    this.ready();
    return count(this, value);
  }

  /** Matches of a regular expression with the g flag over the bytes read as Latin-1; see `docs/api.md`. */
  matchAll(regex: RegExp, options?: MatchAllOptions): Generator<RegExpExecArray, void, undefined> {
    this.ready();
    return matchAll(this, regex, options);
  }

  /** The lines without their newline: copies, or with `view: true` views good until the next step. */
  lines(options?: LinesOptions): Generator<Buffer, void, undefined>;
  /** The lines without their newline as text. */
  lines(options: TextLinesOptions): Generator<string, void, undefined>;
  /** The one or the other, where only the options' values tell which. */
  lines(options?: LinesOptions | TextLinesOptions): SomeLines;
  lines(options?: LinesOptions | TextLinesOptions): SomeLines {
    this.ready();
    return lines(this, options);
  }

  /** Calls `visit` with the bounds of each line, newline excluded; returning `false` ends it. */
  forEachLine(visit: (start: number, end: number) => unknown): void {
    this.ready();
    forEachLine(this, visit);
  }

  /** The bytes in order without a copy, a window at a time, each good until the next step. */
  *chunks(): Generator<Buffer, void, undefined> {
    this.ready();
    for (let index = 0; index < this.length; ) {
      const { bytes, begin } = this.windowAt(index);
      const next = begin + bytes.length;
      yield index === begin ? bytes : bytes.subarray(index - begin);
      this.verify(); // a page lost meanwhile read as zeros
      index = next;
    }
  }

  /** The bytes as numbers. @throws MapClosedError from a step when it was closed · MapFaultError */
  *[Symbol.iterator](): Generator<number, void, undefined> {
    this.ready();
    const { length } = this;
    let index = 0;
    for (; index < this.length; index++) {
      const byte = this.at(index);
      if (byte === undefined) break; // it ended meanwhile
      yield byte;
    }
    if (index < length) this.ready(); // that it was closed is no end
  }

  /** @internal Where a value of `size` bytes at `index` can be read. */
  placeOf(index: number, size: number): { bytes: Buffer; at: number } {
    this.ready();
    if (index > this.length || size > this.length - index) {
      throw outOfRange(
        'offset',
        `such that ${size} bytes are inside the ${this.length} there are`,
        index,
      );
    }
    const at = index - this.hereBegin;
    if (at >= 0 && at + size <= this.here.length) return this.#placed(this.here, at);
    const small = SMALL[size];
    if (small !== undefined && this.readDirectly(index, small, 0, size)) {
      return this.#placed(small, 0);
    }
    const { bytes, begin } = stretchAt(this, index);
    if (index - begin + size <= bytes.length) return this.#placed(bytes, index - begin);
    return this.#placed(copyOut(this, index, index + size), 0);
  }

  #placed(bytes: Buffer, at: number): { bytes: Buffer; at: number } {
    this.#place.bytes = bytes;
    this.#place.at = at;
    return this.#place;
  }
}

function checkFits(size: number): void {
  if (size <= constants.MAX_LENGTH) return;
  const limit = `at most ${constants.MAX_LENGTH} bytes, what one Buffer can hold`;
  throw outOfRange('end', limit, size);
}

addTypedReaders(ReadableBytes.prototype, (self, offset, size) => self.placeOf(offset, size));
