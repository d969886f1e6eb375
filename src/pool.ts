/** The mapped regions of one manager: handed out, kept within the limits, unmapped. */
import { Budget, type Evictable } from './budget.js';
import { MapClosedError, type MapFaultError, type RegionHolder } from './errors.js';
import { tellMapped, tellUnmapped } from './events.js';
import { FileTable } from './file-table.js';
import { Leases } from './forgotten.js';
import { holders, inspect } from './inspection.js';
import { Lease, type ManagedFile, type Wish } from './managed-file.js';
import type { Limits } from './manager-options.js';
import { faultEpoch, native } from './native.js';
import { joinThread } from './neighbours.js';
import { Recency } from './recency.js';
import { MapRegion, OpenedMapping } from './region.js';
import type { Source } from './source.js';
import { type FileInfo, freshStats, type ManagerStats } from './stats.js';

/** Regions, files and limits of one manager. */
export class RegionPool implements Evictable {
  readonly limits: Limits;
  /** Sum of the sizes of all regions, as smmap counts; in whole pages it is `stats().mappedBytes`. */
  mappedMemorySize = 0;
  readonly #stats: ManagerStats = freshStats();
  readonly #files: FileTable;
  readonly #idle: Recency<MapRegion>;
  readonly #leases: Leases;
  readonly #budget: Budget;
  #inUse = 0;
  #clock = 0;
  #closed = false;
  #faultsOfClosed = 0;
  #faultsOfOpen = 0;
  /** The epoch at which the faults of open regions were counted. */
  #faultsAt = faultEpoch[0];
  /** A fault that took stores with it and that nobody was told of. */
  #lostStores: MapFaultError | undefined;

  constructor(limits: Limits) {
    this.limits = limits;
    this.#files = new FileTable(limits.windowSize, limits.access === 'write');
    this.#idle = new Recency(limits.maxMemorySize);
    this.#leases = new Leases(limits.debug, (lease) => {
      this.dismiss(lease);
      this.#stats.leaked++;
    });
    this.#budget = new Budget(limits, this.#stats, this);
    joinThread(this);
  }

  /** Regions mapped now. */
  get regionCount(): number {
    return this.#stats.regions;
  }

  get regionsInUse(): number {
    return this.#inUse;
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
    const lease = new Lease(cursor, entry, this.limits.debug);
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

  releaseForgotten(must: boolean): void {
    this.#leases.find(must);
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
      this.unmap(region);
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
      if (!stillThere(entry, wish.offset)) return false;
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

  #map(lease: Lease, wish: Wish): MapRegion {
    const entry = lease.file;
    const { range, onGrid } = entry.place(wish);
    const mapping = this.#budget.map(lease, entry.file, range);
    const region = new MapRegion(new OpenedMapping(mapping, entry.file));
    entry.regions.add(region, onGrid);
    const stats = this.#stats;
    stats.maps++;
    stats.regions++;
    this.mappedMemorySize += region.size;
    stats.mappedBytes += region.extent;
    stats.peakMappedBytes = Math.max(stats.peakMappedBytes, stats.mappedBytes);
    tellMapped(region);
    return region;
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

  /**
   * The idle region that is next to go. A region with private stores stays: they
   * live nowhere else. It is idle and counted, and goes only when it is closed.
   */
  nextToGo(): MapRegion | undefined {
    let region = this.#idle.next();
    while (region?.hasPrivateStores()) {
      this.#idle.remove(region);
      region = this.#idle.next();
    }
    return region;
  }

  /** The region is handed out no more, and goes when its last cursor leaves it. */
  #retire(region: MapRegion): void {
    if (region.retired || region.hasPrivateStores()) return;
    this.#files.entryOf(region.file).regions.setAside(region);
    region.retired = true;
    if (region.users === 0) this.unmap(region);
  }

  unmap(region: MapRegion): void {
    region.close(); // before anything else: when it cannot be closed, nothing has changed
    if (region.faults > 0) this.#countFaults(region);
    this.#idle.remove(region);
    const stats = this.#stats;
    stats.unmaps++;
    stats.regions--;
    this.mappedMemorySize -= region.size;
    stats.mappedBytes -= region.extent;
    const entry = this.#files.entryOf(region.file);
    entry.regions.remove(region);
    this.#files.tidy(entry);
    tellUnmapped(region);
  }

  #countFaults(region: MapRegion): void {
    this.#faultsOfClosed += region.faults;
    this.#faultsAt = undefined; // those of the open ones are fewer now
    if (this.limits.access === 'write' && !region.faultTold) this.#lostStores ??= region.fault();
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

  /** Unmaps every idle region, save those with private stores; returns how many. */
  collect(): number {
    this.#leases.sweep();
    return this.release(Number.POSITIVE_INFINITY);
  }

  /** Unmaps up to `most` idle regions, the next to go first; returns how many. */
  release(most: number): number {
    const before = this.#stats.regions;
    for (let left = most; left > 0; left--) {
      const region = this.nextToGo();
      if (region === undefined) break;
      this.unmap(region);
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
    for (const region of regions) if (!region.closed) this.unmap(region);
    entry.closed = true;
    this.#files.drop(entry);
    return regions.length;
  }

  /**
   * Unmaps everything. Again does nothing.
   * @throws MapFaultError after everything is unmapped, when stores were lost and nobody was told
   */
  close(): void {
    for (const entry of [...this.#files]) {
      this.#closeFile(entry);
      for (const lease of [...entry.leases]) this.dismiss(lease);
    }
    this.#closed = true;
    const lost = this.#lostStores;
    this.#lostStores = undefined;
    if (lost !== undefined) throw lost;
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

  holders(): RegionHolder[] {
    return holders(this.#files);
  }
}

/** Whether the file still reaches beyond `offset`. That it grew is for `refresh()` to see. */
function stillThere({ file }: ManagedFile, offset: number): boolean {
  const known = file.size;
  if (file.sizeNow() > known) file.size = known;
  return offset < file.size;
}
