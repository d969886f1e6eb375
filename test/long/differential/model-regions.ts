/**
 * What a manager has mapped, in plain numbers. Without faults it is what the
 * contract of this package says; each fault that is switched on makes it, in one
 * respect, what smmap does.
 */

import { MapWindow, PAGE_SIZE } from 'smmap';
import { IdleOrder } from '../../support/idle-order.js';
import { inOrder, type Limits, type RegionRow, type Seen } from './script.js';

/** What a budget of 0 stands for. */
const AUTOMATIC_MEMORY = 8 * 2 ** 30;

/** The step is answered with an error. */
export class Refused extends Error {}

/** A file under one name, or under all of them. */
export class Entry {
  /** By offset. */
  readonly regions: Region[] = [];
  cursors = 0;

  /** @param size bytes; `undefined`: there is no such file */
  constructor(
    readonly key: string,
    readonly file: number,
    readonly size: number | undefined,
  ) {}
}

export class Region {
  users = 0;
  /** How often a cursor came onto it. */
  entries = 0;

  constructor(
    readonly entry: Entry,
    readonly begin: number,
    readonly end: number,
  ) {}

  get name(): string {
    return `${this.entry.file}:${this.begin}`;
  }

  get size(): number {
    return this.end - this.begin;
  }

  /** In whole pages. */
  get extent(): number {
    return wholePages(this.size);
  }

  includes(offset: number): boolean {
    return offset >= this.begin && offset < this.end;
  }
}

/** Whatever stands on a region. */
export interface Standing {
  entry: Entry;
  region: Region | undefined;
}

export class Regions {
  readonly entries = new Map<string, Entry>();
  readonly #faults: ReadonlySet<string>;
  readonly #limits: Limits;
  readonly #static: boolean;
  readonly #idle = new IdleOrder<Region>();
  #count = 0;
  #bytes = 0;
  #extents = 0;

  constructor(limits: Limits, faults: ReadonlySet<string>) {
    this.#limits = { ...limits, maxMemorySize: limits.maxMemorySize || AUTOMATIC_MEMORY };
    this.#faults = faults;
    this.#static = limits.windowSize === 0;
  }

  /** The most that a request can get. */
  get window(): number {
    const { windowSize } = this.#limits;
    return this.#faults.has('31') ? windowSize : wholePages(windowSize);
  }

  get seen(): Pick<Seen, 'regions' | 'counts'> {
    const regions: RegionRow[] = [];
    let files = 0;
    for (const entry of this.entries.values()) {
      if (entry.regions.length > 0) files++;
      for (const { begin, size, users } of entry.regions) {
        regions.push([entry.file, begin, size, users]);
      }
    }
    return { regions: inOrder(regions), counts: [this.#count, files, this.#bytes] };
  }

  /** Puts `who` onto a region that holds the offset. */
  enter(who: Standing, offset: number, size: number): void {
    if (this.#faults.has('1')) this.leave(who);
    const region = this.#obtain(who, offset, size);
    region.users++;
    region.entries++;
    this.#idle.enter(region, this.#extents);
    this.leave(who);
    who.region = region;
  }

  /** Puts `who` onto a region that another stands on. */
  join(who: Standing, region: Region): void {
    region.users++;
    who.region = region;
  }

  leave(who: Standing): void {
    const { region } = who;
    who.region = undefined;
    if (region === undefined || --region.users > 0) return;
    this.#idle.leave(region, region.entries > 1);
  }

  /** Unmaps what is idle; returns how many. */
  collect(): number {
    let count = 0;
    while (this.#unmap(this.#victim())) count++;
    return count;
  }

  #obtain(who: Standing, offset: number, size: number): Region {
    const { entry } = who;
    const early = this.#static && this.#faults.has('29');
    if (early) this.#makeRoom(who, size);
    const held = entry.regions.find((region) => region.includes(offset));
    if (held !== undefined) return held;
    this.#idle.want(this.#place(entry, offset, size).name, this.#extents);
    if (!early) this.#makeRoom(who, this.#needs(entry, offset, size));
    if (!this.#static || !this.#faults.has('25')) this.#makeHandle(who);
    const region = this.#place(entry, offset, size);
    entry.regions.push(region);
    entry.regions.sort((a, b) => a.begin - b.begin);
    this.#count++;
    this.#bytes += region.size;
    this.#extents += region.extent;
    return region;
  }

  #needs(entry: Entry, offset: number, size: number): number {
    if (!this.#static && this.#faults.has('28')) return this.#limits.windowSize;
    return this.#place(entry, offset, size).extent;
  }

  #makeRoom(who: Standing, size: number): void {
    const nominal = this.#faults.has(this.#static ? '29' : '28');
    const used = () => (nominal ? this.#bytes : this.#extents);
    while (used() + size > this.#limits.maxMemorySize && this.#freeOne(who)) {}
  }

  #makeHandle(who: Standing): void {
    const { maxOpenHandles } = this.#limits;
    const reached = () => maxOpenHandles > 0 && this.#count >= maxOpenHandles;
    if (reached() && this.#faults.has('27')) this.collect();
    while (reached() && this.#freeOne(who)) {}
    if (!reached() || !this.#faults.has('26')) return;
    this.leave(who);
    throw new Refused();
  }

  /** Unmaps an idle region, or at last the one that `who` is about to leave. */
  #freeOne(who: Standing): boolean {
    if (this.#evict(this.#victim())) return true;
    if (who.region?.users !== 1) return false;
    this.leave(who);
    return this.#evict(this.#victim());
  }

  #victim(): Region | undefined {
    if (!this.#faults.has('1')) return this.#idle.next(this.#extents);
    for (const { regions } of this.entries.values()) {
      const idle = regions.find(({ users }) => users === 0);
      if (idle !== undefined) return idle;
    }
    return undefined;
  }

  /** Makes room. */
  #evict(region: Region | undefined): boolean {
    const mapped = this.#extents;
    if (region === undefined || !this.#unmap(region)) return false;
    this.#idle.remember(region, mapped);
    return true;
  }

  #unmap(region: Region | undefined): boolean {
    if (region === undefined) return false;
    this.#idle.remove(region);
    remove(region.entry.regions, region);
    this.#count--;
    this.#bytes -= region.size;
    this.#extents -= region.extent;
    return true;
  }

  /** Where a region for a request goes. */
  #place(entry: Entry, offset: number, size: number): Region {
    const fileSize = entry.size as number;
    if (this.#static) return new Region(entry, 0, fileSize);
    const most = this.window;
    if (!this.#faults.has('placement')) {
      const cell = wholePages(most);
      const begin = offset - (offset % cell);
      return new Region(entry, begin, Math.min(begin + cell, fileSize));
    }
    const left = entry.regions.findLast(({ begin }) => begin <= offset);
    const right = entry.regions.find(({ begin }) => begin > offset)?.begin ?? fileSize;
    const window = new MapWindow(offset, size);
    const alignLate = this.#faults.has('31');
    if (!alignLate) {
      window.align();
      window.size = Math.min(window.size, most);
    }
    window.extendLeftTo(new MapWindow(left?.begin ?? 0, left?.size ?? 0), most);
    window.extendRightTo(new MapWindow(right, 0), most);
    if (alignLate) window.align();
    return new Region(entry, window.ofs, Math.min(window.ofsEnd, right));
  }
}

function wholePages(bytes: number): number {
  return Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
}

function remove(regions: Region[], region: Region): void {
  const index = regions.indexOf(region);
  if (index >= 0) regions.splice(index, 1);
}
