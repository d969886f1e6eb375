/** A position in a file that holds one region. */
import { integer, invalidType, knownOptions } from './arguments.js';
import { FileClaim } from './claim.js';
import { InvalidCursorError, ReadOnlyError } from './errors.js';
import { announce } from './events.js';
import type { Lease, ManagedFile, WindowRequest } from './managed-file.js';
import type { MemoryMap } from './memory-map.js';
import type { RegionPool } from './pool.js';
import { type PrefetchOptions, populateInSteps } from './prefetch.js';
import { type MapRegion, openFlags } from './region.js';

/** How {@link WindowCursor.useRegion} may be asked. */
export interface UseRegionOptions {
  /**
   * All `size` bytes in one region, up to the window size and the end of the file,
   * if need be by a region that overlaps others (both count).
   * @default false
   */
  whole?: boolean;
  /**
   * Flags for opening the file, where this call does; `refresh()` does so with the same.
   * @default 0: those with which it was opened, once it was
   */
  flags?: number;
}

/** @internal Whoever reads through a cursor and keeps its window. */
export interface WindowReader {
  /** The window may no longer be the file's. */
  forgetWindow(): void;
}

/**
 * Points into a mapped region of a file and keeps it mapped while it stands on it.
 * Made by `manager.makeCursor()`; the file is first touched when it is used.
 */
export class WindowCursor extends FileClaim {
  /** First byte of the slice, an offset into the file. */
  #begin = 0;
  #size = 0;
  /** Bytes that were asked for, of which the slice may have fewer. */
  #asked = 0;
  /** Whether they were asked for in one piece. */
  #whole = false;
  #view: Buffer | undefined;
  /** Made for the first one: most cursors have none. */
  #readers: Set<WindowReader> | undefined;

  /**
   * Stands on a region that holds `offset`. As much as the window there has, up
   * to `size`, can then be read: ask `size`, it may be less than was wanted. At
   * or past the end of the file the cursor is not valid, which is no error.
   * @param offset bytes from the file's beginning
   * @param size bytes wanted; 0 for as many as the window has
   * @param flags flags of `node:fs` constants for opening the file, such as `O_NOATIME`, where this
   * call opens it; `refresh()` opens it with the same. 0 leaves them as they were; or options
   * @returns the cursor
   * @throws Error of the system (`ENOENT`, `EACCES`, `EISDIR`, `ENOMEM`, …), the cursor unchanged,
   * unless its own region had to make room and cannot be had again
   * @throws TypeError, RangeError for bad arguments · InvalidCursorError without a file ·
   * NotMappableError · MapClosedError · MapFaultError · BudgetExceededError · FileChangedError
   */
  useRegion(offset = 0, size = 0, flags: number | UseRegionOptions = 0): this {
    if (flags === 0 && this.#stays(offset, size)) return this;
    const begin = integer('offset', offset);
    const asked = integer('size', size);
    const { whole, flags: openWith } = resolveUse(flags);
    if (openWith !== 0 || this.lease === undefined) this.openWith = openWith;
    const lease = this.leased();
    const { pool } = this.origin();
    const { region } = lease;
    const request = { offset: begin, size: requestedSize(asked, pool), whole };
    if (region !== undefined) {
      region.verify();
      const end = Math.min(begin + request.size, lease.file.file.size);
      if ((!whole || region.ofsEnd >= end) && this.#fits(region, begin)) {
        pool.countHit();
        this.#stand(region, request);
        return this;
      }
    }
    return this.#move(pool, lease, request);
  }

  /**
   * The usual case, kept short: a cursor that stands on the right region already.
   * False: nothing was done, whatever the reason.
   */
  #stays(offset: number, size: number): boolean {
    const region = this.lease?.region; // none once the cursor or the manager is closed
    if (region === undefined || !(Number.isSafeInteger(offset) && Number.isSafeInteger(size))) {
      return false;
    }
    if (size < 0 || !this.#fits(region, offset)) return false;
    region.verify();
    const { pool } = this.origin();
    pool.countHit();
    this.#slice(region, offset + 0, requestedSize(size, pool)); // -0 becomes 0
    this.#whole = false;
    return true;
  }

  /** Whether the byte can be read in the region that the cursor stands on. */
  #fits(region: MapRegion, offset: number): boolean {
    return region.serves(offset) && region.ofsEnd <= region.file.size;
  }

