/** The bytes of one mapping, and how things are with it. */
import { invalidState } from './arguments.js';
import type { ByteWindow } from './byte-source.js';
import { MapClosedError } from './errors.js';
import { FileLikeBytes } from './file-like-bytes.js';
import type { MapMemory } from './map-memory.js';
import type { MapAccess } from './map-options.js';
import type { Mapping } from './mapping.js';
import { ALLOCATION_GRANULARITY } from './page.js';
import { NOTHING } from './readable-bytes.js';
import { verifyCopy } from './stretch.js';

/** Bytes that lie in one mapping. */
export abstract class MappedBytes extends FileLikeBytes {
  /** @internal */
  protected readonly memory: MapMemory;
  /** What `bytes` gave last; of another length when it is no longer good. */
  #bytes: Buffer | undefined;

  /** @internal */
  protected constructor(memory: MapMemory) {
    super();
    this.memory = memory;
  }

  /** Bytes mapped; 0 once it is closed. */
  override get length(): number {
    return this.memory.length;
  }

  /** Whether it is no longer mapped. */
  get closed(): boolean {
    return this.memory.closed;
  }

  /** What was asked for; 'read' also when `prot` leaves writing out. */
  get access(): MapAccess {
    return this.memory.access;
  }

  /** Offset into the file of the first byte; 0 for memory of no file. */
  get offset(): number {
    return this.memory.offset;
  }

  /** Whether stores are refused. */
  override get readonly(): boolean {
    return this.memory.readonly;
  }

  /** Whether a page of it could not be had. */
  get faulted(): boolean {
    return (this.memory.mapping?.faults ?? 0) > 0;
  }

  /**
   * All bytes without a copy; empty once the map is closed or resized.
   * @throws RangeError `ERR_OUT_OF_RANGE` past `buffer.constants.MAX_LENGTH` (4 GiB on Node 20)
   * @throws MapClosedError · MapFaultError
   */
  get bytes(): Buffer {
    this.verify();
    const { mapping, skip, length } = this.memory;
    if (this.#bytes?.length !== length) {
      const none = mapping === undefined;
      this.#bytes = none ? Buffer.from(new ArrayBuffer(0)) : mapping.bytes(skip, skip + length);
    }
    return this.#bytes;
  }

  /**
   * The mapping's own ArrayBuffer, exactly `length` bytes.
   * @throws TypeError `ERR_INVALID_STATE` where the map's offset is no multiple of
   * `ALLOCATION_GRANULARITY`: use {@link bytes} · as {@link bytes}
   */
  get arrayBuffer(): ArrayBuffer {
    this.verify();
    if (this.memory.skip > 0) {
      throw invalidState(
        `the map begins at offset ${this.offset}, which is no multiple of ALLOCATION_GRANULARITY ` +
          `(${ALLOCATION_GRANULARITY}), so no ArrayBuffer is exactly it: use bytes`,
      );
    }
    return this.bytes.buffer as ArrayBuffer;
  }

  /**
   * The bytes from `start` to `end` without a copy, whatever their number; empty once the
   * map is closed or resized. Bounds as for {@link slice}.
   * @throws RangeError `ERR_OUT_OF_RANGE` past `buffer.constants.MAX_LENGTH` (4 GiB on Node 20)
   * @throws MapClosedError · MapFaultError
   */
  override subarray(start?: number | null, end?: number | null): Buffer {
    return super.subarray(start, end);
  }

  /** @internal In one piece: `target` may be part of the map, and overlap what is copied. */
  protected override copyTo(target: Uint8Array, at: number, size: number, index: number): void {
    const bytes = this.subarray(index, index + size);
    target.set(bytes, at);
    verifyCopy(this, bytes, 0, target, at, at + size, index);
  }

  /** @internal */
  protected override across(index: number, size: number): Buffer {
    const { mapping, skip } = this.memory;
    return (mapping as Mapping).bytes(skip + index, skip + index + size);
  }

  /** @internal */
  override windowAt(index: number): ByteWindow {
    this.verify();
    const { mapping, skip, length } = this.memory;
    const piece = (mapping as Mapping).pieceAt(skip + index);
    const before = Math.max(skip - piece.begin, 0);
    const begin = piece.begin + before - skip;
    const reach = before + length - begin;
    const all = before === 0 && piece.bytes.length <= reach;
    this.here = all ? piece.bytes : piece.bytes.subarray(before, reach);
    this.hereBegin = begin;
    return { bytes: this.here, begin };
  }

  /** @internal */
  override verify(): void {
    if (this.faulted) throw this.memory.fault();
    if (this.closed) throw new MapClosedError(`the map of ${this.memory.name} is closed`);
  }

  /** @internal */
  override lookAgain(index: number): void {
    const { file, mapping, offset, tracked } = this.memory;
    if (!tracked || file?.endsBefore(offset + index) !== true) return;
    mapping?.noteLoss();
    this.verify();
  }

  /** @internal */
  protected override standsHere(): boolean {
    return true; // there is but one mapping
  }

  /** @internal */
  override ready(): void {
    this.verify();
  }

  /** @throws MapClosedError when closed: unlike an index outside, that is a mistake */
  override at(index: number): number | undefined {
    const byte = this.here[index - this.hereBegin];
    if (byte !== undefined) return byte;
    this.verify();
    return super.at(index);
  }

  /** @internal The memory is another now. */
  protected forget(): void {
    this.here = NOTHING;
    this.hereBegin = 0;
    this.#bytes = undefined;
  }
}
