/** A mapping with users: what a cursor stands on. */
import { constants } from 'node:fs';
import { inspect } from 'node:util';
import { integer, invalidState, outOfRange } from './arguments.js';
import { ceilingReached } from './ceiling.js';
import { MapClosedError, MapFaultError } from './errors.js';
import { announce, tellFaulted } from './events.js';
import { MappedFile } from './file.js';
import { MapWatch } from './forgotten-maps.js';
import { RegionMemory } from './map-memory.js';
import { Mapping, type Piece } from './mapping.js';
import { MemoryMap } from './memory-map.js';
import { explain, FLUSH } from './native.js';
import type { Ordered } from './order.js';
import { ALLOCATION_GRANULARITY } from './page.js';
import type { Idle } from './recency.js';
import { type PathOrFd, sourceOf } from './source.js';

/** @internal What a manager hands to the constructor instead of a path: a mapping it made. */
export class OpenedMapping {
  /** @param from first byte that cursors may read in it, an offset into the file */
  constructor(
    readonly mapping: Mapping,
    readonly file: MappedFile,
    readonly from = mapping.offset,
  ) {}
}

/** A mapped range of a file, aligned to the granularity, with a count of who uses it. */
export class MapRegion implements Idle {
  /** @internal */
  readonly extent: number;
  /** @internal */
  readonly file: MappedFile;
  /** @internal Cursors on it. */
  users = 0;
  /** @internal How often a cursor came onto it. */
  entries = 0;
  /** @internal When it was last entered or left: a number that only grows. */
  lastUse = 0;
  /** @internal No longer handed out; unmapped when the last user leaves. */
  retired = false;
  /** @internal */
  newer: Ordered | undefined = undefined;
  /** @internal */
  older: Ordered | undefined = undefined;
  /** @internal */
  segment: Idle['segment'] = undefined;
  /** @internal Whether somebody was told of a fault in it. */
  faultTold = false;
  readonly #begin: number;
  readonly #end: number;
  /** First byte that cursors may read in it; what lies before has its stores in another region. */
  readonly #from: number;
  readonly #managed: boolean;
  readonly #mapping: Mapping;
  #map: MemoryMap | undefined;
  #watch: MapWatch | undefined;

  /**
   * Maps part of a file for its own sake; a manager's regions are made by the manager.
   * @param pathOrFd the file
   * @param ofs first byte, a multiple of `ALLOCATION_GRANULARITY`, less than the file's size
   * @param size bytes, at least 1; what goes past the end of the file is cut
   * @param flags flags for opening the file, as `O_NOATIME` of `node:fs` constants; none creates or writes
   * @throws Error of the system · RangeError `ERR_OUT_OF_RANGE` · NotMappableError
   */
  constructor(pathOrFd: PathOrFd | OpenedMapping, ofs = 0, size = 0, flags = 0) {
    this.#managed = pathOrFd instanceof OpenedMapping;
    const opened = pathOrFd instanceof OpenedMapping ? pathOrFd : open(pathOrFd, ofs, size, flags);
    this.#mapping = opened.mapping;
    this.file = opened.file;
    this.#from = opened.from;
    this.#begin = opened.mapping.offset;
    this.#end = this.#begin + opened.mapping.length;
    this.extent = opened.mapping.extent;
  }

  /** @internal */
  get name(): string {
    return regionName(this.file, this.ofsBegin);
  }

  /** First byte, an offset into the file. */
  get ofsBegin(): number {
    return this.#begin;
  }

  /** Bytes; the last page may hold fewer than the system mapped. */
  get size(): number {
    return this.#end - this.#begin;
  }

  /** One past the last byte. */
  get ofsEnd(): number {
    return this.#end;
  }

  /** Whether it is no longer mapped. */
  get closed(): boolean {
    return this.#mapping.closed;
  }

  /**
   * Users as smmap counts them: whoever holds the region is one, each cursor on
   * it one more. An idle region of a manager has 1, a closed one 0.
   */
  get clientCount(): number {
    return this.closed ? 0 : 1 + this.users;
  }

  /** Faults survived in it: pages that could not be had. */
  get faults(): number {
    return this.#mapping.faults;
  }

  /** Whether the byte at this offset into the file lies in it; `false` for any number outside. */
  includesOfs(ofs: number): boolean {
    return typeof ofs === 'number' && ofs >= this.#begin && ofs < this.#end;
  }

  /** @internal Whether cursors may read the byte at this offset into the file in it. */
  serves(ofs: number): boolean {
    return ofs >= this.#from && ofs < this.#end;
  }

  /**
   * Its bytes without a copy; empty once the region is unmapped.
   * @throws MapClosedError · MapFaultError
   * @throws RangeError `ERR_OUT_OF_RANGE` when one view cannot hold them (`buffer.constants.MAX_LENGTH`)
   */
  buffer(): Buffer {
    return this.bytes(this.ofsBegin, this.ofsEnd);
  }

  /** @internal The bytes between two offsets into the file. */
  bytes(begin: number, end: number): Buffer {
    this.verify();
    return this.#mapping.bytes(begin - this.ofsBegin, end - this.ofsBegin);
  }

