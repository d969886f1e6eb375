/** Where windows lie, and which region holds what is requested. */

import type { Entry } from './entry.js';
import { pageDown, type RegionModel } from './region.js';

/** What a cursor asks for. */
export interface WindowRequest {
  offset: number;
  size: number;
  whole: boolean;
}

/** A range to be mapped. */
export interface Place {
  begin: number;
  end: number;
  /** First byte that may be read in it. */
  from: number;
  /** The number of the window on the grid; `undefined` for a range beside it. */
  cell: number | undefined;
}

/** Windows of one size lie side by side, the last one cut at the end of the file. */
export class Placement {
  /** @param windowSize bytes; 0: one window for the whole file */
  constructor(readonly windowSize: number) {}

  #cellOf(offset: number): number {
    return this.windowSize === 0 ? 0 : Math.floor(offset / this.windowSize);
  }

  #cell(entry: Entry, offset: number): Place & { cell: number } {
    const cell = this.#cellOf(offset);
    const begin = cell * this.windowSize;
    const end = Math.min(begin + (this.windowSize || entry.size), entry.size);
    return { cell, begin, end, from: begin };
  }

  /** Regions that are not what the file's size asks for. */
  outdated(entry: Entry, offset: number): RegionModel[] {
    const { cell, end } = this.#cell(entry, offset);
    const regular = entry.onGrid.get(cell);
    const beyond = entry.besideGrid.filter((region) => region.end > entry.size);
    const all = regular === undefined || regular.end === end ? beyond : [regular, ...beyond];
    return all.filter((region) => !region.mustStay);
  }

  /** A region that can be handed out for a request. */
  holding(entry: Entry, request: WindowRequest): RegionModel | undefined {
    const { cell } = this.#cell(entry, request.offset);
    const end = Math.min(request.offset + (request.whole ? request.size : 1), entry.size);
    const regular = entry.onGrid.get(cell);
    // The nearest first.
    const beside = entry.besideGrid.sort((a, b) => this.#cellOf(b.begin) - this.#cellOf(a.begin));
    const candidates = regular === undefined ? beside : [regular, ...beside];
    return candidates.find((region) => region.serves(request.offset) && end <= region.end);
  }

  /** What to map for a request that no region holds. */
  place(entry: Entry, request: WindowRequest): Place {
    const cell = this.#cell(entry, request.offset);
    const end = request.whole ? Math.min(request.offset + request.size, entry.size) : cell.end;
    const taken = entry.onGrid.get(cell.cell);
    if (taken === undefined && end <= cell.end) return cell;
    // A region that stays for its stores keeps its place though the file has grown: what
    // is new is read in another.
    const isBehind = taken !== undefined && taken.end <= request.offset && end <= cell.end;
    if (isBehind) return { ...cell, begin: pageDown(taken.end), from: taken.end, cell: undefined };
    const begin = pageDown(request.offset);
    return { begin, end, from: begin, cell: undefined };
  }
}
