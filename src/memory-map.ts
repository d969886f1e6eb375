/** One mapping as bytes, as a file and as memory: what Python calls `mmap.mmap`. */
import { inspect } from 'node:util';
import { integer, invalidState, invalidType, invalidValue, knownOptions } from './arguments.js';
import { MS_ASYNC, MS_INVALIDATE, MS_SYNC } from './constants.js';
import { announcing } from './events.js';
import { type MapMemory, RegionMemory } from './map-memory.js';
import { type MemoryMapOptions, type OpenMapOptions, planOf } from './map-options.js';
import { MappedPages } from './mapped-pages.js';
import { type DescriptorHandle, explain, explaining, FLUSH } from './native.js';
import { OwnMemory } from './own-memory.js';
import { type PrefetchOptions, signalOf } from './prefetch.js';
import { readWithoutWaiting } from './read-async.js';

/** Options of {@link MemoryMap.flush}. */
export interface FlushOptions {
  /** Begins writing back and does not wait for it. @default false */
  async?: boolean;
  /** Flags of msync(2): `MS_SYNC`, `MS_ASYNC`, `MS_INVALIDATE`. Not together with `async`. */
  flags?: number;
}

/**
 * A mapping of a file, or of memory of no file, used like bytes and like a file.
 * Those that `cursor.map()` and `region.map()` give belong to their region: they
 * end with it, and cannot be closed or resized by themselves.
 */
export class MemoryMap extends MappedPages {
  /**
   * Maps the file of an open descriptor, which may be closed afterwards.
   * @param fd the descriptor, or a `FileHandle`; -1: memory of no file, zeros at first
   * @param length bytes; 0: from `offset` to the end of the file
   * @throws TypeError `ERR_INVALID_ARG_TYPE` · `ERR_INVALID_ARG_VALUE`
   * @throws RangeError `ERR_OUT_OF_RANGE`: also for an empty file, and where the file has not so many bytes
   * @throws Error of the system: `EBADF`, `EACCES` when stores are to reach a file opened for
   * reading, `EISDIR`, `ENOMEM`, … · NotMappableError · BudgetExceededError at the process's ceiling
   */
  constructor(fd: number | { readonly fd: number }, length: number, options?: MemoryMapOptions) {
    const given: unknown = fd;
    const isMemory = given instanceof OwnMemory || given instanceof RegionMemory;
    super(
      isMemory ? given : announcing(() => OwnMemory.ofDescriptor(given, planOf(length, options))),
    );
  }

  /**
   * Opens a file and maps it; for reading unless `access` says otherwise. An empty
   * file is an empty map.
   * @throws as the constructor, and `ENOENT` and its like
   */
  static open(path: string | URL | Buffer, options?: OpenMapOptions): MemoryMap {
    const plan = planOf(options?.length ?? 0, options, ['length'], 'read');
    return MemoryMap.over(announcing(() => OwnMemory.ofPath(path, plan)));
  }

  /**
   * Memory of no file: zeros at first, gone with the map.
   * @param length bytes, 1 or more
   * @throws as the constructor
   */
  static anonymous(length: number, options?: MemoryMapOptions): MemoryMap {
    return MemoryMap.over(announcing(() => OwnMemory.anonymous(planOf(length, options))));
  }

  /** @internal A map over memory that is there. */
  static over(memory: MapMemory): MemoryMap {
    return new MemoryMap(memory as unknown as number, 0);
  }

  /** Size of the file now, in bytes, which may be more than is mapped; of memory of no file its length. @throws Error of the system · FileChangedError (see docs/limits.md) · TypeError `ERR_INVALID_STATE` with `trackFd: false` */
  size(): number {
    this.verify();
    const { file, tracked, length } = this.memory;
    if (!tracked)
      throw invalidState('a map with trackFd: false has no descriptor to ask for the size');
    return file === undefined ? length : file.sizeNow();
  }

  /**
   * Copies `count` bytes inside the map; the two ranges may overlap.
   * @throws RangeError `ERR_OUT_OF_RANGE` · ReadOnlyError · MapClosedError · MapFaultError
   */
  move(dest: number, src: number, count: number): void {
    this.checkWritable();
    const { mapping, skip, length } = this.memory;
    integer('count', count, 0, length);
    integer('dest', dest, 0, length - count);
    integer('src', src, 0, length - count);
    mapping?.move(skip + dest, skip + src, count);
    this.verify();
  }