  #move(pool: RegionPool, lease: Lease, request: WindowRequest): this {
    try {
      if (this.#obtain(pool, lease, request)) this.#stand(lease.region as MapRegion, request);
      else this.unuseRegion();
    } finally {
      announce();
    }
    return this;
  }

  /** Moves the lease; when that fails after the old region had to make room, maps that one again. */
  #obtain(pool: RegionPool, lease: Lease, request: WindowRequest): boolean {
    const stood = lease.region;
    try {
      return pool.obtain(lease, request, (this.#readers?.size ?? 0) > 0);
    } catch (error) {
      if (stood !== undefined && lease.region === undefined) this.#stepBack(pool, lease);
      throw error;
    }
  }

  #stepBack(pool: RegionPool, lease: Lease): void {
    this.#view = undefined;
    const back = { offset: this.#begin, size: this.#size, whole: true };
    const asked = this.#asked;
    try {
      if (pool.obtain(lease, back)) this.#slice(lease.region as MapRegion, back.offset, back.size); // the file may be shorter
    } catch {
      this.#size = 0; // not to be had again: the cursor is not valid, and the first failure is told
    }
    this.#asked = asked;
  }

  #stand(region: MapRegion, { offset, size, whole }: WindowRequest): void {
    this.#slice(region, offset, size);
    this.#whole = whole;
  }

