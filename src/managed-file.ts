/** One file with what a manager has of it: regions, and what is known of its cursors. */
import { DirectReads } from './direct-reads.js';
import type { MappedFile } from './file.js';
import { cellEnd, cellOf, cellRange, type Range } from './grid.js';
import type { Ordered } from './order.js';
import { ALLOCATION_GRANULARITY } from './page.js';
import type { MapRegion } from './region.js';
import { MapRegionList } from './region-list.js';
import type { Source } from './source.js';
import type { Watches } from './watches.js';

/** Where the package's own files lie, as they are and as source maps name them. */
function ownFolders(): string[] {
  const here = String(import.meta.url); // with the property itself bundlers take what follows for files to pack
  return [new URL('.', here).href, new URL('../src/', here).pathname];
}

/** What a cursor asks for, in bytes of the file. */
export interface WindowRequest {
  readonly offset: number;
  readonly size: number;
  /** All of it in one region; else as much as the window at `offset` holds. */
  readonly whole: boolean;
}

/** A file, its regions and its cursors. */
export class ManagedFile {
  readonly file: MappedFile;
  readonly regions: MapRegionList;
  /** In no order: see {@link addLease}. */
  readonly leases: Lease[] = [];
  /** Closed by the user over the heads of its cursors. */
  closed = false;
  readonly #windowSize: number;
  #directReads: DirectReads | undefined;

  constructor(file: MappedFile, source: Source, windowSize: number) {
    this.file = file;
    this.regions = new MapRegionList(source, windowSize);
    this.#windowSize = windowSize;
  }

  /** The lease keeps its place in the array, so that taking it out costs the same always, and no garbage as a set would. */
  addLease(lease: Lease): void {
    lease.place = this.leases.push(lease) - 1;
  }

  /** Again does nothing. */
  removeLease(lease: Lease): void {
    if (this.leases[lease.place] !== lease) return;
    const last = this.leases.pop() as Lease; // there is one: the lease itself
    if (last === lease) return;
    this.leases[lease.place] = last;
    last.place = lease.place;
  }

  /** The window on the grid that holds `offset`, in the file as it is now. */
  #cell(offset: number): Range {
    return cellRange(cellOf(offset, this.#windowSize), this.#windowSize, this.file.size);
  }

  /**
   * Whether a small read at `offset` had better not use a window: none is mapped there, and reads of
   * the place are not so many that one should be.
   * @param memory bytes that the budget holds
   */
  shallReadDirectly(offset: number, memory: number): boolean {
    const cell = cellOf(offset, this.#windowSize);
    const region = this.regions.inCell(cell);
    if (region !== undefined && offset < region.ofsEnd) return false;
    if (this.regions.covering({ begin: offset, end: offset + 1 }) !== undefined) return false;
    const size = this.#windowSize || Math.max(this.file.size, 1);
    this.#directReads ??= new DirectReads(Math.floor(memory / size));
    return !this.#directReads.proves(cell);
  }

  /** Regions around `offset` that no longer are what the file's size asks for. */
  outdated(offset: number): readonly MapRegion[] {
    const beyond = this.regions.besideGridBeyond(this.file.size);
    const cell = cellOf(offset, this.#windowSize);
    const region = this.regions.inCell(cell);
    if (region === undefined) return beyond;
    const fits = region.ofsEnd === cellEnd(cell, this.#windowSize, this.file.size);
    return fits ? beyond : [region, ...beyond];
  }

  /** A mapped region that holds what is requested. */
  holding(request: WindowRequest): MapRegion | undefined {
    const end = Math.min(request.offset + (request.whole ? request.size : 1), this.file.size);
    const region = this.regions.onGrid(request.offset);
    if (region !== undefined && end <= region.ofsEnd) return region;
    return this.regions.covering({ begin: request.offset, end });
  }

  /**
   * What to map for what no region holds, from which byte on it may be read,
   * and whether that lies on the grid.
   */
  place(request: WindowRequest): { range: Range; from: number; onGrid: boolean } {
    const cell = this.#cell(request.offset);
    const end = request.whole ? Math.min(request.offset + request.size, this.file.size) : cell.end;
    const taken = this.regions.onGrid(request.offset);
    if (taken === undefined && end <= cell.end) {
      return { range: cell, from: cell.begin, onGrid: true };
    }
    // A region with private stores keeps its place, though the file has grown beyond it:
    // what is new is read from one region more, and what is before its end never is.
    if (taken !== undefined && taken.ofsEnd <= request.offset && end <= cell.end) {
      const from = taken.ofsEnd;
      return { range: { begin: alignDown(from), end: cell.end }, from, onGrid: false };
    }
    const begin = alignDown(request.offset);
    return { range: { begin, end }, from: begin, onGrid: false };
  }
}

function alignDown(offset: number): number {
  return offset - (offset % ALLOCATION_GRANULARITY);
}

/** One cursor's claim on a file and on the region it stands on. */
export class Lease implements Ordered {
  readonly file: ManagedFile;
  /** The region the cursor stands on. */
  region: MapRegion | undefined = undefined;
  /** Where it stands among the leases of its file. */
  place = 0;
  /** @internal */
  newer: Ordered | undefined = undefined;
  /** @internal */
  older: Ordered | undefined = undefined;
  /** Where the cursor was first used, with the option `debug`. */
  readonly stack: string | undefined;
  readonly #watches: Watches;
  /** Where the cursor is watched; `undefined` when it is not any more. */
  #watch: number | undefined;

  /** @param holder the cursor, watched and not held */
  constructor(holder: object, file: ManagedFile, watches: Watches, debug: boolean) {
    this.file = file;
    this.stack = debug ? stackOf() : undefined;
    this.#watches = watches;
    this.#watch = watches.add(holder);
  }

  /** Whether the cursor let it go. */
  get ended(): boolean {
    return this.#watch === undefined;
  }

  /** False once the cursor was collected, or let the lease go. */
  get held(): boolean {
    return this.#watch !== undefined && this.#watches.watched(this.#watch) !== undefined;
  }

  /** The cursor wants it no more. */
  end(): void {
    if (this.#watch !== undefined) this.#watches.remove(this.#watch);
    this.#watch = undefined;
  }
}

/** The callers of the call, without the lines of this package. */
function stackOf(): string {
  const { stack }: { stack?: unknown } = new Error();
  if (typeof stack !== 'string') return ''; // the program gives stacks a form of its own
  const own = ownFolders();
  const lines = stack.split('\n');
  return lines
    .filter((line) => !own.some((folder) => line.includes(folder)) && line !== 'Error')
    .join('\n');
}
