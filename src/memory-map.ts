/** One mapping as bytes and as a file that is read: what Python calls `mmap.mmap`. */
import { isUint8Array } from 'node:util/types';
import { integer, invalidState, invalidType, outOfRange } from './arguments.js';
import type { ByteWindow } from './byte-source.js';
import { MapClosedError, type MapFaultError } from './errors.js';
import type { MappedFile } from './file.js';
import type { Access, Mapping } from './mapping.js';
import { Part } from './part.js';
import { ReadableBytes } from './readable-bytes.js';
import { indexOf, lastIndexOf } from './search.js';
import { resolveSlice } from './slice.js';
import { copyOut } from './stretch.js';

/** What can be looked for by {@link MemoryMap.find}: a byte, a string (UTF-8) or bytes. */
export type Findable = number | string | Uint8Array;

/**
 * A mapping of a file, read by index or from a position that moves. Those that
 * `cursor.map()` and `region.map()` give belong to their region: they end with
 * it, and cannot be closed or resized by themselves.
 */
export class MemoryMap extends ReadableBytes {
  readonly #mapping: Mapping;
  readonly #file: MappedFile;
  readonly #fault: () => MapFaultError;
  #position = 0;

  private constructor(mapping: Mapping, file: MappedFile, fault: () => MapFaultError) {
    super();
    this.#mapping = mapping;
    this.#file = file;
    this.#fault = fault;
  }

  /**
   * @internal A map over a region's mapping.
   * @param fault makes the error for a lost page
   */
  static over(mapping: Mapping, file: MappedFile, fault: () => MapFaultError): MemoryMap {
    return new MemoryMap(mapping, file, fault);
  }

  /** Bytes mapped; 0 once it is closed. */
  override get length(): number {
    return this.closed ? 0 : this.#mapping.length;
  }

  /** Whether it is no longer mapped. */
  get closed(): boolean {
    return this.#mapping.closed;
  }

  /** What stores do. */
  get access(): Access {
    return this.#mapping.access;
  }

  /** Offset into the file of the first byte. */
  get offset(): number {
    return this.#mapping.offset;
  }

  /** Whether stores are refused. */
  get readonly(): boolean {
    return this.access === 'read';
  }

  /** Whether a page of it could not be had. */
  get faulted(): boolean {
    return this.#mapping.faults > 0;
  }

  /**
   * All bytes without a copy; empty once the map is closed.
   * @throws RangeError `ERR_OUT_OF_RANGE` past `buffer.constants.MAX_LENGTH` (4 GiB on Node 20)
   */
  get bytes(): Buffer {
    this.verify();
    return this.#mapping.bytes();
  }

  /** The mapping's own ArrayBuffer, exactly `length` bytes. @throws as {@link bytes} */
  get arrayBuffer(): ArrayBuffer {
    return this.bytes.buffer as ArrayBuffer;
  }

  /** @internal */
  override windowAt(index: number): ByteWindow {
    this.verify();
    const piece = this.#mapping.pieceAt(index);
    this.here = piece.bytes;
    this.hereBegin = piece.begin;
    return piece;
  }

  /** @internal */
  override verify(): void {
    if (this.faulted) throw this.#fault();
    if (this.closed) throw new MapClosedError(`the map of ${this.#file.name} is closed`);
  }

  /** @internal */
  protected override ready(): void {
    this.verify();
  }

  /** @throws MapClosedError when closed: unlike an index outside, that is a mistake */
  override at(index: number): number | undefined {
    const byte = this.here[index - this.hereBegin];
    if (byte !== undefined) return byte;
    this.verify();
    return super.at(index);
  }

  /**
   * Index of the first occurrence between `start` and `end`, or -1. As Python's
   * `find`: from the position when `start` is left out, bounds as those of a slice.
   */
  find(sub: Findable, start?: number, end?: number): number {
    const [low, high, needle] = this.#findRange(sub, start, end);
    if (high < low) return -1;
    if (needle.length === 0) return low;
    const found = indexOf(new Part(this, low, high), needle);
    return found === -1 ? -1 : low + found;
  }

  /** As {@link find}, the last occurrence. */
  rfind(sub: Findable, start?: number, end?: number): number {
    const [low, high, needle] = this.#findRange(sub, start, end);
    if (high < low) return -1;
    if (needle.length === 0) return high;
    const found = lastIndexOf(new Part(this, low, high), needle);
    return found === -1 ? -1 : low + found;
  }

  #findRange(
    sub: Findable,
    start: number | undefined,
    end: number | undefined,
  ): [number, number, Buffer] {
    this.verify();
    const low = resolveSlice(this.length, start ?? Math.min(this.#position, this.length)).start;
    const high = resolveSlice(this.length, 0, end).stop;
    return [low, high, needleOf(sub)];
  }

  /** Up to `size` bytes from the position, which moves behind them; all the rest when left out or negative. */
  read(size?: number | null): Buffer {
    this.verify();
    const rest = Math.max(this.length - this.#position, 0);
    if (size !== undefined && size !== null) {
      integer('size', size, Number.MIN_SAFE_INTEGER);
    }
    const wanted = size === undefined || size === null || size < 0 ? rest : Math.min(size, rest);
    const bytes = this.slice(this.#position, this.#position + wanted);
    this.#position += wanted;
    return bytes;
  }

  /** The byte at the position, which moves behind it. @throws RangeError `ERR_OUT_OF_RANGE` at the end */
  readByte(): number {
    this.verify();
    if (this.#position >= this.length)
      throw outOfRange('position', 'before the end to read a byte', this.#position);
    return this.get(this.#position++);
  }

  /** The bytes up to and with the next newline, or to the end; empty at the end. */
  readline(): Buffer {
    this.verify();
    if (this.#position >= this.length) return Buffer.alloc(0);
    const newline = this.indexOf(10, this.#position);
    const end = newline === -1 ? this.length : newline + 1;
    const line = copyOut(this, this.#position, end);
    this.#position = end;
    return line;
  }

  /**
   * Moves the position.
   * @param whence 0 from the beginning, 1 from the position, 2 from the end
   * @returns the new position
   * @throws RangeError `ERR_OUT_OF_RANGE` outside 0 to `length`
   */
  seek(position: number, whence = 0): number {
    this.verify();
    integer('position', position, Number.MIN_SAFE_INTEGER);
    integer('whence', whence, 0, 2);
    const base = [0, this.#position, this.length][whence] as number;
    this.#position = integer('position', base + position, 0, this.length);
    return this.#position;
  }

  /** The position. */
  tell(): number {
    this.verify();
    return this.#position;
  }

  /** Always `true`. */
  seekable(): boolean {
    return true;
  }

  /** Size of the file now, in bytes. @throws Error of the system */
  size(): number {
    this.verify();
    return this.#file.sizeNow();
  }

  /** @throws TypeError `ERR_INVALID_STATE`: the region that owns the mapping closes it */
  close(): void {
    throw invalidState('this map belongs to a region: close the cursor, the region or the manager');
  }

  /** Exactly `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @throws TypeError `ERR_INVALID_STATE`: the mapping belongs to its region */
  resize(_newSize: number): void {
    throw invalidState('this map belongs to a region and cannot be resized');
  }
}

function needleOf(sub: unknown): Buffer {
  if (typeof sub === 'number') return Buffer.of(integer('sub', sub, 0, 255));
  if (typeof sub === 'string') return Buffer.from(sub);
  if (isUint8Array(sub)) return Buffer.from(sub.buffer, sub.byteOffset, sub.byteLength);
  throw invalidType('sub', 'a byte, a string or bytes', sub);
}
