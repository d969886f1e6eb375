/** Who goes next among the idle, by the words of rule 3 and plain arrays. */

import type { RegionModel } from './region.js';

/** Share of the budget's bytes that the protected part may take. */
const PROTECTED = 0.8;

export class EvictionOrder {
  /** The oldest first, as below. */
  #probation: RegionModel[] = [];
  #protected: RegionModel[] = [];
  readonly #budget: number;

  constructor(budget: number) {
    this.#budget = budget;
  }

  get bytes(): number {
    return bytesOf(this.#probation) + bytesOf(this.#protected);
  }

  /** All of them, the next to go first. */
  get all(): RegionModel[] {
    return [...this.#probation, ...this.#protected];
  }

  leave(region: RegionModel): void {
    if (region.entries < 2) {
      this.#probation.push(region);
      return;
    }
    this.#protected.push(region);
    while (bytesOf(this.#protected) > this.#budget * PROTECTED) {
      this.#probation.push(this.#protected.shift() as RegionModel);
    }
  }

  remove(region: RegionModel): void {
    this.#probation = this.#probation.filter((each) => each !== region);
    this.#protected = this.#protected.filter((each) => each !== region);
  }
}

function bytesOf(regions: readonly RegionModel[]): number {
  return regions.reduce((sum, { extent }) => sum + extent, 0);
}