  #slice(region: MapRegion, offset: number, size: number): void {
    this.#begin = offset;
    this.#asked = size;
    // A region with private stores is kept, also when the file ends inside it by now.
    this.#size = Math.min(size, Math.min(region.ofsEnd, region.file.size) - offset);
    this.#view = undefined;
  }

  /**
   * @internal Fills a part of `into` straight from the file where mapping a window for it does
   * not pay. The cursor stays where it is. False: nothing was read.
   */
  readDirectly(offset: number, into: Uint8Array, start: number, size: number): boolean {
    if (!this.isAssociated) return false; // using a window tells so
    const { pool } = this.origin();
    if (pool.limits.directReads !== 'auto') return false;
    return pool.readDirectly(this.leased(), offset, into, start, size);
  }

  /** Leaves the region; the cursor is not valid then. Nothing is unmapped. Without a region nothing happens. */
  unuseRegion(): void {
    if (this.lease !== undefined) this.origin().pool.leave(this.lease);
    this.#size = 0;
    this.#view = undefined;
    announce();
  }

  /**
   * The bytes from `ofsBegin` to `ofsEnd` without a copy: good while the cursor
   * stands there, empty at some moment after.
   * @throws InvalidCursorError when not valid · MapClosedError · MapFaultError
   * @throws RangeError `ERR_OUT_OF_RANGE` when one view cannot hold them
   */
  buffer(): Buffer {
    const region = this.#standing();
    region.verify();
    // One whose ArrayBuffer was transferred away is empty, and made anew.
    if (this.#view?.length !== this.#size) {
      this.#view = region.bytes(this.#begin, this.#begin + this.#size);
    }
    return this.#view;
  }

  /**
   * The region's mapping, which usually begins before and ends after the cursor's
   * slice: its index 0 is `cursor.region.ofsBegin`.
   * @throws InvalidCursorError when not valid · MapClosedError · MapFaultError
   */
  map(): MemoryMap {
    return this.#standing().map();
  }

  /** Whether it stands on a region, so that `buffer()` can be called. */
  get isValid(): boolean {
    return this.region !== undefined;
  }

  /** First byte that can be read, an offset into the file; 0 while not valid. */
  get ofsBegin(): number {
    return this.isValid ? this.#begin : 0;
  }

  /** One past the last byte that can be read; 0 while not valid. */
  get ofsEnd(): number {
    return this.isValid ? this.#begin + this.#size : 0;
  }

  /** Bytes that can be read; 0 while not valid. */
  get size(): number {
    return this.isValid ? this.#size : 0;
  }

  /** The region it stands on; `undefined` while not valid. */
  get region(): MapRegion | undefined {
    return this.lease?.region;
  }

  /** Whether a page of its region could not be had. */
  get faulted(): boolean {
    return (this.region?.faults ?? 0) > 0;
  }

  /** Whether the byte at this offset into the file can be read now; `false` for any number outside. */
  includesOfs(ofs: number): boolean {
    return (
      typeof ofs === 'number' &&
      this.isValid &&
      ofs >= this.#begin &&
      ofs < this.#begin + this.#size
    );
  }

  /**
   * Takes the file, the region and the slice of another cursor; both are then
   * cursors in their own right.
   * @throws TypeError `ERR_INVALID_ARG_TYPE` · MapClosedError
   */
  assign(rhs: WindowCursor): void {
    if (!(rhs instanceof WindowCursor)) throw invalidType('rhs', 'a WindowCursor', rhs);
    this.checkOpen();
    rhs.checkOpen();
    if (rhs === this) return;
    this.#letGo();
    this.#tellReaders();
    this.takeOrigin(rhs);
    if (rhs.lease !== undefined) this.#share(rhs.origin().pool, rhs.lease, rhs);
    announce();
  }

  #share(pool: RegionPool, lease: Lease, rhs: WindowCursor): void {
    this.lease = pool.admit(this, lease.file);
    if (lease.region === undefined) return;
    pool.join(this.lease, lease.region);
    this.#asked = rhs.#asked;
    this.#whole = rhs.#whole;
    this.#begin = rhs.#begin;
    this.#size = rhs.#size;
  }

  /** A second cursor on the same file, region and slice. @throws MapClosedError */
  clone(): WindowCursor {
    const copy = new WindowCursor();
    copy.assign(this);
    return copy;
  }

  /**
   * Looks at the file again. A path that stands for another file by now gives the
   * new one. Pages that were lost are mapped anew. A valid cursor stays at its
   * offset, on a region of the file as it is now; where the file no longer reaches
   * that far, it is not valid.
   * @returns the cursor
   * @throws Error of the system, the cursor unchanged · MapClosedError · BudgetExceededError
   */
  refresh(): this {
    this.checkOpen();
    const { pool, source } = this.origin();
    const request = this.isValid ? this.#request() : undefined;
    // A descriptor's number may stand for something else by now; the file it stood for is held.
    const kept = 'fd' in source ? this.lease?.file : undefined;
    try {
      const file = kept ?? pool.find(source, this.openWith);
      if (file === this.lease?.file) {
        pool.refresh(file);
        if (request !== undefined) this.#move(pool, this.lease, request);
      } else {
        this.#changeFile(pool, file, request);
      }
      this.#tellReaders();
    } finally {
      announce();
    }
    return this;
  }

  /** What it was asked for last. */
  #request(): WindowRequest {
    return { offset: this.#begin, size: this.#asked, whole: this.#whole };
  }

  #tellReaders(): void {
    for (const reader of this.#readers ?? []) reader.forgetWindow();
  }

  /** Takes another file, and lets go of the old one when the new one is had. */
  #changeFile(pool: RegionPool, file: ManagedFile, request: WindowRequest | undefined): void {
    const next = pool.admit(this, file); // first: a file without cursors goes with its last region
    let valid = false;
    try {
      pool.refresh(file);
      valid = request !== undefined && pool.obtain(next, request);
    } catch (error) {
      pool.dismiss(next);
      throw error;
    }
    this.#letGo();
    this.lease = next;
    if (valid) this.#stand(next.region as MapRegion, request as WindowRequest);
  }

  /**
   * Brings the pages of the slice into memory without holding up the event loop.
   * @throws InvalidCursorError when not valid · MapFaultError · AbortError
   */
  async prefetch(options?: PrefetchOptions): Promise<void> {
    const region = this.#standing();
    region.verify();
    await populateInSteps(region, this.#begin, this.#begin + this.#size, options);
  }

  /**
   * Brings what was stored in the slice to the device: it is there when this returns.
   * Nothing happens where stores do not reach the file ('read', 'copy').
   * @throws InvalidCursorError when not valid · MapFaultError · Error of the system
   */
  flush(): void {
    this.#standing().flush(this.#begin, this.#begin + this.#size);
  }

  /**
   * Makes the file longer, with its new blocks allocated: a full disk is told now, and
   * the file is then as it was. The cursor stays where it is; cursors see the new size.
   * @param size bytes, at least as many as the file has
   * @returns the cursor
   * @throws ReadOnlyError unless the manager's access is 'write' · RangeError `ERR_OUT_OF_RANGE` ·
   * Error of the system (`ENOSPC`, …)
   */
  extendFile(size: number): this {
    integer('size', size);
    const { file } = this.leased().file;
    if (this.origin().pool.limits.access !== 'write') {
      throw new ReadOnlyError("a file is extended through a manager made with access: 'write'");
    }
    file.extend(size);
    return this;
  }

  /** Leaves the region and the file for good. Again does nothing. */
  close(): void {
    this.#letGo();
    this.markClosed();
    announce();
  }

  /** Exactly `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal Whoever keeps a window of this cursor is told when the file is looked at again. */
  addReader(reader: WindowReader): void {
    this.#readers ??= new Set();
    this.#readers.add(reader);
  }

  /** @internal */
  removeReader(reader: WindowReader): void {
    this.#readers?.delete(reader);
  }

  /** @internal Throws when a page of the region was lost. */
  verify(): void {
    try {
      this.region?.verify();
    } finally {
      announce();
    }
  }

  /** @internal Throws when the file ends before the page of an offset by now. */
  lookAgain(offset: number): void {
    const { region } = this;
    if (region?.file.endsBefore(offset) !== true) return;
    region.noteLoss();
    this.verify();
  }

  /**
   * @internal Whether it can stand at `offset` without a limit bending, or refusing it.
   * A region in which `offset` does not lie it leaves.
   */
  hasRoom(offset: number): boolean {
    const lease = this.leased();
    if (lease.region !== undefined && this.#fits(lease.region, offset)) return true;
    this.unuseRegion();
    return this.origin().pool.hasRoom(lease.file, offset); // told of later: a listener could take the room
  }

  /** @internal Whether its windows may hold what the file does not. */
  get keepsStores(): boolean {
    return this.origin().pool.limits.access === 'copy';
  }

  /** @internal The file behind it, for reading through its descriptor. */
  get managedFile(): ManagedFile {
    return this.leased().file;
  }

  #letGo(): void {
    this.release();
    this.#size = 0;
    this.#view = undefined;
  }

  #standing(): MapRegion {
    this.checkOpen();
    const { region } = this;
    if (region === undefined) {
      throw new InvalidCursorError(
        'the cursor stands on no region: call useRegion() and ask isValid',
      );
    }
    return region;
  }
}

/** As many bytes as one region of a window can have; 0 stands for all of them. */
function requestedSize(size: number, pool: RegionPool): number {
  const { windowSize } = pool.limits;
  // No number is named that is larger than need be: the engine computes with small ones faster.
  if (windowSize === 0) return size || Number.MAX_SAFE_INTEGER;
  return size === 0 || size > windowSize ? windowSize : size;
}

function resolveUse(given: number | UseRegionOptions): { whole: boolean; flags: number } {
  if (typeof given === 'number') return { whole: false, flags: openFlags(given) };
  knownOptions(given, ['whole', 'flags']);
  const { whole = false, flags = 0 } = given;
  if (typeof whole !== 'boolean') throw invalidType('whole', 'a boolean', whole);
  return { whole, flags: openFlags(flags) };
}
