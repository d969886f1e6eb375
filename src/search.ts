/** Searching a source that is reached through windows, with the semantics of Node's `Buffer`. */

import { isUint8Array } from 'node:util/types';
import { invalidType, invalidValue } from './arguments.js';
import type { ByteSource, ByteWindow } from './byte-source.js';
import { native } from './native.js';
import { copyOut, LONGEST_STRETCH, stretchAt } from './stretch.js';

/** What can be looked for: a byte, bytes, or a string in some encoding. */
export type SearchValue = number | string | Uint8Array;

/**
 * Index of the first occurrence that begins at `byteOffset` or later, or -1; as
 * `Buffer.prototype.indexOf`, save that offsets beyond 2 GiB count as they stand.
 * @param byteOffset negative counts from the end; @default 0
 * @param encoding of a string; with UTF-16 only even indices count. @default 'utf8'
 * @throws TypeError `ERR_INVALID_ARG_TYPE` when `value` is nothing that can be looked for,
 *   `ERR_UNKNOWN_ENCODING` for a string in an unknown encoding
 * @throws MapFaultError when a page that had to be read was lost
 */
export function indexOf(
  source: ByteSource,
  value: SearchValue,
  byteOffset?: number | BufferEncoding,
  encoding?: BufferEncoding,
): number {
  return search(source, value, byteOffset, encoding, true);
}

/**
 * Index of the last occurrence that begins at `byteOffset` or before, or -1; as
 * `Buffer.prototype.lastIndexOf`, with the same exception and errors as {@link indexOf}.
 * @param byteOffset negative counts from the end; @default the length of the source
 */
export function lastIndexOf(
  source: ByteSource,
  value: SearchValue,
  byteOffset?: number | BufferEncoding,
  encoding?: BufferEncoding,
): number {
  return search(source, value, byteOffset, encoding, false);
}

/** Whether {@link indexOf} finds `value`; as `Buffer.prototype.includes`. */
export function includes(
  source: ByteSource,
  value: SearchValue,
  byteOffset?: number | BufferEncoding,
  encoding?: BufferEncoding,
): boolean {
  return search(source, value, byteOffset, encoding, true) !== -1;
}

/**
 * Occurrences that do not overlap, counted from the front.
 * @throws TypeError `ERR_INVALID_ARG_VALUE` when `value` is empty, `ERR_INVALID_ARG_TYPE` as {@link indexOf}
 * @throws MapFaultError when a page was lost
 */
export function count(source: ByteSource, value: SearchValue): number {
  const { bytes } = needleOf(value, undefined);
  if (bytes.length === 0) throw invalidValue('value', 'one byte or more', value);
  const end = new Float64Array(1);
  let total = 0;
  let from = 0;
  while (from <= source.length - bytes.length) {
    const window = stretchAt(source, from);
    total += native.searchCount(window.bytes, bytes, from - window.begin, end);
    source.verify();
    // What begins in this window after the last one found can only cross its end.
    const crossing = window.begin + window.bytes.length - bytes.length + 1;
    const next = Math.max(window.begin + (end[0] as number), crossing);
    if (bytes.length === 1) {
      from = next;
      continue;
    }
    const at = new Finder(source, bytes, 1).first(next);
    if (at === -1) break;
    total++;
    from = at + bytes.length;
  }
  return total;
}

function search(
  source: ByteSource,
  value: SearchValue,
  byteOffset: number | string | undefined,
  encoding: string | undefined,
  forward: boolean,
): number {
  if (typeof byteOffset === 'string') return search(source, value, undefined, byteOffset, forward);
  const needle = needleOf(value, encoding);
  const { step } = needle;
  // UTF-16 leaves an odd last byte of either side out, but the offset is judged by the whole needle.
  const length = source.length - (source.length % step);
  const start = startOf(byteOffset as number, length, needle.length, forward);
  if (needle.length === 0) return start;
  if (start === -1 || needle.length > length || needle.bytes.length === 0) return -1;
  if (forward && start + needle.length > length) return -1;
  const finder = new Finder(source, needle.bytes, step);
  const from = start - (start % step);
  return forward ? finder.first(from) : finder.last(Math.min(from, length - needle.bytes.length));
}

/** Where a search begins, or -1 when nothing can be found from there; the rules are Node's. */
function startOf(byteOffset: number, length: number, size: number, forward: boolean): number {
  let offset = Math.trunc(+byteOffset);
  if (Number.isNaN(offset)) offset = forward ? 0 : length;
  if (offset < 0) {
    if (offset + length >= 0) return offset + length;
    return forward || size === 0 ? 0 : -1;
  }
  // Adding 0 turns -0 into 0.
  if (offset + size <= length) return offset + 0;
  if (size === 0) return length;
  return forward ? -1 : length - 1;
}

/** The bytes that are looked for. */
interface Needle {
  bytes: Buffer;
  /** Bytes the caller gave: one more than `bytes` holds when they do not come out even in UTF-16. */
  length: number;
  /** An occurrence may begin at indices divisible by this. */
  step: 1 | 2;
}

