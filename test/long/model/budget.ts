/** Making room and mapping, by rules 3, 4 and 5. */

import assert from 'node:assert/strict';
import type { MappingHandle } from '#src/native.js';
import type { Entry } from './entry.js';
import type { Lease } from './lease.js';
import type { Cause, ManagerModel } from './manager.js';
import { pathOf, Refusal } from './refusal.js';
import { pageUp } from './region.js';

export class BudgetModel {
  evictions = 0;
  readonly evictionsBy: Record<Cause, number> = {
    maxMemorySize: 0,
    maxOpenHandles: 0,
    ENOMEM: 0,
    ceiling: 0,
  };
  retries = 0;
  bent = 0;
  readonly #manager: ManagerModel;

  constructor(manager: ManagerModel) {
    this.#manager = manager;
  }

  /** Maps a range of the lease's file within the limits. */
  map(lease: Lease, begin: number, end: number): MappingHandle {
    this.#makeRoom(lease, pageUp(end - begin));
    for (;;) {
      const failed = this.#try(lease.entry, begin, end);
      if (typeof failed !== 'string') return failed;
      const cause = failed === 'ceiling' ? 'ceiling' : 'ENOMEM';
      if (!this.#freeOne(lease, cause)) this.#refuse(failed, lease.entry);
      this.retries++;
      this.#manager.flow.told.push(
        `smmap:retry ${lease.entry.name} ${begin}+${end - begin} ${cause}`,
      );
      this.#unbend(pageUp(end - begin));
    }
  }

  /** Asks the system. @returns what to free a region for, when there is no room */
  #try(entry: Entry, begin: number, end: number): MappingHandle | 'ENOMEM' | 'ceiling' {
    const { flow } = this.#manager;
    try {
      return flow.onDescriptor(entry, () => this.#ask(entry, begin, end));
    } catch (refusal) {
      if (refusal instanceof Refusal && refusal.code === 'ENOMEM') return 'ENOMEM';
      throw refusal;
    }
  }

  #ask(entry: Entry, begin: number, end: number): MappingHandle | 'ceiling' {
    const asked = this.#manager.flow.trace.take('map', `${entry.name} is mapped at ${begin}`);
    assert.deepEqual([asked.offset, asked.offset + asked.length], [begin, end], 'the range mapped');
    assert.equal(asked.descriptor, entry.descriptor, 'a descriptor of another file');
    if (asked.failure === undefined) return asked.handle;
    if (asked.failure === 'ceiling') return asked.failure;
    throw new Refusal(asked.failure, pathOf(entry.source));
  }

  /** Frees idle regions until so many bytes more fit; nothing where it is plain that they cannot. */
  makesRoom(extent: number): boolean {
    const { plan, regions, idle } = this.#manager;
    if (this.#held + extent > plan.maxMemorySize) return false;
    if (regions - idle.all.length >= plan.maxOpenHandles) return false;
    this.#unbend(extent);
    return this.#passed(extent) === undefined;
  }

  /** A limit that bent need not, where cursors were found to be forgotten since. */
  #unbend(extent: number): void {
    let cause = this.#passed(extent);
    while (cause !== undefined && this.#evict(cause)) cause = this.#passed(extent);
  }

  #refuse(cause: Cause, entry: Entry): never {
    this.#manager.assertNoneForgotten();
    throw cause === 'ENOMEM' ? new Refusal(cause, pathOf(entry.source)) : this.#exceeded();
  }

  /** The refusal that tells who holds what, the largest first. */
  #exceeded(): Refusal {
    const regions = [...this.#manager.entries.values()].flatMap((entry) => entry.sorted);
    const idle = new Set(this.#manager.idle.all);
    const holders = regions
      .filter((region) => !idle.has(region))
      .map(({ entry, begin: offset, size, users }) => {
        return { file: entry.name, offset, size, users: users.size };
      });
    return new Refusal('ERR_SMMAP_BUDGET', { holders: holders.sort((a, b) => b.size - a.size) });
  }

  /** Frees regions until so many bytes more fit. */
  #makeRoom(lease: Lease, extent: number): void {
    const { hardLimit } = this.#manager.plan;
    if (hardLimit) this.#checkCanFit(lease, extent);
    for (;;) {
      const cause = this.#passed(extent);
      if (cause === undefined) return;
      if (this.#freeOne(lease, cause)) continue;
      if (hardLimit) this.#refuse(cause, lease.entry);
      this.bent++;
      return;
    }
  }

  /** What cannot fit is refused before anything is unmapped. */
  #checkCanFit(lease: Lease, extent: number): void {
    const { maxMemorySize } = this.#manager.plan;
    if (extent > maxMemorySize) throw this.#exceeded();
    const fits = () => {
      const own = lease.region?.users.size === 1 ? lease.region.extent : 0;
      return this.#held - own + extent <= maxMemorySize;
    };
    while (!fits() && this.#manager.bury()) {}
    if (!fits()) this.#refuse('maxMemorySize', lease.entry);
  }

  /** Bytes that cannot be freed: in use, or noticed to hold stores. */
  get #held(): number {
    return this.#manager.counts.mappedBytes - this.#manager.idle.bytes;
  }

  #passed(extent: number): 'maxMemorySize' | 'maxOpenHandles' | undefined {
    const { plan, counts, regions } = this.#manager;
    if (counts.mappedBytes + extent > plan.maxMemorySize) return 'maxMemorySize';
    if (regions + 1 > plan.maxOpenHandles) return 'maxOpenHandles';
    return undefined;
  }

  /** The idle region that is next, else the one that the asking cursor leaves, else a forgotten one. */
  #freeOne(lease: Lease, cause: Cause): boolean {
    if (this.#evict(cause) || this.#freeOwn(lease, cause)) return true;
    const before = this.#manager.regions;
    while (this.#manager.bury()) {
      if (this.#manager.regions < before) return true;
      if (this.#evict(cause) || this.#freeOwn(lease, cause)) return true;
    }
    return false;
  }

  #evict(cause: Cause): boolean {
    const manager = this.#manager;
    const region = manager.next();
    if (region === undefined) return false;
    const { mappedBytes } = manager.counts;
    manager.unmap(region);
    manager.idle.remember(region, mappedBytes);
    this.evictions++;
    this.evictionsBy[cause]++;
    manager.flow.told.push(`smmap:evict ${region} ${cause}`);
    return true;
  }

  #freeOwn(lease: Lease, cause: Cause): boolean {
    if (lease.region?.users.size !== 1) return false;
    const before = this.#manager.regions;
    this.#manager.leave(lease);
    return this.#manager.regions < before || this.#evict(cause);
  }

  /** After a map, what exceeds a limit is in use or holds stores that must be kept (rule 4). */
  assertKept(): void {
    const { plan, counts, regions, idle } = this.#manager;
    const passed = counts.mappedBytes > plan.maxMemorySize || regions > plan.maxOpenHandles;
    if (!passed) return;
    assert.ok(!plan.hardLimit, 'rule 4: a hard limit is exceeded');
    const free = idle.all.filter((region) => !region.mustStay);
    assert.deepEqual(free.map(String), [], 'rule 4: a limit is exceeded by what is idle');
  }
}
