/** Mapping within the limits: who goes to make room, and what happens when the system says no. */
import { ceilingReached } from './ceiling.js';
import type { BudgetExceededError, RegionHolder } from './errors.js';
import { tellRetried } from './events.js';
import type { MappedFile } from './file.js';
import { closeForgotten } from './forgotten-mappings.js';
import type { Range } from './grid.js';
import { budgetExceeded, limitsNow } from './limit-errors.js';
import type { Lease } from './managed-file.js';
import type { Limits } from './manager-options.js';
import { Mapping } from './mapping.js';
import { errnoOf, explain, isSystemFailure, native } from './native.js';
import { alignUp, PAGE_SIZE } from './page.js';
import type { EvictionCause, ManagerStats } from './stats.js';

/** Regions that a manager gets out of what is kept back under the process ceiling. */
const RESERVED_REGIONS = 64;

/** What the budget asks of the pool whose regions it limits. */
export interface Evictable {
  /** Unmaps the idle region that is next to go; false: none can go. */
  evict(cause: EvictionCause): boolean;
  /** Takes a cursor off its region. */
  leave(lease: Lease): void;
  /** Takes dead cursors off their regions; `must` when an error is about to be thrown. */
  releaseForgotten(must: boolean): number;
  /** Whole pages of the regions that cursors stand on, and of those that must stay. */
  readonly bytesHeld: number;
  /** How many these are. */
  readonly regionsHeld: number;
  /** Cursors that are known, dead ones among them. */
  readonly cursors: number;
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
    const extent = alignUp(length, PAGE_SIZE);
    this.#makeRoom(lease, extent);
    for (;;) {
      let cause: EvictionCause = 'ceiling';
      let failure: unknown;
      try {
        const reserved = this.#stats.regions < RESERVED_REGIONS;
        const { access } = this.#limits;
        // Asked for each time: whoever hears of an eviction may have closed it.
        const mapping = file.onDescriptor((descriptor) =>
          Mapping.open(descriptor, range.begin, length, access, reserved, false),
        );
        if (mapping !== undefined) return mapping;
      } catch (error) {
        if (!isSystemFailure(error) || error.errno !== errnoOf('ENOMEM'))
          throw explain(error, file.path);
        cause = 'ENOMEM';
        failure = error;
      }
      if (!this.#freeOne(lease, cause, true) && closeForgotten() === 0) {
        throw this.#refused(file, failure);
      }
      this.#stats.retries++;
      tellRetried(file.name, range.begin, length, cause);
      this.#evictFor(extent); // cursors may have been found forgotten: a limit that bent need not then
    }
  }

  /** Makes room for `extent` more bytes out of what is idle. False: there is too little, and mostly nothing went. */
  makesRoom(extent: number): boolean {
    const { maxMemorySize, maxOpenHandles } = this.#limits;
    const { bytesHeld, regionsHeld } = this.#regions;
    if (bytesHeld + extent > maxMemorySize || regionsHeld >= maxOpenHandles) return false;
    return this.#evictFor(extent); // false here: one with stores had to stay, or one in use by the engine
  }

  /** Unmaps idle regions until `extent` more bytes fit; false: none is left that can go. */
  #evictFor(extent: number): boolean {
    for (;;) {
      const cause = this.#limitPassed(extent);
      if (cause === undefined) return true;
      if (!this.#regions.evict(cause)) return false;
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
    if (hardLimit) this.#checkCanFit(lease, extent);
    for (;;) {
      const cause = this.#limitPassed(extent);
      if (cause === undefined) return;
      if (this.#freeOne(lease, cause, hardLimit)) continue;
      if (hardLimit) throw this.#exceeded(cause, extent);
      this.#stats.bent++; // soft, as smmap's limits are: everything mapped is in use
      return;
    }
  }

  /** Refuses what cannot fit however much is unmapped, before anything is. */
  #checkCanFit(lease: Lease, extent: number): void {
    const { maxMemorySize } = this.#limits;
    if (extent > maxMemorySize) throw this.#exceeded('maxMemorySize', extent);
    for (;;) {
      const own = lease.region?.users === 1 ? lease.region.extent : 0;
      if (this.#regions.bytesHeld - own + extent <= maxMemorySize) return;
      if (this.#regions.releaseForgotten(true) === 0) throw this.#exceeded('maxMemorySize', extent);
    }
  }

  #exceeded(cause: 'maxMemorySize' | 'maxOpenHandles', extent: number): BudgetExceededError {
    return budgetExceeded(cause, this.#limits, this.#stats, extent, this.#regions.holders());
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
    if (regions.evict(cause) || this.#freeOwn(asking, cause)) return true;
    if (regions.cursors <= 1) return false;
    const before = this.#stats.regions;
    while (regions.releaseForgotten(must) > 0) {
      if (this.#stats.regions < before) return true; // a replaced region went with its last cursor
      if (regions.evict(cause) || this.#freeOwn(asking, cause)) return true;
    }
    return false; // those that were found had others beside them
  }

  #freeOwn(asking: Lease, cause: EvictionCause): boolean {
    if (asking.region?.users !== 1) return false;
    const before = this.#stats.regions;
    this.#regions.leave(asking);
    return this.#stats.regions < before || this.#regions.evict(cause);
  }
}
