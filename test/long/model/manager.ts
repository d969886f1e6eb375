/** A manager as its contract describes it: files, leases, regions, who goes next. */

import assert from 'node:assert/strict';
import type { SlidingWindowMapManager, StaticWindowMapManager } from 'smmap';
import { IdleOrder } from '../../support/idle-order.js';
import { BudgetModel } from './budget.js';
import type { CursorModel } from './cursor.js';
import type { FileModel, Slot } from './disk.js';
import { Entry, type Source } from './entry.js';
import type { Flow } from './flow.js';
import { Lease } from './lease.js';
import type { Placement, WindowRequest } from './placement.js';
import { pathOf, Refusal } from './refusal.js';
import { type Access, nameOf, pageUp, RegionModel } from './region.js';

/** What a manager of a script is made with. */
export interface ManagerPlan {
  isStatic: boolean;
  /** Pages; 0: whole files. */
  windowPages: number;
  maxMemorySize: number;
  maxOpenHandles: number;
  hardLimit: boolean;
  access: Access;
}

export type Cause = 'maxMemorySize' | 'maxOpenHandles' | 'ENOMEM' | 'ceiling';

export class ManagerModel {
  readonly entries = new Map<FileModel, Entry>();
  /** By the number under which their cursors are watched. */
  readonly leases = new Map<number, Lease>();
  readonly idle = new IdleOrder<RegionModel>();
  readonly budget: BudgetModel;
  readonly counts = { hits: 0, misses: 0, maps: 0, unmaps: 0, leaked: 0, mappedBytes: 0, peak: 0 };
  size = 0;
  regions = 0;
  closed = false;
  #faultsOfUnmapped = 0;
  /** Stores went with a region and nobody was told. */
  #lost: Refusal | undefined;
  #clock = 0;

  constructor(
    readonly real: SlidingWindowMapManager | StaticWindowMapManager,
    readonly plan: ManagerPlan,
    readonly placement: Placement,
    readonly flow: Flow,
    /** Cursors that nobody has any more. */
    readonly forgotten: readonly CursorModel[],
  ) {
    this.budget = new BudgetModel(this);
  }

  /** Pages lost, as often as it was noticed. */
  get faults(): number {
    const regions = [...this.entries.values()].flatMap((entry) => [...entry.regions]);
    return regions.reduce((sum, { faults }) => sum + faults, this.#faultsOfUnmapped);
  }

  /** The entry of the file that a source stands for now. */
  find(source: Source): Entry {
    const { trace } = this.flow;
    const code = trace.failure('statusOfPath', 'statusOfNumber');
    if (code !== undefined) throw new Refusal(code, pathOf(source));
    if ('refused' in source && !source.opened) throw new Refusal(source.refused);
    const file = this.flow.fileOf(source);
    let entry = file && this.entries.get(file);
    if (entry !== undefined) {
      entry.size = entry.file.size;
      entry.met(source);
      return entry;
    }
    const descriptor = this.flow.open(source);
    this.flow.lookAt(descriptor, source);
    if ('refused' in source) {
      this.flow.lookAt(descriptor, source); // it claims no size and has content: once more
      this.flow.close(descriptor);
      throw new Refusal(source.refused);
    }
    assert.ok(file, 'a file was found that is not there');
    entry = new Entry(file, source);
    this.flow.hold(entry, descriptor);
    this.entries.set(file, entry);
    return entry;
  }

  admit(entry: Entry): Lease {
    const lease = new Lease(entry, this.flow.trace.watched());
    this.leases.set(lease.watch, lease);
    entry.leases.push(lease);
    return lease;
  }

  /** The cursor of the lease is gone, or takes another file. */
  dismiss(lease: Lease): void {
    this.leave(lease);
    this.leases.delete(lease.watch);
    lease.entry.removeLease(lease);
    this.tidy(lease.entry);
  }

  leave(lease: Lease): void {
    const { region } = lease;
    if (region === undefined) return;
    lease.region = undefined;
    region.lastUse = ++this.#clock;
    region.users.delete(lease);
    if (region.users.size > 0) return;
    this.idle.leave(region, region.entries > 1);
    if (region.retired) this.unmap(region);
  }

  enter(lease: Lease, region: RegionModel, counts: boolean): void {
    if (lease.region === region) return;
    this.idle.enter(region, this.counts.mappedBytes);
    region.users.add(lease);
    if (counts) region.entries++;
    this.leave(lease);
    lease.region = region;
    region.lastUse = ++this.#clock;
  }

  /** Puts the lease onto a region that holds the request; false: the file ends before it. */
  obtain(lease: Lease, request: WindowRequest): boolean {
    const { entry } = lease;
    let region = this.#mapped(entry, request);
    if (region === undefined) {
      this.flow.look(entry);
      entry.size = Math.min(entry.size, entry.file.size);
      if (request.offset >= entry.size) return false;
      region = this.#mapped(entry, request);
    }
    const mapped = region === undefined;
    region ??= this.#map(lease, request);
    if (mapped) this.counts.misses++;
    else this.counts.hits++;
    this.enter(lease, region, true);
    if (mapped) this.budget.assertKept();
    return true;
  }

  /** Whether a lease without a region can enter one there without a limit bending, or refusing it. */
  hasRoom(entry: Entry, offset: number): boolean {
    const request = { offset, size: 1, whole: false };
    if (offset >= entry.size || this.#mapped(entry, request) !== undefined) return true;
    const { begin, end } = this.placement.place(entry, request);
    return this.budget.makesRoom(pageUp(end - begin));
  }

  #mapped(entry: Entry, request: WindowRequest): RegionModel | undefined {
    if (request.offset >= entry.size) return undefined;
    for (const region of this.placement.outdated(entry, request.offset)) this.#retire(region);
    const region = this.placement.holding(entry, request);
    if (region !== undefined) this.verify(region);
    return region;
  }

  #map(lease: Lease, request: WindowRequest): RegionModel {
    const { entry } = lease;
    const { begin, end, from, cell } = this.placement.place(entry, request);
    this.idle.want(nameOf(entry, begin), this.counts.mappedBytes);
    const handle = this.budget.map(lease, begin, end);
    const region = new RegionModel(entry, begin, end, handle, this.plan.access, from);
    entry.add(region, cell);
    this.regions++;
    this.size += region.size;
    this.counts.maps++;
    this.counts.mappedBytes += region.extent;
    this.counts.peak = Math.max(this.counts.peak, this.counts.mappedBytes);
    this.flow.told.push(`smmap:map ${region}`);
    return region;
  }