  /** @internal The largest view that holds the byte at an offset into the file; `begin` is one too. */
  pieceAt(ofs: number): Piece {
    this.verify();
    const { bytes, begin } = this.#mapping.pieceAt(ofs - this.ofsBegin);
    const skipped = Math.max(this.#from - this.ofsBegin - begin, 0);
    return {
      bytes: skipped === 0 ? bytes : bytes.subarray(skipped),
      begin: begin + skipped + this.ofsBegin,
    };
  }

  /** @internal Whether it holds stores that would be lost with it. */
  hasPrivateStores(): boolean {
    return this.#mapping.hasPrivateStores();
  }

  /** @internal Brings stores to the device; offsets into the file. */
  flush(begin: number, end: number): void {
    this.verify();
    try {
      const file = this.file.descriptorToSync();
      this.#mapping.flush(begin - this.ofsBegin, end - this.ofsBegin, FLUSH.sync, file);
    } catch (error) {
      throw explain(error, this.file.path);
    }
    this.verify();
  }

  /** @internal Notes a page that could not be had, found without touching it. */
  noteLoss(): void {
    this.#mapping.noteLoss();
  }

  /** @internal Brings pages into memory; offsets into the file. */
  populate(begin: number, end: number): Promise<void> {
    return this.#mapping.populate(begin - this.ofsBegin, end - begin);
  }

  /** @internal Empties its views when too many bytes are exposed to JavaScript; for an idle region. */
  hideWhenCrowded(): void {
    this.#mapping.hideWhenCrowded();
  }

  /** @internal @throws MapClosedError · MapFaultError when a page was lost */
  verify(): void {
    if (this.#mapping.faults > 0) throw this.fault();
    if (this.closed) throw new MapClosedError(`the region of ${this.file.name} is closed`);
  }

  /** @internal The error for a lost page; who listens is told of the first one at once. */
  fault(cause?: unknown): MapFaultError {
    const error = this.faultToTell(cause);
    announce();
    return error;
  }

  /** @internal The same in the middle of a call, at whose end it is told. */
  faultToTell(cause?: unknown): MapFaultError {
    const { ofsBegin: offset, size } = this;
    if (!this.faultTold) tellFaulted(this);
    this.faultTold = true;
    return new MapFaultError(
      `a page of ${this.file.name} between ${offset} and ${offset + size} could not be had: ` +
        'the file was cut short or its device failed; refresh() on the cursor maps anew',
      { file: this.file.name, offset, size },
      cause === undefined ? undefined : { cause },
    );
  }

  /** The mapping as a {@link MemoryMap}: the same object while the region is mapped. */
  map(): MemoryMap {
    this.verify();
    if (this.#map === undefined) {
      this.#map = MemoryMap.over(new RegionMemory(this.#mapping, this));
      // Through it the file may be opened again, and then closed by nobody.
      if (!this.#managed) this.#watch = new MapWatch(this, this.file);
    }
    return this.#map;
  }

  /**
   * Unmaps it; every view of it becomes empty. Again does nothing.
   * @throws TypeError `ERR_INVALID_STATE` for a region of a manager: that is the manager's to unmap
   */
  close(): void {
    if (this.#managed) {
      throw invalidState(
        'this region belongs to a manager: leave it with cursor.unuseRegion(), unmap with manager.collect()',
      );
    }
    this.unmap();
    this.#watch?.end();
    this.#watch = undefined;
    this.file.closeDescriptor();
  }

  /** @internal Unmaps it. */
  unmap(): void {
    this.#mapping.close();
  }

  /** Exactly `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** As `console.log` shows it. */
  [inspect.custom](_depth: number, options: object): string {
    const { ofsBegin, size, clientCount, closed } = this;
    const shown = closed ? { ofsBegin, size, closed } : { ofsBegin, size, clientCount };
    return `MapRegion ${inspect(shown, options)}`;
  }
}

/** What a region that begins there is called, whenever it is mapped. */
export function regionName({ identity }: MappedFile, ofsBegin: number): string {
  return `${identity}:${ofsBegin}`;
}

/** Flags that may be added when a file is opened: none of them creates, empties or writes. */
const OPEN_FLAGS = [
  'O_NOFOLLOW',
  'O_SYNC',
  'O_DSYNC',
  'O_DIRECT',
  'O_NOATIME',
  'O_NONBLOCK',
  'O_NOCTTY',
]
  .map((name) => (constants as unknown as Record<string, number | undefined>)[name] ?? 0)
  .reduce((all, flag) => all | flag, constants.O_RDONLY);

/** @throws RangeError `ERR_OUT_OF_RANGE` for a flag that could change the file */
export function openFlags(flags: unknown): number {
  const checked = integer('flags', flags, 0, 2 ** 31 - 1);
  if ((checked & ~OPEN_FLAGS) === 0) return checked;
  throw outOfRange('flags', 'flags of node:fs that neither create, empty nor write a file', flags);
}

function open(pathOrFd: PathOrFd, ofs: number, size: number, flags: number): OpenedMapping {
  const begin = integer('ofs', ofs);
  integer('size', size, 1);
  if (ofs % ALLOCATION_GRANULARITY !== 0) {
    throw outOfRange(
      'ofs',
      `a multiple of ALLOCATION_GRANULARITY (${ALLOCATION_GRANULARITY})`,
      ofs,
    );
  }
  const file = MappedFile.find(sourceOf(pathOrFd), openFlags(flags), false, () => undefined);
  try {
    if (ofs >= file.size) throw outOfRange('ofs', `less than the file's size (${file.size})`, ofs);
    const length = Math.min(size, file.size - ofs);
    const mapping = Mapping.open(file.descriptor(), begin, length, 'read', false, true);
    if (mapping === undefined) throw ceilingReached([]);
    return new OpenedMapping(mapping, file);
  } catch (error) {
    throw explain(error, file.path);
  } finally {
    file.closeDescriptor(); // the mapping needs none
  }
}
