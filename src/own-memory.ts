/** The memory of a {@link MemoryMap} that belongs to nobody else. */
import { integer, invalidState, invalidType, outOfRange } from './arguments.js';
import { ceilingReachedByMaps, processLimits } from './ceiling.js';
import { MADV_POPULATE_READ, MADV_WILLNEED } from './constants.js';
import { mapMade } from './early-collection.js';
import { MapFaultError, ReadOnlyError } from './errors.js';
import { MappedFile } from './file.js';
import { closeForgotten } from './forgotten-mappings.js';
import { MapWatch } from './forgotten-maps.js';

import type { MapMemory } from './map-memory.js';
import type { MapAccess, MapPlan } from './map-options.js';
import { Mapping } from './mapping.js';
import { errnoOf, explain, isSystemFailure, native } from './native.js';
import { ALLOCATION_GRANULARITY } from './page.js';
import { reclaim } from './reclaim.js';
import { MOST_FD, pathSource, type Source, sourceOf } from './source.js';

/** Mapped for one map, which closes and resizes it. */
export class OwnMemory implements MapMemory {
  mapping: Mapping | undefined;
  length: number;
  closed = false;
  readonly file: MappedFile | undefined;
  readonly tracked: boolean;
  readonly skip: number;
  readonly #plan: MapPlan;
  readonly #watch: MapWatch;
  #tellsResidency: boolean | undefined;

  private constructor(
    file: MappedFile | undefined,
    plan: MapPlan,
    length: number,
    mapping: Mapping | undefined,
  ) {
    this.file = file;
    this.#plan = plan;
    this.tracked = plan.trackFd;
    if (!this.tracked) this.#tellsResidency = file?.tellsResidency(); // later there is none to ask with
    this.skip = file === undefined ? 0 : plan.offset % ALLOCATION_GRANULARITY;
    this.length = length;
    this.mapping = mapping;
    this.#watch = new MapWatch(this, file);
  }

  /**
   * What `new MemoryMap` maps.
   * @throws Error of the system (`EBADF`, `EACCES`, `EISDIR`, `ENOMEM`, …)
   * @throws RangeError `ERR_OUT_OF_RANGE` · NotMappableError · BudgetExceededError
   */
  static ofDescriptor(fd: unknown, plan: MapPlan): OwnMemory {
    if (fd === -1) return OwnMemory.anonymous(plan);
    const number = descriptorNumber(fd); // of a FileHandle that is closed: -1
    if (number < 0 || number > MOST_FD) throw badDescriptor();
    const source = sourceOf(number);
    if (!plan.anonymous) return OwnMemory.#ofFile(source, plan, false);
    const file = MappedFile.find(source, 0, false, () => undefined); // as Python: it is looked at
    file.closeDescriptor();
    return OwnMemory.anonymous({ ...plan, length: lengthIn(file.size, plan, false) });
  }

  /** What `MemoryMap.open` maps. @throws as {@link ofDescriptor}, `ENOENT` and its like besides */
  static ofPath(path: unknown, plan: MapPlan): OwnMemory {
    const source = pathSource('path', path);
    if (plan.anonymous) return OwnMemory.anonymous(plan);
    return OwnMemory.#ofFile(source, plan, true);
  }

  /** Zeros of no file. @throws RangeError `ERR_OUT_OF_RANGE` · Error of the system · BudgetExceededError */
  static anonymous(plan: MapPlan): OwnMemory {
    if (plan.length === 0) throw outOfRange('length', 'at least 1 for memory of no file', 0);
    const mapping = mapWhatIs(undefined, plan, 0, plan.length);
    return new OwnMemory(undefined, plan, plan.length, mapping);
  }

