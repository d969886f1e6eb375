/** The mapped regions of one manager: handed out, kept within the limits, unmapped. */
import { constants } from 'node:os';
import { MapClosedError } from './errors.js';
import { FileTable } from './file-table.js';
import { Leases } from './forgotten.js';
import type { Range } from './grid.js';
import { holders, inspect } from './inspection.js';
import { budgetExceeded, ceilingReached, limitsNow } from './limit-errors.js';
import { Lease, type ManagedFile, type Wish } from './managed-file.js';
import type { Limits } from './manager-options.js';
import { Mapping } from './mapping.js';
import { explain, faultEpoch, isSystemFailure, native } from './native.js';
import { alignUp, PAGE_SIZE } from './page.js';
import { Recency } from './recency.js';
import { MapRegion, OpenedMapping } from './region.js';
import type { Source } from './source.js';
import { type EvictionCause, type FileInfo, freshStats, type ManagerStats } from './stats.js';

/** Regions that every manager may map even at the process ceiling. */
const GUARANTEED_REGIONS = 64;

/** Regions, files and limits of one manager. */
export class RegionPool {
  readonly limits: Limits;
  /** Sum of the sizes of all regions, as smmap counts; in whole pages it is `stats.mappedBytes`. */
  mappedMemorySize = 0;
  readonly #stats: ManagerStats = freshStats();
  readonly #files: FileTable;
  readonly #idle: Recency<MapRegion>;
  readonly #leases = new Leases((lease) => {
    this.dismiss(lease);
    this.#stats.leaked++;
  });
  #inUse = 0;
  #clock = 0;
  #closed = false;
  #faultsOfClosed = 0;
  #faultsOfOpen = 0;
  #faultsAt = faultEpoch[0];

  constructor(limits: Limits) {
    this.limits = limits;
    this.#files = new FileTable(limits.windowSize);
    this.#idle = new Recency(limits.maxMemorySize);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Regions mapped now. */
  get regionCount(): number {
    return this.#stats.regions;
  }

  /** Files with at least one region. */
  get filesMapped(): number {
    let mapped = 0;
    for (const { regions } of this.#files) if (regions.length > 0) mapped++;
    return mapped;
  }

  /** @throws MapClosedError */
  checkOpen(): void {
    if (this.#closed) throw new MapClosedError('the manager is closed');
  }

  /** The file that `source` stands for now. */
  find(source: Source, flags: number): ManagedFile {
    this.checkOpen();
    return this.#files.find(source, flags);
  }

  /** Lets a cursor in; it is watched, not held. */
  admit(cursor: object, entry: ManagedFile): Lease {
    const lease = new Lease(cursor, entry);
    this.#leases.add(lease);
    entry.leases.add(lease);
    return lease;
  }

  /** The cursor of this lease is gone, or takes another file. */
  dismiss(lease: Lease): void {
    this.leave(lease);
    this.#leases.remove(lease);
    lease.file.leases.delete(lease);
    this.#files.tidy(lease.file);
  }

  /** One more use of a region that was mapped already. */
  countHit(): void {
    this.#stats.hits++;
  }

  /** The cursor stands on no region any more. Nothing is unmapped, unless the region was replaced. */
  leave(lease: Lease): void {
    const { region } = lease;
    if (region === undefined) return;
    lease.region = undefined;
    region.lastUse = ++this.#clock;
    if (--region.users > 0) return;
    this.#inUse--;
    if (region.retired) {
      this.#unmap(region);
    } else {
      region.hideWhenCrowded();
      this.#idle.leave(region, region.entries > 1);
    }
  }

  /**
   * Puts the cursor onto a region that holds the wish, mapping it if need be.
   * @returns false when the file ends at or before the offset
   * @throws Error of the system · BudgetExceededError · MapFaultError · FileChangedError;
   * the cursor then stands where it stood, unless its own region had to make room
   */
  obtain(lease: Lease, wish: Wish): boolean {
    native.arm();
    const entry = lease.file;
    if (wish.offset >= entry.file.size) return false;
    const outdated = entry.outdated(wish.offset);
    if (outdated !== undefined) this.#retire(outdated);
    let region = entry.holding(wish);
    if (region === undefined) {
      if (!this.#stillThere(entry, wish.offset)) return false;
      region = this.#map(lease, wish);
      this.#stats.misses++;
    } else {
      region.verify();
      this.#stats.hits++;
    }
    this.#enter(lease, region);
    return true;
  }

  /** Puts the cursor onto a region that another cursor stands on. */
  join(lease: Lease, region: MapRegion): void {
    this.#enter(lease, region);
  }

  /** Whether the file still reaches beyond `offset`. That it grew is for `refresh()` to see. */
  #stillThere({ file }: ManagedFile, offset: number): boolean {
    const known = file.size;
    const now = file.sizeNow();
    if (now > known) file.size = known;
    return offset < file.size;
  }

  #map(lease: Lease, wish: Wish): MapRegion {
    const entry = lease.file;
    const { range, onGrid } = entry.place(wish);
    const mapping = this.#open(lease, range);
    const region = new MapRegion(new OpenedMapping(mapping, entry.file));
    entry.regions.add(region, onGrid);
    const stats = this.#stats;
    stats.maps++;
    stats.regions++;
    this.mappedMemorySize += region.size;
    stats.mappedBytes += region.extent;
    stats.peakMappedBytes = Math.max(stats.peakMappedBytes, stats.mappedBytes);
    return region;
  }

  /** Maps a range within the limits; makes room when the system says no. */
  #open(lease: Lease, range: Range): Mapping {
    const { file } = lease.file;
    const length = range.end - range.begin;
    this.#makeRoom(lease, alignUp(length, PAGE_SIZE));
    const descriptor = file.descriptor();
    for (;;) {
      const guaranteed = this.#stats.regions < GUARANTEED_REGIONS;
      let cause: EvictionCause = 'ceiling';
      let failure: unknown;
      try {
        const mapping = Mapping.open(descriptor, range.begin, length, 'read', guaranteed);
        if (mapping !== undefined) return mapping;
      } catch (error) {
        if (!isSystemFailure(error) || error.errno !== ENOMEM) throw explain(error, file.path);
        cause = 'ENOMEM';
        failure = error;
      }
      if (!this.#freeOne(lease, cause, true)) {
        throw failure === undefined
          ? ceilingReached(holders(this.#files))
          : explain(failure, file.path, limitsNow(this.#stats));
      }
      this.#stats.retries++;
    }
  }

  /** Frees regions until `extent` more bytes fit or, without `hardLimit`, everything is in use. */
  #makeRoom(lease: Lease, extent: number): void {
    const { hardLimit } = this.limits;
    for (;;) {
      const cause = this.#limitPassed(extent);
      if (cause === undefined) return;
      if (this.#freeOne(lease, cause, hardLimit)) continue;
      if (hardLimit)
        throw budgetExceeded(cause, this.limits, this.#stats, extent, holders(this.#files));
      this.#stats.bent++;
      return;
    }
  }

  #limitPassed(extent: number): 'maxMemorySize' | 'maxOpenHandles' | undefined {
    const { maxMemorySize, maxOpenHandles } = this.limits;
    if (this.#stats.mappedBytes + extent > maxMemorySize) return 'maxMemorySize';
    if (this.#stats.regions + 1 > maxOpenHandles) return 'maxOpenHandles';
    return undefined;
  }

  /**
   * Unmaps one region: the idle one that is next, else the one the asking cursor is
   * about to leave, else one that only forgotten cursors are on. False: there is none.
   */
  #freeOne(asking: Lease, cause: EvictionCause, must: boolean): boolean {
    const before = this.#stats.regions;
    if (this.#idle.next() === undefined && asking.region?.users === 1) this.leave(asking);
    if (this.#idle.next() === undefined) {
      const others = this.#inUse - (asking.region === undefined ? 0 : 1);
      if (others > 0) this.#leases.find(must);
    }
    const region = this.#idle.next();
    if (region !== undefined) this.#unmap(region);
    const freed = before - this.#stats.regions; // a replaced region goes with its last cursor
    this.#stats.evictions += freed;
    this.#stats.evictionsBy[cause] += freed;
    return freed > 0;
  }

  #enter(lease: Lease, region: MapRegion): void {
    if (lease.region === region) return;
    this.#idle.remove(region);
    if (region.users++ === 0) this.#inUse++;
    region.entries++;
    this.leave(lease);
    lease.region = region;
    region.lastUse = ++this.#clock;
  }

  /** The region is handed out no more, and goes when its last cursor leaves it. */
  #retire(region: MapRegion): void {
    if (region.retired) return;
    this.#files.entryOf(region.file).regions.setAside(region);
    region.retired = true;
    if (region.users === 0) this.#unmap(region);
  }

  #unmap(region: MapRegion): void {
    region.close(); // first: when it cannot be closed, nothing has changed
    this.#idle.remove(region);
    const stats = this.#stats;
    stats.unmaps++;
    stats.regions--;
    this.mappedMemorySize -= region.size;
    stats.mappedBytes -= region.extent;
    this.#faultsOfClosed += region.faults;
    const entry = this.#files.entryOf(region.file);
    entry.regions.remove(region);
    this.#files.tidy(entry);
  }

  /**
   * Looks at the file again: its size, and pages that were lost. Regions that no
   * longer fit are handed out no more.
   */
  refresh(entry: ManagedFile): void {
    entry.file.sizeNow();
    for (const region of entry.regions) {
      if (region.faults > 0 || region.ofsEnd > entry.file.size) this.#retire(region);
    }
  }

  /** Unmaps every idle region; returns how many. */
  collect(): number {
    this.#leases.sweep();
    const before = this.#stats.regions;
    for (let region = this.#idle.next(); region !== undefined; region = this.#idle.next()) {
      this.#unmap(region);
    }
    return before - this.#stats.regions;
  }

  /** Unmaps what is in use too, for files at or below a path; returns how many regions. */
  closeUnder(basePath: string): number {
    let closed = 0;
    for (const entry of this.#files.under(basePath)) closed += this.#closeFile(entry);
    return closed;
  }

  #closeFile(entry: ManagedFile): number {
    const regions = [...entry.regions];
    for (const lease of entry.leases) this.leave(lease);
    for (const region of regions) if (!region.closed) this.#unmap(region);
    entry.closed = true;
    this.#files.drop(entry);
    return regions.length;
  }

  /** Unmaps everything. Again does nothing. */
  close(): void {
    for (const entry of [...this.#files]) {
      this.#closeFile(entry);
      for (const lease of [...entry.leases]) this.dismiss(lease);
    }
    this.#closed = true;
  }

  /** The counters as of now: a copy. */
  stats(): ManagerStats {
    const stats = this.#stats;
    if (this.#faultsAt !== faultEpoch[0]) {
      this.#faultsAt = faultEpoch[0];
      this.#faultsOfOpen = 0;
      for (const { regions } of this.#files) {
        for (const region of regions) this.#faultsOfOpen += region.faults;
      }
    }
    stats.faults = this.#faultsOfOpen + this.#faultsOfClosed;
    stats.files = this.#files.size;
    return { ...stats, evictionsBy: { ...stats.evictionsBy } };
  }

  /** Every file with its windows. */
  inspect(): FileInfo[] {
    return inspect(this.#files);
  }
}

/** As the addon reports it; the same number on Linux and macOS. */
const ENOMEM = -constants.errno.ENOMEM;
