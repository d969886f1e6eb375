/** Storing bytes by index: what a map can beside reading. */
import { isAnyArrayBuffer } from 'node:util/types';
import { integer, invalidState, invalidType, outOfRange } from './arguments.js';
import { ReadOnlyError } from './errors.js';
import { ReadableBytes } from './readable-bytes.js';
import { type ResolvedSlice, resolveSlice } from './slice.js';
import type { Place } from './typed-readers.js';
import { addTypedWriters, type TypedWriters } from './typed-writers.js';

/** Bytes as they can be handed in: any view or buffer of JavaScript. */
export type BytesLike = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/** Bytes that can be read, and stored into where that is allowed. */
export interface WritableBytes extends TypedWriters {}
export abstract class WritableBytes extends ReadableBytes {
  /** Where a typed writer puts a value that no single window holds. */
  readonly #between: Place = { bytes: Buffer.alloc(8), at: 0 };
  readonly #target: Place = { bytes: this.#between.bytes, at: 0 };

  /** Whether stores are refused. */
  abstract readonly readonly: boolean;

  /** @internal @throws ReadOnlyError · as `ready` */
  protected checkWritable(): void {
    this.ready();
    if (this.readonly) {
      throw new ReadOnlyError('nothing can be stored here: open with access "write" or "copy"');
    }
  }

  /**
   * Stores a byte.
   * @param index 0 to `length - 1`
   * @param byte 0 to 255
   * @throws RangeError `ERR_OUT_OF_RANGE` · ReadOnlyError · MapClosedError · MapFaultError
   */
  set(index: number, byte: number): void {
    this.checkWritable();
    if (integer('index', index) >= this.length) {
      throw outOfRange('index', `less than the length (${this.length})`, index);
    }
    integer('byte', byte, 0, 255);
    if (!(this.here.length > index - this.hereBegin && index >= this.hereBegin)) {
      this.windowAt(index);
    }
    this.here[index - this.hereBegin] = byte;
    this.verify();
  }

  /**
   * Stores bytes where Python's `[start:end:step]` selects them.
   * @param bytes exactly as many as are selected
   * @throws RangeError `ERR_OUT_OF_RANGE` for another number of bytes: nothing is stored then
   * @throws TypeError `ERR_INVALID_ARG_TYPE` · ReadOnlyError · MapClosedError · MapFaultError
   */
  setSlice(
    bytes: BytesLike,
    start?: number | null,
    end?: number | null,
    step?: number | null,
  ): void {
    this.checkWritable();
    const source = asBuffer('bytes', bytes);
    const selected = resolveSlice(this.length, start, end, step);
    if (source.length !== selected.count) {
      const wanted = `${selected.count} bytes, as many as are selected (slice assignment is wrong size)`;
      throw outOfRange('bytes', wanted, source.length);
    }
    if (selected.step === 1) this.store(selected.start, source);
    else this.#storeApart(selected, source);
  }

  #storeApart(selected: ResolvedSlice, source: Buffer): void {
    const copy = Buffer.from(source); // it may be our own memory
    let index = selected.start;
    for (let done = 0; done < copy.length; ) {
      const { bytes: window, begin } = this.windowAt(index);
      const end = begin + window.length;
      for (; done < copy.length && index >= begin && index < end; index += selected.step) {
        window[index - begin] = copy[done++] as number;
      }
    }
    this.verify();
  }

  /** @internal Stores bytes from `index` on, all of which are inside. */
  protected store(index: number, bytes: Buffer): void {
    if (bytes.length > 0) {
      const { bytes: window, begin } = this.windowAt(index);
      const at = index - begin;
      // In one piece: `bytes` may be our own memory, and the two ranges may overlap.
      if (bytes.length <= window.length - at) window.set(bytes, at);
      else this.across(index, bytes.length).set(bytes);
    }
    this.verify();
  }

  /** @internal The bytes that no single window holds, without a copy. */
  protected abstract override across(index: number, size: number): Buffer;

  /** @internal Where a typed writer puts its value. */
  placeToStore(index: number, size: number): Place {
    this.checkWritable();
    if (index > this.length || size > this.length - index) {
      const inside = `such that ${size} bytes are inside the ${this.length} there are`;
      throw outOfRange('offset', inside, index);
    }
    let at = index - this.hereBegin;
    if (!(at >= 0 && at < this.here.length)) {
      this.windowAt(index);
      at = index - this.hereBegin;
    }
    if (at + size > this.here.length) return this.#between;
    this.#target.bytes = this.here;
    this.#target.at = at;
    return this.#target;
  }

  /** @internal A typed writer has put its value. */
  stored(place: Place, index: number, size: number): void {
    if (place === this.#between) this.store(index, place.bytes.subarray(0, size));
    else this.verify();
  }
}

/** The bytes without a copy. @throws TypeError `ERR_INVALID_ARG_TYPE` · `ERR_INVALID_STATE` of a detached buffer */
export function asBuffer(name: string, value: unknown): Buffer {
  try {
    if (ArrayBuffer.isView(value)) {
      return Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
    }
    if (isAnyArrayBuffer(value)) return Buffer.from(value as ArrayBuffer);
  } catch (cause) {
    const gone = `the ArrayBuffer of "${name}" was moved away or cut: hand in bytes that are there`;
    throw Object.assign(invalidState(gone), { cause });
  }
  const remedy = typeof value === 'string' ? ' (of a text: Buffer.from(text))' : '';
  throw invalidType(name, `bytes: a Buffer, a view or an ArrayBuffer${remedy}`, value);
}

addTypedWriters(WritableBytes.prototype, {
  place: (self, offset, size) => self.placeToStore(offset, size),
  written: (self, place, offset, size) => self.stored(place, offset, size),
});
