/** A cursor as its contract describes it. */

import assert from 'node:assert/strict';
import type { WindowCursor } from 'smmap';
import type { BufferModel } from './buffer.js';
import type { Entry, Source } from './entry.js';
import type { Flow } from './flow.js';
import type { Lease } from './lease.js';
import type { ManagerModel } from './manager.js';
import type { WindowRequest } from './placement.js';
import { pathOf, Refusal } from './refusal.js';
import type { RegionModel } from './region.js';

export class CursorModel {
  lease: Lease | undefined;
  manager: ManagerModel | undefined;
  source: Source | undefined;
  /** Buffers that read through it. */
  readonly readers = new Set<BufferModel>();
  closed = false;
  #asked: WindowRequest = { offset: 0, size: 0, whole: false };
  #begin = 0;
  #size = 0;

  constructor(
    readonly real: WindowCursor,
    readonly flow: Flow,
    manager?: ManagerModel,
    source?: Source,
  ) {
    this.manager = manager;
    this.source = source;
  }

  get region(): RegionModel | undefined {
    return this.lease?.region;
  }

  get begin(): number {
    return this.region === undefined ? 0 : this.#begin;
  }

  get size(): number {
    return this.region === undefined ? 0 : this.#size;
  }

  /** The lease; the first call looks at the file. */
  leased(): Lease {
    this.checkOpen();
    if (this.lease === undefined) {
      const { manager, source } = this.associated();
      this.lease = manager.admit(manager.find(source));
    }
    return this.lease;
  }

  checkOpen(): void {
    const closed = this.closed || this.manager?.closed || this.lease?.entry.closed;
    if (closed) throw new Refusal('ERR_SMMAP_CLOSED');
  }

  associated(): { manager: ManagerModel; source: Source } {
    const { manager, source } = this;
    if (manager && source) return { manager, source };
    throw new Refusal('ERR_SMMAP_INVALID_CURSOR');
  }

  /** The region it stands on, for calls that need one. */
  standing(): RegionModel {
    this.checkOpen();
    const { region } = this;
    if (region === undefined) throw new Refusal('ERR_SMMAP_INVALID_CURSOR');
    return region;
  }

  /** As {@link standing}, without a lost page. */
  sound(): RegionModel {
    const region = this.standing();
    this.manager?.verify(region);
    return region;
  }

  use(offset: number, size: number, whole: boolean): void {
    const lease = this.leased();
    const { manager } = this.associated();
    const { region, entry } = lease;
    const most = Number.MAX_SAFE_INTEGER;
    const request = {
      offset,
      size: Math.min(size || most, manager.placement.windowSize || most),
      whole,
    };
    if (region !== undefined) {
      manager.verify(region);
      const enough = !whole || region.end >= Math.min(offset + request.size, entry.size);
      if (enough && region.end <= entry.size && region.serves(offset)) {
        manager.counts.hits++;
        this.#stand(region, request);
        return;
      }
    }
    this.#move(manager, lease, request);
  }

  #move(manager: ManagerModel, lease: Lease, request: WindowRequest): void {
    const stood = lease.region;
    try {
      if (manager.obtain(lease, request)) this.#stand(lease.region as RegionModel, request);
      else this.unuse();
    } catch (refusal) {
      if (stood !== undefined && lease.region === undefined) this.#stepBack(manager, lease);
      throw refusal;
    }
  }

  /** Its own region had to make room in vain: it gets it back, if it can be had. */
  #stepBack(manager: ManagerModel, lease: Lease): void {
    const asked = this.#asked;
    const back = { offset: this.#begin, size: this.#size, whole: true };
    try {
      if (manager.obtain(lease, back)) this.#stand(lease.region as RegionModel, back);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
    }
    this.#asked = asked;
  }

  #stand(region: RegionModel, request: WindowRequest): void {
    this.#asked = request;
    this.#begin = request.offset;
    const { size } = region.entry;
    const end = Math.min(region.end, size);
    this.#size = Math.min(request.size, end - request.offset);
    const promised = Math.min(request.size, size - request.offset);
    assert.ok(!request.whole || this.#size === promised, 'less than the whole that was promised');
  }

  unuse(): void {
    if (this.lease !== undefined) this.manager?.leave(this.lease);
    this.#size = 0;
  }

  assign(rhs: CursorModel): void {
    this.checkOpen();
    rhs.checkOpen();
    if (rhs === this) return;
    this.#letGo();
    this.#tellReaders();
    this.manager = rhs.manager;
    this.source = rhs.source;
    if (rhs.lease === undefined || rhs.manager === undefined) return;
    this.lease = rhs.manager.admit(rhs.lease.entry);
    const { region } = rhs;
    if (region === undefined) return;
    rhs.manager.enter(this.lease, region, false);
    this.#asked = rhs.#asked;
    this.#begin = rhs.#begin;
    this.#size = rhs.#size;
  }

  refresh(): void {
    this.checkOpen();
    const { manager, source } = this.associated();
    const request = this.region === undefined ? undefined : this.#asked;
    const kept = 'fd' in source ? this.lease?.entry : undefined;
    const entry = kept ?? manager.find(source);
    if (entry === this.lease?.entry) {
      manager.refresh(entry);
      if (request !== undefined) this.#move(manager, this.lease, request);
    } else {
      this.#changeFile(manager, entry, request);
    }
    this.#tellReaders();
  }

  #changeFile(manager: ManagerModel, entry: Entry, request: WindowRequest | undefined): void {
    const next = manager.admit(entry);
    let valid = false;
    try {
      manager.refresh(entry);
      valid = request !== undefined && manager.obtain(next, request);
    } catch (refusal) {
      manager.dismiss(next);
      throw refusal;
    }
    this.#letGo();
    this.lease = next;
    if (valid) this.#stand(next.region as RegionModel, request as WindowRequest);
  }

  flush(): void {
    const region = this.sound();
    if (region.access !== 'write') return;
    const code = this.flow.trace.failure('flush');
    if (code !== undefined) throw new Refusal(code, pathOf(region.entry.source));
  }

  extendFile(size: number): void {
    const { entry } = this.leased();
    const { manager } = this.associated();
    if (manager.plan.access !== 'write') throw new Refusal('ERR_SMMAP_READ_ONLY');
    this.flow.look(entry);
    if (size < entry.file.size) throw new Refusal('ERR_OUT_OF_RANGE');
    this.flow.use(entry);
    const code = this.flow.trace.failure('extend');
    if (code !== undefined) throw new Refusal(code, pathOf(entry.source));
    entry.file.resized(size);
    entry.size = size;
  }

  /** Whether it can stand there without a limit bending, or refusing it; a region elsewhere it leaves. */
  hasRoom(offset: number): boolean {
    const { entry, region } = this.leased();
    if (region !== undefined && region.end <= entry.size && region.serves(offset)) return true;
    this.unuse();
    return this.associated().manager.hasRoom(entry, offset);
  }

  /** A page that cannot be had is found without being touched. */
  prefetch(): void {
    const region = this.sound();
    if (!region.lacks(this.begin, this.begin + this.size)) return;
    region.noteLoss();
    this.manager?.verify(region);
  }

  close(): void {
    this.#letGo();
    this.closed = true;
  }

  #letGo(): void {
    if (this.lease !== undefined && !this.lease.entry.closed) this.manager?.dismiss(this.lease);
    this.lease = undefined;
    this.#size = 0;
  }

  #tellReaders(): void {
    for (const reader of this.readers) reader.forget();
  }
}