  static #ofFile(source: Source, plan: MapPlan, mayBeEmpty: boolean): OwnMemory {
    const file = MappedFile.find(source, 0, plan.mode === 'write', () => undefined);
    let mapped = false;
    try {
      const length = lengthIn(file.size, plan, mayBeEmpty);
      const mapping = length === 0 ? undefined : mapWhatIs(file, plan, plan.offset, length);
      const memory = new OwnMemory(file, plan, length, mapping);
      mapped = true;
      return memory;
    } finally {
      if (!mapped || !plan.trackFd) file.closeDescriptor();
    }
  }

  get access(): MapAccess {
    return this.#plan.access;
  }

  get readonly(): boolean {
    return this.#plan.mode === 'read';
  }

  get offset(): number {
    return this.file === undefined ? 0 : this.#plan.offset;
  }

  get tellsResidency(): boolean {
    this.#tellsResidency ??= this.file?.tellsResidency() ?? native.tellsResidency(null);
    return this.#tellsResidency;
  }

  get name(): string | number {
    return this.file?.name ?? 'memory of no file';
  }

  fault(cause?: unknown): MapFaultError {
    const { offset, length: size } = this;
    return new MapFaultError(
      `a page of ${this.name} between ${offset} and ${offset + size} could not be had: ` +
        'the file was cut short or its device failed; close the map and open it again',
      { file: this.name, offset, size },
      cause === undefined ? undefined : { cause },
    );
  }

  /**
   * Empties every view, unmaps and closes the descriptor; again does nothing.
   * @throws MapFaultError once, when stores to the file were lost
   * @throws Error `EBUSY` as `Mapping.close`
   */
  close(): void {
    if (this.closed) return;
    this.mapping?.close();
    const lost = this.#plan.mode === 'write' && (this.mapping?.faults ?? 0) > 0;
    const error = lost ? this.fault() : undefined;
    this.closed = true;
    this.mapping = undefined;
    this.length = 0;
    this.#watch.end();
    this.file?.closeDescriptor();
    if (error !== undefined) throw error;
  }

  /**
   * Makes map and file longer or shorter; the file then ends with the map. When
   * anything fails both are as they were, except that views are empty.
   * @param newSize bytes, at least 1
   * @throws RangeError `ERR_OUT_OF_RANGE` · ReadOnlyError · TypeError `ERR_INVALID_STATE`
   * @throws Error of the system (`ENOSPC`, …) · BudgetExceededError
   */
  resize(newSize: number): void {
    if (this.readonly)
      throw new ReadOnlyError('a map for reading cannot be resized: use access "write"');
    if (!this.tracked) {
      throw invalidState('a map with trackFd: false has no descriptor to resize the file with');
    }
    if (this.file !== undefined && this.#plan.mode === 'copy') {
      throw invalidState('a private map of a file cannot be resized: its file is not written to');
    }
    integer('newSize', newSize, 1, Number.MAX_SAFE_INTEGER - this.#plan.offset);
    if (this.file === undefined) this.#resizeMemory(newSize);
    else this.#resizeFile(this.file, newSize);
  }

  #resizeMemory(newSize: number): void {
    if (newSize > this.length && this.#plan.mode === 'write') {
      throw outOfRange(
        'newSize',
        `at most ${this.length}: shared memory of no file cannot grow`,
        newSize,
      );
    }
    const old = this.mapping as Mapping;
    const fresh = mapWhatIs(undefined, this.#plan, 0, newSize);
    try {
      copyAcross(old, fresh, Math.min(this.length, newSize));
      old.close();
    } catch (error) {
      fresh.close();
      throw error;
    }
    this.#take(fresh, newSize);
  }

  #resizeFile(file: MappedFile, newSize: number): void {
    const end = this.#plan.offset + newSize;
    const before = file.sizeNow();
    this.mapping?.detach(); // first: when it throws, nothing has changed
    if (process.platform === 'win32') {
      if (end < before) this.#shrinkOnWindows(file, newSize);
      else this.#growOnWindows(file, newSize, before);
      return;
    }
    // Pages past the end of the file can be mapped: so the file is changed last, and need not be changed back.
    const fresh = mapWhatIs(file, this.#plan, this.#plan.offset, newSize);
    try {
      if (end > before) file.extend(end);
      else if (end < before) file.truncate(end);
    } catch (error) {
      fresh.close();
      throw error;
    }
    if (this.#plan.populate) populate(fresh);
    this.mapping?.close();
    this.#take(fresh, newSize);
  }

  /** Windows maps no more than the file has. */
  #growOnWindows(file: MappedFile, newSize: number, before: number): void {
    const end = this.#plan.offset + newSize;
    if (end > before) file.extend(end);
    let fresh: Mapping;
    try {
      fresh = mapWhatIs(file, this.#plan, this.#plan.offset, newSize);
    } catch (error) {
      if (end > before) file.truncate(before);
      throw error;
    }
    this.mapping?.close();
    this.#take(fresh, newSize);
  }

  /** Windows cuts no file that is mapped. */
  #shrinkOnWindows(file: MappedFile, newSize: number): void {
    let size = this.length;
    this.mapping?.close();
    this.mapping = undefined;
    this.length = 0; // in case the system gives no mapping in its place
    try {
      file.truncate(this.#plan.offset + newSize);
      size = newSize;
    } finally {
      this.#take(mapWhatIs(file, this.#plan, this.#plan.offset, size), size);
    }
  }

  #take(mapping: Mapping, length: number): void {
    this.mapping = mapping;
    this.length = length;
  }
}

