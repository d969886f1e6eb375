/** The regions of one file. */

import { sizeOf } from './file.js';
import { cellOf, type Range } from './grid.js';
import { OffGrid } from './off-grid.js';
import type { MapRegion } from './region.js';
import { type PathOrFd, type Source, sourceOf } from './source.js';

/** The regions of one file, found by offset. A manager keeps one for each file it has mapped. */
export class MapRegionList {
  readonly #source: Source;
  readonly #windowSize: number;
  /** Regions that lie on the grid, by number. */
  readonly #cells = new Map<number, MapRegion>();
  /** Regions that do not, or no longer: asked for whole, or replaced while in use. */
  readonly #others = new OffGrid();
  #fileSize: number | undefined;

  /**
   * An empty list for a file, which is not touched.
   * @param pathOrFd the file
   */
  constructor(pathOrFd: PathOrFd);
  /** @internal The list a manager keeps. */
  constructor(source: Source, windowSize: number);
  constructor(given: PathOrFd | Source, windowSize = 0) {
    this.#source = isSource(given) ? given : sourceOf(given);
    this.#windowSize = windowSize;
  }

  /** The file as it was named. */
  get pathOrFd(): PathOrFd {
    return this.#source.given;
  }

  /** Bytes in the file when it was first asked for. @throws Error of the system · NotMappableError */
  get fileSize(): number {
    this.#fileSize ??= sizeOf(this.#source);
    return this.#fileSize;
  }

  /** How many regions there are. */
  get length(): number {
    return this.#cells.size + this.#others.size;
  }

  /** The regions in the order of their offsets. */
  *[Symbol.iterator](): Generator<MapRegion, void, undefined> {
    const all = [...this.#cells.values(), ...this.#others];
    yield* all.sort((a, b) => a.ofsBegin - b.ofsBegin || a.size - b.size);
  }

  /** @internal The region on the grid that holds `offset`. */
  onGrid(offset: number): MapRegion | undefined {
    return this.#cells.get(cellOf(offset, this.#windowSize));
  }

  /** @internal The region of a window of the grid. */
  inCell(cell: number): MapRegion | undefined {
    return this.#cells.get(cell);
  }

  /** @internal A region beside the grid that holds the whole range. */
  covering(range: Range): MapRegion | undefined {
    if (this.#others.size === 0) return undefined;
    return this.#others.covering(range, cellOf(range.begin, this.#windowSize));
  }

  /** @internal Regions beside the grid that reach beyond `size`. */
  besideGridBeyond(size: number): readonly MapRegion[] {
    return this.#others.beyond(size);
  }

  /** @internal */
  add(region: MapRegion, onGrid: boolean): void {
    if (onGrid) this.#cells.set(cellOf(region.ofsBegin, this.#windowSize), region);
    else this.#others.add(region, cellOf(region.ofsBegin, this.#windowSize));
  }

  /** @internal Takes a region off the grid, where another takes its place. */
  setAside(region: MapRegion): void {
    this.remove(region);
    this.#others.add(region, cellOf(region.ofsBegin, this.#windowSize));
  }

  /** @internal */
  remove(region: MapRegion): void {
    const cell = cellOf(region.ofsBegin, this.#windowSize);
    if (this.#cells.get(cell) === region) this.#cells.delete(cell);
    else this.#others.delete(region, cell);
  }
}

function isSource(given: PathOrFd | Source): given is Source {
  return typeof given === 'object' && given !== null && 'given' in given;
}
