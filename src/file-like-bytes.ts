/** Bytes with a position that moves, as a file has. */
import { isUint8Array } from 'node:util/types';
import { integer, invalidType, outOfRange } from './arguments.js';
import { Part } from './part.js';
import { indexOf, lastIndexOf } from './search.js';
import { resolveSlice } from './slice.js';
import { copyOut } from './stretch.js';
import { asBuffer, type BytesLike, WritableBytes } from './writable-bytes.js';

/** What can be looked for by `find`: a byte, a string (UTF-8) or bytes. */
export type Findable = number | string | Uint8Array;

/** Bytes that are also read, written and searched from a position, as Python's `mmap` is. */
export abstract class FileLikeBytes extends WritableBytes {
  #position = 0;

  /**
   * Index of the first occurrence between `start` and `end`, or -1. As Python's
   * `find`: from the position when `start` is left out, bounds as those of a slice.
   */
  find(sub: Findable, start?: number | null, end?: number | null): number {
    const [low, high, needle] = this.#findRange(sub, start, end);
    if (high < low) return -1;
    if (needle.length === 0) return low;
    const found = indexOf(new Part(this, low, high), needle);
    return found === -1 ? -1 : low + found;
  }

  /** As {@link find}, the last occurrence. */
  rfind(sub: Findable, start?: number | null, end?: number | null): number {
    const [low, high, needle] = this.#findRange(sub, start, end);
    if (high < low) return -1;
    if (needle.length === 0) return high;
    const found = lastIndexOf(new Part(this, low, high), needle);
    return found === -1 ? -1 : low + found;
  }

  #findRange(
    sub: Findable,
    start: number | null | undefined,
    end: number | null | undefined,
  ): [number, number, Buffer] {
    this.ready();
    const low = resolveSlice(this.length, start ?? Math.min(this.#position, this.length)).start;
    const high = resolveSlice(this.length, 0, end).stop;
    return [low, high, needleOf(sub)];
  }

  /** Up to `size` bytes from the position, which moves behind them; all the rest when left out or negative. */
  read(size?: number | null): Buffer {
    this.ready();
    const rest = Math.max(this.length - this.#position, 0);
    const wanted = integer('size', size ?? rest, Number.MIN_SAFE_INTEGER);
    const count = wanted < 0 ? rest : Math.min(wanted, rest);
    if (count === 0) return Buffer.alloc(0);
    const bytes = this.slice(this.#position, this.#position + count);
    this.#position += count;
    return bytes;
  }

  /** The byte at the position, which moves behind it. @throws RangeError `ERR_OUT_OF_RANGE` at the end */
  readByte(): number {
    this.ready();
    if (this.#position >= this.length) throw this.#atEnd('read byte out of range');
    return this.get(this.#position++);
  }

  /** The bytes up to and with the next newline, or to the end; empty at the end. */
  readline(): Buffer {
    this.ready();
    if (this.#position >= this.length) return Buffer.alloc(0);
    const newline = this.indexOf(10, this.#position);
    const end = newline === -1 ? this.length : newline + 1;
    const line = copyOut(this, this.#position, end);
    this.#position = end;
    return line;
  }

  /**
   * Stores bytes at the position, which moves behind them: all or none.
   * @returns bytes stored
   * @throws RangeError `ERR_OUT_OF_RANGE` when they do not fit before the end
   * @throws TypeError `ERR_INVALID_ARG_TYPE` · ReadOnlyError · MapClosedError · MapFaultError
   */
  write(bytes: BytesLike): number {
    this.checkWritable();
    const source = asBuffer('bytes', bytes);
    const room = this.length - this.#position;
    if (room < 0 || source.length > room) {
      const most = `at most ${Math.max(room, 0)} long, what is left from the position (data out of range)`;
      throw outOfRange('bytes', most, source.length);
    }
    const { length } = source; // it may be our own memory, and go with it
    this.store(this.#position, source);
    this.#position += length;
    return length;
  }

  /**
   * Stores a byte at the position, which moves behind it.
   * @param byte 0 to 255
   * @throws RangeError `ERR_OUT_OF_RANGE` · ReadOnlyError · MapClosedError · MapFaultError
   */
  writeByte(byte: number): void {
    this.checkWritable();
    integer('byte', byte, 0, 255);
    if (this.#position >= this.length) throw this.#atEnd('write byte out of range');
    this.set(this.#position, byte);
    this.#position++;
  }

  #atEnd(what: string): RangeError {
    return outOfRange('position', `before the end, at ${this.length} (${what})`, this.#position);
  }

  /**
   * Moves the position.
   * @param whence 0 from the beginning, 1 from the position, 2 from the end
   * @returns the new position
   * @throws RangeError `ERR_OUT_OF_RANGE` outside 0 to `length`
   */
  seek(position: number, whence = 0): number {
    this.ready();
    integer('position', position, Number.MIN_SAFE_INTEGER);
    integer('whence', whence, 0, 2);
    const base = [0, this.#position, this.length][whence] as number;
    this.#position = integer('position', base + position, 0, this.length);
    return this.#position;
  }

  /** The position; after a resize it may lie past the end. */
  tell(): number {
    this.ready();
    return this.#position;
  }

  /** Always `true`. */
  seekable(): boolean {
    return true;
  }
}

function needleOf(sub: unknown): Buffer {
  if (typeof sub === 'number') return Buffer.of(integer('sub', sub, 0, 255));
  if (typeof sub === 'string') return Buffer.from(sub);
  if (isUint8Array(sub)) return asBuffer('sub', sub);
  throw invalidType('sub', 'a byte, a string or bytes', sub);
}
