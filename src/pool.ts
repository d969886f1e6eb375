/** The mapped regions of one manager: handed out, kept within the limits, unmapped. */
import { Budget, type Evictable } from './budget.js';
import { MapClosedError, type MapFaultError, type RegionHolder } from './errors.js';
import { tellEvicted, tellMapped, tellUnmapped } from './events.js';
import { FileTable } from './file-table.js';
import { Leases } from './forgotten.js';
import { holders, inspect } from './inspection.js';
import { Lease, type ManagedFile, type WindowRequest } from './managed-file.js';
import type { Limits } from './manager-options.js';
import { faultStamp } from './mapping.js';
import { isSystemFailure, native } from './native.js';
import { awaitCollection, Membership, type Neighbour } from './neighbours.js';
import { alignUp, PAGE_SIZE } from './page.js';
import { Recency } from './recency.js';
import { MapRegion, OpenedMapping, regionName } from './region.js';
import type { Source } from './source.js';
import { type EvictionCause, type FileInfo, freshStats, type ManagerStats } from './stats.js';

/** A buffer's moves between mapped regions that look once whether the fault guard is still in force. */
const ARM_EACH = 16;

/** Regions, files and limits of one manager. */
export class RegionPool implements Evictable, Neighbour {
  readonly limits: Limits;
  /** Sum of the sizes of all regions, as smmap counts; in whole pages it is `stats().mappedBytes`. */
  mappedMemorySize = 0;
  readonly #stats: ManagerStats = freshStats();
  readonly #files: FileTable;
  readonly #idle = new Recency<MapRegion>();
  readonly #leases: Leases;
  readonly #budget: Budget;
  #filesMapped = 0;
  #clock = 0;
  #readerMoves = 0;
  #closed = false;
  readonly #membership: Membership;
  #faultsOfClosed = 0;
  #faultsOfOpen = 0;
  /** The stamp at which the faults of open regions were counted. */
  #faultsAt: number | undefined = faultStamp();
  /** A fault that took stores with it and that nobody was told of. */
  #lostStores: MapFaultError | undefined;

