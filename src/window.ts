/** A window: an offset and a size, numbers only. */
import { integer, invalidType } from './arguments.js';
import { ALLOCATION_GRANULARITY, alignToMmap, alignUp } from './page.js';

/** Anything that covers a range of a file; a {@link MapRegion} does. */
export interface HasRange {
  /** First byte, an offset into the file. */
  readonly ofsBegin: number;
  /** Bytes. */
  readonly size: number;
}

/** A range of a file in bytes, which can be snapped to its neighbours and to the granularity. */
export class MapWindow {
  /** First byte, an offset into the file. */
  ofs: number;
  /** Bytes in the window. */
  size: number;

  /**
   * @param ofs bytes from the file's beginning
   * @param size bytes
   * @throws RangeError `ERR_OUT_OF_RANGE`
   */
  constructor(ofs: number, size: number) {
    this.ofs = integer('ofs', ofs);
    this.size = integer('size', size);
  }

  /** The window that a region covers. @throws TypeError `ERR_INVALID_ARG_TYPE` · RangeError `ERR_OUT_OF_RANGE` */
  static fromRegion(region: HasRange): MapWindow {
    if (typeof region !== 'object' || region === null) {
      throw invalidType('region', 'a MapRegion', region);
    }
    return new MapWindow(region.ofsBegin, region.size);
  }

  /** One past the last byte. */
  get ofsEnd(): number {
    return this.ofs + this.size;
  }

  /** Grows to whole units of the granularity; the old window lies inside the new one. */
  align(): void {
    const begin = alignToMmap(this.ofs, false);
    this.size = alignUp(this.size + (this.ofs - begin), ALLOCATION_GRANULARITY);
    this.ofs = begin;
  }

  /**
   * Begins where `window`, a neighbour on the left, ends; never larger than `maxSize`.
   * The old window lies inside the new one, unless `maxSize` is smaller than it.
   * @param maxSize bytes; `Infinity` for no limit
   */
  extendLeftTo(window: MapWindow, maxSize: number): void {
    checkNeighbour(window, maxSize);
    const wanted = this.ofs - window.ofsEnd + this.size;
    const size = Math.min(wanted, maxSize);
    this.ofs = this.ofsEnd - size;
    this.size = size;
  }

  /**
   * Ends where `window`, a neighbour on the right, begins; never larger than `maxSize`.
   * @param maxSize bytes; `Infinity` for no limit
   */
  extendRightTo(window: MapWindow, maxSize: number): void {
    checkNeighbour(window, maxSize);
    this.size = Math.min(Math.max(window.ofs - this.ofs, 0), maxSize);
  }
}

function checkNeighbour(window: unknown, maxSize: number): void {
  if (!(window instanceof MapWindow)) throw invalidType('window', 'a MapWindow', window);
  if (maxSize !== Number.POSITIVE_INFINITY) integer('maxSize', maxSize);
}
