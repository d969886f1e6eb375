/** Mapping within the limits: who goes to make room, and what happens when the system says no. */
import { constants } from 'node:os';
import type { RegionHolder } from './errors.js';
import { tellEvicted, tellRetried } from './events.js';
import type { MappedFile } from './file.js';
import type { Range } from './grid.js';
import { budgetExceeded, ceilingReached, limitsNow } from './limit-errors.js';
import type { Lease } from './managed-file.js';
import type { Limits } from './manager-options.js';
import { Mapping } from './mapping.js';
import { explain, isSystemFailure, native } from './native.js';
import { alignUp, PAGE_SIZE } from './page.js';
import type { MapRegion } from './region.js';
import type { EvictionCause, ManagerStats } from './stats.js';

/** Regions that every manager may map even at the process ceiling. */
const GUARANTEED_REGIONS = 64;
/** As the addon reports it. */
const ENOMEM = -constants.errno.ENOMEM;

/** What the budget asks of the pool whose regions it limits. */
export interface Evictable {
  /** The idle region that is next to go; it holds nothing that would be lost. */
  nextToGo(): MapRegion | undefined;
  /** Unmaps a region. */
  unmap(region: MapRegion): void;
  /** Takes a cursor off its region. */
  leave(lease: Lease): void;
  /** Takes dead cursors off their regions; `must` when an error is about to be thrown. */
  releaseForgotten(must: boolean): void;
  /** Regions that cursors stand on. */
  readonly regionsInUse: number;
  /** Who holds what, for an error. */
  holders(): RegionHolder[];
}

/** The limits of one manager, enforced when something is mapped. */
export class Budget {
  readonly #limits: Limits;
  readonly #stats: ManagerStats;
  readonly #regions: Evictable;

  /** @param stats counters that the pool keeps and the budget adds to */
  constructor(limits: Limits, stats: ManagerStats, regions: Evictable) {
    this.#limits = limits;
    this.#stats = stats;
    this.#regions = regions;
  }

  /**
   * Maps a range of a file for a cursor, which leaves its own region first when
   * there is no other way to make room.
   * @throws Error of the system · BudgetExceededError · FileChangedError
   */
  map(lease: Lease, file: MappedFile, range: Range): Mapping {
    const length = range.end - range.begin;
    const descriptor = file.descriptor();
    this.#makeRoom(lease, alignUp(length, PAGE_SIZE));
    for (;;) {
      const guaranteed = this.#stats.regions < GUARANTEED_REGIONS;
      let cause: EvictionCause = 'ceiling';
      let failure: unknown;
      try {
        const { access } = this.#limits;
        const mapping = Mapping.open(descriptor, range.begin, length, access, guaranteed);
        if (mapping !== undefined) return mapping;
      } catch (error) {
        if (!isSystemFailure(error) || error.errno !== ENOMEM) throw explain(error, file.path);
        cause = 'ENOMEM';
        failure = error;
      }
      if (!this.#freeOne(lease, cause, true)) throw this.#refused(file, failure);
      this.#stats.retries++;
      tellRetried(file.name, range.begin, length, cause);
    }
  }

  #refused(file: MappedFile, failure: unknown): unknown {
    if (failure !== undefined) return explain(failure, file.path, limitsNow(this.#stats));
    native.askOthers(); // another thread's idle regions will be gone when this is tried again
    return ceilingReached(this.#regions.holders());
  }

  /** Frees regions until `extent` more bytes fit or, without `hardLimit`, everything is in use. */
  #makeRoom(lease: Lease, extent: number): void {
    const { hardLimit } = this.#limits;
    for (;;) {
      const cause = this.#limitPassed(extent);
      if (cause === undefined) return;
      if (this.#freeOne(lease, cause, hardLimit)) continue;
      if (hardLimit) {
        throw budgetExceeded(cause, this.#limits, this.#stats, extent, this.#regions.holders());
      }
      this.#stats.bent++; // soft, as smmap's limits are: everything mapped is in use
      return;
    }
  }

  #limitPassed(extent: number): 'maxMemorySize' | 'maxOpenHandles' | undefined {
    const { maxMemorySize, maxOpenHandles } = this.#limits;
    if (this.#stats.mappedBytes + extent > maxMemorySize) return 'maxMemorySize';
    if (this.#stats.regions + 1 > maxOpenHandles) return 'maxOpenHandles';
    return undefined;
  }

  /**
   * Unmaps one region: the idle one that is next, else the one the asking cursor is
   * about to leave, else one that only forgotten cursors are on. False: there is none.
   */
  #freeOne(asking: Lease, cause: EvictionCause, must: boolean): boolean {
    const regions = this.#regions;
    const before = this.#stats.regions;
    let next = regions.nextToGo();
    if (next === undefined && asking.region?.users === 1) {
      regions.leave(asking);
      next = regions.nextToGo();
    }
    if (next === undefined) {
      const others = regions.regionsInUse - (asking.region === undefined ? 0 : 1);
      if (others > 0) regions.releaseForgotten(must);
      next = regions.nextToGo();
    }
    if (next !== undefined) {
      tellEvicted(next, cause);
      regions.unmap(next);
    }
    const freed = before - this.#stats.regions; // a replaced region goes with its last cursor
    this.#stats.evictions += freed;
    this.#stats.evictionsBy[cause] += freed;
    return freed > 0;
  }
}