/** @throws TypeError `ERR_INVALID_ARG_TYPE` · RangeError `ERR_OUT_OF_RANGE` */
function descriptorNumber(fd: unknown): number {
  const number = typeof fd === 'object' && fd !== null && 'fd' in fd ? fd.fd : fd;
  if (typeof number !== 'number') throw invalidType('fd', 'a descriptor or a FileHandle', fd);
  return integer('fd', number, Number.MIN_SAFE_INTEGER);
}

function badDescriptor(): unknown {
  return explain(Object.assign(new Error(''), { errno: errnoOf('EBADF'), syscall: 'fstat' }));
}

/** Bytes to map of a file of `size`. */
function lengthIn(size: number, { length, offset }: MapPlan, mayBeEmpty: boolean): number {
  if (length === 0 && size === 0) {
    if (mayBeEmpty && offset === 0) return 0;
    throw rangeError('cannot mmap an empty file: write to it first');
  }
  if (length === 0 && offset >= size) {
    throw rangeError(
      `mmap offset is greater than file size: "offset" must be less than ${size}; got ${offset}`,
    );
  }
  const rest = size - offset;
  if (length <= rest) return length === 0 ? rest : length;
  const most = Math.max(rest, 0);
  throw rangeError(
    `mmap length is greater than file size: "length" must be at most ${most} from "offset" ${offset}; got ${length}`,
  );
}

function rangeError(message: string): RangeError {
  return Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' });
}

/** Maps the bytes of a file, or of none; idle regions of managers make room. */
function mapWhatIs(
  file: MappedFile | undefined,
  plan: MapPlan,
  offset: number,
  length: number,
): Mapping {
  const skip = offset % ALLOCATION_GRANULARITY;
  const map = (descriptor: Parameters<typeof Mapping.openLike>[0]) =>
    Mapping.openLike(descriptor, offset - skip, skip + length, plan.mode, plan.flags, plan.tagname);
  for (;;) {
    let failure: unknown;
    try {
      const mapping = file === undefined ? map(null) : file.onDescriptor(map);
      if (mapping !== undefined) {
        if (plan.populate) populate(mapping);
        mapMade();
        return mapping;
      }
    } catch (error) {
      if (!isSystemFailure(error) || error.errno !== errnoOf('ENOMEM'))
        throw explain(error, file?.path);
      failure = error;
    }
    if (reclaim() > 0 || closeForgotten() > 0) continue;
    throw failure === undefined
      ? ceilingReachedByMaps()
      : explain(failure, file?.path, processLimits());
  }
}

/** As `MAP_POPULATE`, which would give a private mapping its own copy of every page. Promises nothing. */
function populate(mapping: Mapping): void {
  try {
    mapping.advise(0, mapping.extent, MADV_POPULATE_READ ?? MADV_WILLNEED ?? 0);
  } catch (error) {
    if (!isSystemFailure(error)) throw error;
  }
}

/** Bytes that are looked at together before they are copied. */
const STEP = 2 ** 16;
const ZEROS = Buffer.alloc(STEP);

/** Copies the first bytes of one mapping to another that is new. Zeros stay where they are: storing them would take memory. */
function copyAcross(from: Mapping, to: Mapping, length: number): void {
  for (let at = 0; at < length; ) {
    const source = from.pieceAt(at);
    const target = to.pieceAt(at);
    const end = Math.min(
      length,
      at + STEP,
      source.begin + source.bytes.length,
      target.begin + target.bytes.length,
    );
    const bytes = source.bytes.subarray(at - source.begin, end - source.begin);
    if (ZEROS.compare(bytes, 0, bytes.length, 0, bytes.length) !== 0) {
      target.bytes.set(bytes, at - target.begin);
    }
    at = end;
  }
}
