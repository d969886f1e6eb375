/** The proposed successor of `src/recency.ts`, used as the pool of regions would use it. */
import type { Ordered } from '#src/order.js';
import { type Idle, Recency } from '../proposed/recency.js';
import type { Policy } from './policy.js';

class Region implements Idle {
  used: Idle['used'] = undefined;
  lastUse = 0;
  newer: Ordered | undefined = undefined;
  older: Ordered | undefined = undefined;
  segment: Idle['segment'] = undefined;

  constructor(
    readonly mark: number,
    readonly extent: number,
  ) {}
}

export class Proposed implements Policy {
  readonly #regions = new Map<number, Region>();
  readonly #idle = new Recency<Region>();
  readonly #capacity: number;
  #clock = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  access(key: number, size: number): boolean {
    const mapped = this.#regions.get(key);
    const region = mapped ?? this.#map(key, size);
    const bytes = this.#idle.bytes + (mapped === undefined ? size : 0);
    this.#idle.enter(region, this.#clock, bytes);
    this.#clock += 2; // entered, and left
    region.lastUse = this.#clock;
    this.#idle.leave(region);
    return mapped !== undefined;
  }

  #map(key: number, size: number): Region {
    for (;;) {
      const mapped = this.#idle.bytes; // all are idle between two accesses
      if (mapped + size <= this.#capacity) break;
      const next = this.#idle.next(mapped) as Region; // something is held, or the size would fit
      this.#idle.remove(next);
      this.#idle.remember(next);
      this.#regions.delete(next.mark);
    }
    const region = new Region(key, size);
    this.#regions.set(key, region);
    return region;
  }
}