  /**
   * Brings what was stored to the device, and returns when it is there: bytes and the
   * file's size. Nothing happens where stores do not reach a file. See docs/durability.md.
   * @param offset first byte; it need not be aligned
   * @param size bytes; left out: to the end
   * @throws RangeError `ERR_OUT_OF_RANGE` · MapClosedError · MapFaultError · Error of the system (`EIO`, …)
   */
  flush(offset = 0, size?: number, options?: FlushOptions): void {
    const kind = flushKind(options); // first: looking at options may run anybody's code
    this.verify();
    const [begin, end] = this.#range(offset, size);
    const { mapping, file } = this.memory;
    if (begin === end || mapping === undefined) return;
    explaining(() => mapping.flush(begin, end, kind, this.#fileToSync()), file?.path);
    this.verify();
  }

  /** As {@link flush}, without holding up the event loop: resolved when bytes and size are with the device. */
  async flushAsync(offset = 0, size?: number): Promise<void> {
    this.verify();
    const [begin, end] = this.#range(offset, size);
    const { mapping, file } = this.memory;
    if (begin === end || mapping === undefined) return;
    try {
      await mapping.flushAsync(begin, end, this.#fileToSync());
    } catch (error) {
      throw explain(error, file?.path);
    }
    if (mapping.faults > 0) throw this.memory.fault();
  }

  #fileToSync(): DescriptorHandle | null {
    const { file, tracked } = this.memory;
    return tracked && file !== undefined ? file.descriptorToSync() : null;
  }

  /** Offsets in the mapping of a range of the map. */
  #range(offset: number, size: number | undefined): [number, number] {
    const { skip, length } = this.memory;
    const begin = integer('offset', offset, 0, length);
    const count = integer('size', size ?? length - begin, 0, length - begin);
    return [skip + begin, skip + begin + count];
  }

  /**
   * Makes the map and its file longer or shorter: the file then ends with the map. A longer
   * file has its blocks allocated first, so that a full disk is told now (`ENOSPC`) and not by a
   * lost page later. Every view becomes empty, also when the system refuses; map and file are then
   * as they were.
   * @param newSize bytes, 1 or more
   * @throws RangeError `ERR_OUT_OF_RANGE`: also to make shared memory of no file longer
   * @throws ReadOnlyError · TypeError `ERR_INVALID_STATE` for a private map of a file, with
   * `trackFd: false`, and for a region's map · Error of the system (`ENOSPC`, …) ·
   * MapClosedError · MapFaultError
   */
  resize(newSize: number): void {
    this.verify();
    announcing(() => {
      this.memory.resize(newSize);
      this.forget();
    });
  }

  /**
   * A copy of `length` bytes from `offset`, fewer at the end. What is in memory is copied at
   * once, the rest read on another thread: the event loop never waits for a page.
   * @throws RangeError `ERR_OUT_OF_RANGE` · MapClosedError, also when a resize cuts them off
   * meanwhile · MapFaultError when the file ends before them or they cannot be read · the signal's
   * reason
   */
  async readAsync(offset: number, length: number, options?: PrefetchOptions): Promise<Buffer> {
    const signal = signalOf(options);
    signal?.throwIfAborted();
    this.verify();
    const memory = this.memory;
    integer('offset', offset, 0, memory.length);
    const size = Math.min(integer('length', length), memory.length - offset);
    const { file, tracked, mapping } = memory;
    const bytes = Buffer.allocUnsafeSlow(size);
    if (!tracked || mapping?.access === 'copy' || !file?.isReachable()) {
      await this.prefetch(offset, size, options); // the file has other bytes, or cannot be asked
      if (mapping !== undefined) this.verifySame(mapping);
      this.copy(bytes, 0, offset, offset + size);
      return bytes;
    }
    const position = memory.offset + offset;
    const lost = (_: number, cause?: Error) =>
      memory.mapping === mapping ? memory.fault(cause) : this.gone();
    await readWithoutWaiting(file, bytes, position, lost, signal);
    return bytes;
  }

  /**
   * Empties every view and unmaps; again does nothing. Stores are not waited for: the kernel
   * writes them when it likes, and a crash of the machine before may lose them; `flush()` first
   * where that matters.
   * @throws MapFaultError once, when stores to the file were lost; everything is released then
   * @throws TypeError `ERR_INVALID_STATE` for a region's map · Error `EBUSY` when the engine is
   * using a view at this moment (Bun, during an asynchronous read into it): nothing was unmapped
   */
  close(): void {
    this.memory.close();
    this.forget();
  }

  /** Exactly `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** As `console.log` shows it. */
  [inspect.custom](_depth: number, options: object): string {
    const { closed, faulted, access, length, offset } = this;
    const where = faulted ? { faulted } : { position: closed ? 0 : this.tell() };
    const shown = closed ? { closed } : { closed, access, length, ...where, offset };
    return `MemoryMap ${inspect(shown, options)}`;
  }
}

/** The addon's number for how to flush. */
function flushKind(options: FlushOptions | undefined): number {
  knownOptions(options, ['async', 'flags']);
  const { async, flags } = options ?? {};
  if (flags === undefined) {
    if (async !== undefined && typeof async !== 'boolean') {
      throw invalidType('async', 'a boolean', async);
    }
    return async ? FLUSH.async : FLUSH.sync;
  }
  if (async !== undefined) throw invalidValue('async', 'left out where flags are given', async);
  if (MS_SYNC === undefined || MS_ASYNC === undefined || MS_INVALIDATE === undefined) {
    throw invalidValue('flags', 'left out on Windows: use async', flags);
  }
  const bits = integer('flags', flags, 0, 2 ** 31 - 1);
  const wrong = (bits & ~(MS_SYNC | MS_ASYNC | MS_INVALIDATE)) !== 0;
  const waits = (bits & MS_ASYNC) === 0;
  if (wrong || (!waits && (bits & MS_SYNC) !== 0)) {
    throw invalidValue('flags', 'MS_SYNC or MS_ASYNC, with or without MS_INVALIDATE', flags);
  }
  if ((bits & MS_INVALIDATE) === 0) return waits ? FLUSH.sync : FLUSH.async;
  return waits ? FLUSH.syncInvalidate : FLUSH.asyncInvalidate;
}
