/** Regions that lie beside the grid, found by where they begin. */
import type { Range } from './grid.js';
import type { MapRegion } from './region.js';

/**
 * A region beside the grid is at most a window and a page long, so one that holds an
 * offset begins in the offset's cell or in one of the two before it.
 */
const CELLS_BACK = 2;

const NONE: readonly MapRegion[] = [];

/** Few regions of one file, or many: looking one up costs the same. */
export class OffGrid {
  readonly #byCell = new Map<number, Set<MapRegion>>();
  /** In the order in which they came. */
  readonly #all = new Set<MapRegion>();
  /** No region that is handed out reaches farther than this. */
  #reach = 0;

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<MapRegion> {
    return this.#all.values();
  }

  /** @param cell the number of the window in which the region begins */
  add(region: MapRegion, cell: number): void {
    const regions = this.#byCell.get(cell) ?? new Set();
    this.#byCell.set(cell, regions.add(region));
    this.#all.add(region);
    this.#reach = Math.max(this.#reach, region.ofsEnd);
  }

  /** @param cell as when it was added */
  delete(region: MapRegion, cell: number): void {
    const regions = this.#byCell.get(cell);
    if (regions?.delete(region) !== true) return;
    this.#all.delete(region);
    if (regions.size === 0) this.#byCell.delete(cell);
  }

  /** A region that holds the whole range, whose first byte lies in `cell`. */
  covering(range: Range, cell: number): MapRegion | undefined {
    for (let k = cell; k >= Math.max(0, cell - CELLS_BACK); k--) {
      for (const region of this.#byCell.get(k) ?? NONE) {
        const holds = region.serves(range.begin) && region.ofsEnd >= range.end;
        if (holds && !region.retired) return region;
      }
    }
    return undefined;
  }

  /** Regions that are handed out and reach beyond `size`. */
  beyond(size: number): readonly MapRegion[] {
    if (this.#reach <= size) return NONE;
    const handedOut = [...this].filter((region) => !region.retired);
    this.#reach = handedOut.reduce((reach, region) => Math.max(reach, region.ofsEnd), 0);
    return handedOut.filter((region) => region.ofsEnd > size);
  }
}