function needleOf(value: SearchValue, encoding: string | undefined): Needle {
  if (typeof value === 'number') return { bytes: Buffer.of(value), length: 1, step: 1 };
  const name = encoding === undefined ? 'utf8' : `${encoding}`;
  const step = /^(ucs-?2|utf-?16le)$/i.test(name) ? 2 : 1;
  // Bytes are copied, for they may lie in a window of the source that the search lets go.
  const bytes = typeof value === 'string' ? encode(value, name) : copied(value);
  const even = bytes.length - (bytes.length % step);
  return { bytes: bytes.subarray(0, even), length: bytes.length, step };
}

function encode(value: string, encoding: string): Buffer {
  if (Buffer.isEncoding(encoding)) return Buffer.from(value, encoding);
  const error = new TypeError(`Unknown encoding: ${encoding}`);
  throw Object.assign(error, { code: 'ERR_UNKNOWN_ENCODING' });
}

function copied(value: unknown): Buffer {
  if (isUint8Array(value)) return Buffer.from(value);
  throw invalidType('value', 'a number, a string, a Buffer or a Uint8Array', value);
}

/** A number when it is one byte: for that `Buffer.indexOf` is as fast as memory. */
type Needles = number | Buffer;

function firstIn(bytes: Buffer, needle: Needles, from: number): number {
  if (typeof needle === 'number') return bytes.indexOf(needle, from);
  return native.searchFirst(bytes, needle, from);
}

/** The last one that begins at `from` or before. */
function lastIn(bytes: Buffer, needle: Needles, from: number): number {
  if (typeof needle === 'number') return bytes.lastIndexOf(needle, from);
  return native.searchLast(bytes, needle, Math.min(from + needle.length, bytes.length));
}

const NO_WINDOW: ByteWindow = { bytes: Buffer.alloc(0), begin: 0 };

/**
 * Finds one needle in one source. Occurrences inside a window are found in place;
 * those that cross from one window into others are found in a copy of the bytes
 * around the border, at most the needle's length less one to either side.
 */
class Finder {
  readonly #source: ByteSource;
  readonly #size: number;
  readonly #step: number;
  readonly #needle: Needles;
  #window: ByteWindow = NO_WINDOW;
  #border: Buffer | undefined;

  constructor(source: ByteSource, needle: Buffer, step: number) {
    this.#source = source;
    this.#size = needle.length;
    this.#step = step;
    this.#needle = needle.length === 1 ? (needle[0] as number) : needle;
  }

  /** Index of the first occurrence that begins at `from` or later, or -1. */
  first(from: number): number {
    const size = this.#size;
    const last = this.#source.length - size;
    let start = from;
    while (start <= last) {
      const { bytes, begin } = this.#windowAt(start);
      const end = begin + bytes.length;
      let next = end - size + 1;
      let found: number;
      if (start < next) {
        found = this.#firstIn(bytes, begin, start);
        this.#source.verify();
      } else {
        // A needle longer than the window crosses many borders: one copy serves as many as it can.
        next = Math.min(bytes.length < size ? start + size - 1 : end, last + 1);
        next = Math.min(next, start + LONGEST_STRETCH);
        found = this.#firstIn(this.#copyOfBorder(start, next - 1), start, start);
      }
      if (found !== -1) return found;
      start = next;
    }
    return -1;
  }

  /** Index of the last occurrence that begins at `from` or before, or -1; one must fit at `from`. */
  last(from: number): number {
    const size = this.#size;
    let start = from;
    while (start >= 0) {
      const { bytes, begin } = this.#windowAt(start);
      const fits = begin + bytes.length - size;
      let next = begin - 1;
      let found: number;
      if (start <= fits) {
        found = this.#lastIn(bytes, begin, start);
        this.#source.verify();
      } else {
        next = Math.max(fits, start - LONGEST_STRETCH, -1);
        found = this.#lastIn(this.#copyOfBorder(next + 1, start), next + 1, start);
      }
      if (found !== -1) return found;
      start = next;
    }
    return -1;
  }

  #firstIn(bytes: Buffer, begin: number, from: number): number {
    let at = firstIn(bytes, this.#needle, from - begin);
    while (at !== -1 && (begin + at) % this.#step !== 0) at = firstIn(bytes, this.#needle, at + 1);
    return at === -1 ? -1 : begin + at;
  }

  #lastIn(bytes: Buffer, begin: number, from: number): number {
    let at = lastIn(bytes, this.#needle, from - begin);
    while (at !== -1 && (begin + at) % this.#step !== 0) {
      at = at === 0 ? -1 : lastIn(bytes, this.#needle, at - 1);
    }
    return at === -1 ? -1 : begin + at;
  }

  /** The window that holds `index`; nobody else asks for windows while a search runs. */
  #windowAt(index: number): ByteWindow {
    const { bytes, begin } = this.#window;
    if (index < begin || index >= begin + bytes.length) {
      this.#window = stretchAt(this.#source, index);
    }
    return this.#window;
  }

  /** A copy of all bytes of the occurrences that may begin at `first` to `last`. */
  #copyOfBorder(first: number, last: number): Buffer {
    const size = this.#size;
    this.#border ??= Buffer.allocUnsafeSlow(size - 1 + Math.min(size - 1, LONGEST_STRETCH));
    const copy = this.#border.subarray(0, last + size - first);
    // Copying asks for other windows, so the one at hand is no longer good.
    this.#window = NO_WINDOW;
    return copyOut(this.#source, first, last + size, copy);
  }
}