  /** The region is handed out no more, and goes with its last user. */
  #retire(region: RegionModel): void {
    if (region.retired) return;
    region.retired = true;
    region.entry.aside(region);
    if (region.users.size === 0) this.unmap(region);
  }

  unmap(region: RegionModel): void {
    const { handle } = this.flow.trace.take('unmap', `${region} goes`);
    assert.equal(handle, region.handle, `another region went than ${region}`);
    this.unmapped(region);
  }

  unmapped(region: RegionModel): void {
    assert.equal(region.users.size, 0, `rule 1: ${region} went under its users`);
    region.unmapped();
    this.idle.remove(region);
    this.#faultsOfUnmapped += region.faults;
    if (this.plan.access === 'write' && region.faults > 0 && !region.told && !this.#lost) {
      this.tell(region);
      this.#lost = faultOf(region);
    }
    region.entry.remove(region);
    this.regions--;
    this.size -= region.size;
    this.counts.unmaps++;
    this.counts.mappedBytes -= region.extent;
    this.tidy(region.entry);
    this.flow.told.push(`smmap:unmap ${region}`);
  }

  /** Forgets an entry that has neither a region nor a lease. */
  tidy(entry: Entry): void {
    if (entry.regions.size > 0 || entry.leases.length > 0) return;
    if (this.entries.get(entry.file) === entry) this.entries.delete(entry.file);
    this.flow.letGo(entry);
  }

  /** Every call that reaches a region with a lost page is refused. */
  verify(region: RegionModel): void {
    if (region.faults === 0) return;
    this.tell(region);
    throw faultOf(region);
  }

  /** Somebody is told of a fault. */
  tell(region: RegionModel): void {
    if (!region.told) this.flow.told.push(`smmap:fault ${region}`);
    region.told = true;
  }

  /** The file is looked at again for a cursor. */
  refresh(entry: Entry): void {
    this.flow.look(entry);
    entry.size = entry.file.size;
    for (const region of entry.sorted) {
      // What was stored goes with a lost page.
      if (region.faults > 0 || (region.end > entry.size && !region.mustStay)) this.#retire(region);
    }
  }

  /** Leases of cursors that one search found to be forgotten end. @returns whether there were any */
  bury(): boolean {
    const collection = this.flow.trace.next('dead')?.collection;
    for (let any = false; ; any = true) {
      const found = this.flow.trace.next('dead');
      const lease = found?.collection === collection && found && this.leases.get(found.watch);
      if (!lease) return any;
      this.flow.trace.take('dead', 'a forgotten cursor');
      this.dismiss(lease);
      this.counts.leaked++;
    }
  }

  /** Before an error is thrown, every forgotten cursor is found (rule 1). */
  assertNoneForgotten(): void {
    const left = this.forgotten.filter(
      ({ lease }) => lease && this.leases.get(lease.watch) === lease,
    );
    assert.equal(left.length, 0, 'rule 1: an error while forgotten cursors were not looked for');
  }

  collect(): number {
    this.bury();
    let freed = 0;
    for (let region = this.next(); region !== undefined; region = this.next()) {
      this.unmap(region);
      freed++;
    }
    return freed;
  }

  /** The idle region that is next to go; those that must stay are idle no more. */
  next(): RegionModel | undefined {
    for (;;) {
      const region = this.idle.next(this.counts.mappedBytes);
      if (region === undefined || !region.mustStay) return region;
      this.idle.remove(region);
    }
  }

  /** Unmaps what is in use too. */
  closeFiles(which: (entry: Entry) => boolean): number {
    let closed = 0;
    for (const entry of [...this.entries.values()].filter(which)) {
      closed += entry.regions.size;
      entry.closed = true;
      for (const lease of [...entry.leases]) this.dismiss(lease);
      for (const region of entry.sorted) this.unmap(region);
      if (this.entries.get(entry.file) === entry) this.entries.delete(entry.file);
      this.flow.letGo(entry);
    }
    return closed;
  }

  closeUnder(slot: Slot | undefined): number {
    return this.closeFiles(({ slots }) => (slot === undefined ? slots.size > 0 : slots.has(slot)));
  }

  close(): void {
    this.closeFiles(() => true);
    this.closed = true;
    const lost = this.#lost;
    this.#lost = undefined;
    if (lost !== undefined) throw lost;
  }
}

/** The refusal that names the file and the range. */
function faultOf({ entry, begin: offset, size }: RegionModel): Refusal {
  return new Refusal('ERR_SMMAP_FAULT', { file: entry.name, offset, size });
}
