/** What a manager knows of a file. */

import type { DescriptorHandle } from '#src/native.js';
import type { FileModel, Slot } from './disk.js';
import type { Lease } from './lease.js';
import type { RegionModel } from './region.js';

/** How a cursor was told of its file. */
export type Source =
  | { path: string; slot: Slot }
  | { fd: number }
  /** No file to be mapped; found out when it is opened, or before. */
  | { path: string; refused: string; opened: boolean };

export class Entry {
  /** Bytes, when the file was last looked at. */
  size: number;
  descriptor: DescriptorHandle | undefined;
  /** Closed by the user over the heads of its cursors. */
  closed = false;
  /** The order is nobody's promise: it is the package's, in which the last one takes the place of one that goes. */
  readonly leases: Lease[] = [];
  /** In the order in which they came to lie where they lie. */
  readonly regions = new Set<RegionModel>();
  readonly onGrid = new Map<number, RegionModel>();
  /** Every path under which it was met. */
  readonly slots = new Set<Slot>();

  constructor(
    readonly file: FileModel,
    readonly source: Source,
  ) {
    this.size = file.size;
    this.met(source);
  }

  met(source: Source): void {
    if ('slot' in source) this.slots.add(source.slot);
  }

  /** Whether its descriptor can be let go and had again. */
  get canReopen(): boolean {
    return 'path' in this.source;
  }

  get name(): string | number {
    return 'path' in this.source ? this.source.path : this.source.fd;
  }

  removeLease(lease: Lease): void {
    const place = this.leases.indexOf(lease);
    if (place === -1) return;
    const last = this.leases.pop() as Lease; // there is one: the lease itself
    if (last !== lease) this.leases[place] = last;
  }

  /** The regions in the order of their offsets, those on the grid before others that are alike. */
  get sorted(): RegionModel[] {
    const all = [...new Set([...this.onGrid.values(), ...this.regions])];
    return all.sort((a, b) => a.begin - b.begin || a.size - b.size);
  }

  /** Regions that lie beside the grid and are handed out, in the order in which they came. */
  get besideGrid(): RegionModel[] {
    const regular = new Set(this.onGrid.values());
    return [...this.regions].filter((region) => !regular.has(region) && !region.retired);
  }

  /** @param cell the number of its window, if it lies on the grid */
  add(region: RegionModel, cell: number | undefined): void {
    this.regions.add(region);
    if (cell !== undefined) this.onGrid.set(cell, region);
  }

  /** A region beside the grid goes to the end of the list. */
  aside(region: RegionModel): void {
    this.#off(region);
    this.regions.delete(region);
    this.regions.add(region);
  }

  remove(region: RegionModel): void {
    this.#off(region);
    this.regions.delete(region);
  }

  #off(region: RegionModel): void {
    for (const [cell, each] of this.onGrid) if (each === region) this.onGrid.delete(cell);
  }
}