  constructor(limits: Limits) {
    this.limits = limits;
    this.#files = new FileTable(limits.windowSize, limits.access === 'write');
    this.#leases = new Leases(limits.debug, (lease) => {
      this.dismiss(lease);
      this.#stats.leaked++;
    });
    this.#budget = new Budget(limits, this.#stats, this);
    this.#membership = new Membership(this);
  }

  /** Regions mapped now. */
  get regionCount(): number {
    return this.#stats.regions;
  }

  get bytesHeld(): number {
    return this.#stats.mappedBytes - this.#idle.bytes;
  }

  get regionsHeld(): number {
    return this.#stats.regions - this.#idle.length;
  }

  get cursors(): number {
    return this.#leases.size;
  }

  /** Files with at least one region. */
  get filesMapped(): number {
    return this.#filesMapped;
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
    const lease = new Lease(cursor, entry, this.#membership.watches, this.limits.debug);
    entry.addLease(lease); // first: the other may sweep, and forget an entry without leases
    this.#leases.add(lease);
    awaitCollection();
    return lease;
  }

  /** The cursor of this lease is gone, or takes another file. */
  dismiss(lease: Lease): void {
    this.leave(lease);
    this.#leases.remove(lease);
    lease.file.removeLease(lease);
    this.#files.tidy(lease.file);
  }

  releaseForgotten(must: boolean): number {
    return this.#leases.find(must, this.#stats.regions);
  }

  releaseCollected(): void {
    this.#leases.sweep();
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
    region.hideWhenCrowded();
    this.#idle.leave(region, region.entries > 1);
    if (region.retired) this.#tryUnmap(region);
  }

  /**
   * Puts the cursor onto a region that holds what is requested, mapping it if need be.
   * @param forReader whether a buffer reads through the cursor, and moves it
   * @returns false when the file ends at or before the offset
   * @throws Error of the system · BudgetExceededError · MapFaultError · FileChangedError;
   * the cursor then stands where it stood, unless its own region had to make room
   */
  obtain(lease: Lease, request: WindowRequest, forReader = false): boolean {
    const entry = lease.file;
    let region = this.#mapped(entry, request);
    if (region === undefined) {
      if (!stillThere(entry, request.offset)) return false;
      region = this.#mapped(entry, request); // now that the file may be known to be shorter
    }
    if (region === undefined) {
      region = this.#map(lease, request);
      this.#stats.misses++;
    } else {
      // Mapping arms by itself. It is a system call, half of such a move, and readers make many.
      if (!forReader || ++this.#readerMoves % ARM_EACH === 0) native.arm();
      this.#stats.hits++;
    }
    this.#enter(lease, region, true);
    return true;
  }

  /**
   * Fills a part of `into` from the file, where no region holds the place and one would have to go to map
   * its window, as long as the place has not proved itself; see `direct-reads.ts`.
   * @returns false: nothing was read, and the window is to be used
   */
  readDirectly(
    lease: Lease,
    offset: number,
    into: Uint8Array,
    start: number,
    size: number,
  ): boolean {
    const { file: entry } = lease;
    const { maxMemorySize, maxOpenHandles, windowSize } = this.limits;
    const stats = this.#stats;
    if (offset + size > entry.file.size) return false;
    const fits = stats.mappedBytes + (windowSize || entry.file.size) <= maxMemorySize;
    if (fits && stats.regions < maxOpenHandles) return false;
    if (!entry.shallReadDirectly(offset, maxMemorySize)) return false;
    if (entry.file.read(into, start, size, offset) < size) return false; // using the window tells why
    stats.directReads++;
    return true;
  }

  /** A region that holds what is requested and fits the file as it is known to be. */
  #mapped(entry: ManagedFile, request: WindowRequest): MapRegion | undefined {
    if (request.offset >= entry.file.size) return undefined;
    for (const region of entry.outdated(request.offset)) {
      if (!region.hasPrivateStores()) this.#retire(region);
    }
    const region = entry.holding(request);
    if (region !== undefined && region.faults > 0) throw region.faultToTell();
    return region;
  }

  /**
   * Whether a cursor without a region can enter one at `offset` without a limit bending, or
   * refusing it. Room for it is made.
   * @throws MapFaultError, as entering it would
   */
  hasRoom(entry: ManagedFile, offset: number): boolean {
    const request = { offset, size: 1, whole: false };
    if (offset >= entry.file.size || this.#mapped(entry, request) !== undefined) return true;
    const { begin, end } = entry.place(request).range;
    return this.#budget.makesRoom(alignUp(end - begin, PAGE_SIZE));
  }

  /** Puts the cursor onto a region that another cursor stands on. */
  join(lease: Lease, region: MapRegion): void {
    this.#enter(lease, region, false);
  }

  #map(lease: Lease, request: WindowRequest): MapRegion {
    const entry = lease.file;
    const { range, from, onGrid } = entry.place(request);
    this.#idle.want(regionName(entry.file, range.begin), this.#stats.mappedBytes);
    const mapping = this.#budget.map(lease, entry.file, range);
    if (this.#closed || entry.closed) {
      mapping.close(); // by whoever heard of an eviction
      throw new MapClosedError(`${entry.file.name} was closed while it was mapped`);
    }
    const region = new MapRegion(new OpenedMapping(mapping, entry.file, from));
    entry.regions.add(region, onGrid);
    if (entry.regions.length === 1) this.#filesMapped++;
    const stats = this.#stats;
    stats.maps++;
    stats.regions++;
    this.mappedMemorySize += region.size;
    stats.mappedBytes += region.extent;
    stats.peakMappedBytes = Math.max(stats.peakMappedBytes, stats.mappedBytes);
    tellMapped(region);
    return region;
  }

  /** @param counts whether it makes the region one that is entered again and again */
  #enter(lease: Lease, region: MapRegion, counts: boolean): void {
    if (lease.region === region) return;
    this.#idle.enter(region, this.#stats.mappedBytes);
    region.users++;
    if (counts) region.entries++;
    this.leave(lease);
    lease.region = region;
    region.lastUse = ++this.#clock;
  }

  /** The region is handed out no more, and goes when its last cursor leaves it. */
  #retire(region: MapRegion): void {
    if (region.retired) return;
    this.#files.entryOf(region.file).regions.setAside(region);
    region.retired = true;
    if (region.users === 0) this.#tryUnmap(region);
  }

  /**
   * Unmaps the idle region that is next to go. One with private stores is passed
   * over and stays, for they live nowhere else; one that the engine is using at
   * this moment (Bun, during an asynchronous read into it) counts as just left.
   */
  evict(cause: EvictionCause): boolean {
    for (let tries = this.#idle.length; tries > 0; tries--) {
      const mapped = this.#stats.mappedBytes;
      const region = this.#idle.next(mapped) as MapRegion; // there are as many as tries are left
      if (region.hasPrivateStores()) {
        this.#idle.remove(region);
      } else if (this.#tryUnmap(region)) {
        this.#idle.remember(region, mapped);
        this.#stats.evictions++;
        this.#stats.evictionsBy[cause]++;
        tellEvicted(region, cause);
        return true;
      }
    }
    return false;
  }

  /** False: the engine is using it, and it is idle as before, as the newest. */
  #tryUnmap(region: MapRegion): boolean {
    try {
      this.#unmap(region);
      return true;
    } catch (error) {
      if (!isSystemFailure(error) || error.code !== 'EBUSY') throw error;
      this.#idle.remove(region);
      region.lastUse = ++this.#clock;
      this.#idle.leave(region, true);
      return false;
    }
  }

  #unmap(region: MapRegion): void {
    region.unmap(); // before anything else: when it cannot be, nothing has changed
    if (region.faults > 0) this.#countFaults(region);
    this.#idle.remove(region);
    const stats = this.#stats;
    stats.unmaps++;
    stats.regions--;
    this.mappedMemorySize -= region.size;
    stats.mappedBytes -= region.extent;
    const entry = this.#files.entryOf(region.file);
    entry.regions.remove(region);
    if (entry.regions.length === 0) this.#filesMapped--;
    this.#files.tidy(entry);
    tellUnmapped(region);
  }

  #countFaults(region: MapRegion): void {
    this.#faultsOfClosed += region.faults;
    this.#faultsAt = undefined; // those of the open ones are fewer now
    if (this.limits.access === 'write' && !region.faultTold)
      this.#lostStores ??= region.faultToTell();
  }

  /**
   * Looks at the file again: its size, and pages that were lost. Regions that no
   * longer fit are handed out no more.
   */
  refresh(entry: ManagedFile): void {
    entry.file.size = entry.file.sizeNow();
    for (const region of entry.regions) {
      const { faults, ofsEnd } = region;
      // Stores that are private go with a lost page: that was told, or is seen by who refreshes.
      if (faults > 0 || (ofsEnd > entry.file.size && !region.hasPrivateStores())) {
        this.#retire(region);
      }
    }
  }

  /** Unmaps every idle region, save those with private stores; returns how many. */
  collect(): number {
    this.#leases.sweep();
    return this.release(this.#idle.length);
  }

  /** Unmaps up to `most` idle regions, the next to go first; returns how many. */
  release(most: number): number {
    let released = 0;
    for (let tries = Math.min(most, this.#idle.length); tries > 0; tries--) {
      const region = this.#idle.next(this.#stats.mappedBytes);
      if (region === undefined) break;
      if (region.hasPrivateStores()) this.#idle.remove(region);
      else if (this.#tryUnmap(region)) released++;
    }
    return released;
  }

  /** Unmaps what is in use too, for files at or below a path; returns how many regions. */
  closeUnder(basePath: string): number {
    let closed = 0;
    for (const entry of this.#files.under(basePath)) closed += this.#closeFile(entry);
    return closed;
  }

  /** Unmaps first: where the engine is using a region (`EBUSY`, Bun), the file stays as it was but for those. */
  #closeFile(entry: ManagedFile): number {
    const regions = [...entry.regions];
    for (const lease of entry.leases) this.leave(lease);
    for (const region of regions) if (!region.closed) this.#unmap(region);
    entry.closed = true;
    for (const lease of [...entry.leases]) this.dismiss(lease);
    this.#files.drop(entry);
    return regions.length;
  }

  /**
   * Unmaps everything. Again does nothing.
   * @throws MapFaultError after everything is unmapped, when stores were lost and nobody was told
   */
  close(): void {
    for (const entry of [...this.#files]) this.#closeFile(entry);
    this.#closed = true;
    this.#membership.leave();
    const lost = this.#lostStores;
    this.#lostStores = undefined;
    if (lost !== undefined) throw lost;
  }

  /** The counters as of now: a copy. */
  stats(): ManagerStats {
    const stats = this.#stats;
    if (this.#faultsAt !== faultStamp()) {
      this.#faultsAt = faultStamp();
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

  holders(): RegionHolder[] {
    return holders(this.#files);
  }
}

/** Whether the file still reaches beyond `offset`. That it grew is for `refresh()` to see. */
function stillThere({ file }: ManagedFile, offset: number): boolean {
  file.size = Math.min(file.size, file.sizeNow());
  return offset < file.size;
}
