/** The package's own: `src/recency.ts`, used as the pool of regions uses it. */
import type { Ordered } from '#src/order.js';
import { type Idle, Recency } from '#src/recency.js';
import type { Policy } from './policy.js';

class Region implements Idle {
  entries = 0;
  newer: Ordered | undefined = undefined;
  older: Ordered | undefined = undefined;
  segment: Idle['segment'] = undefined;

  constructor(
    readonly key: number,
    readonly extent: number,
  ) {}
}

export class Ours implements Policy {
  readonly #regions = new Map<number, Region>();
  readonly #idle: Recency<Region>;
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#idle = new Recency(capacity);
  }

  access(key: number, size: number): boolean {
    const mapped = this.#regions.get(key);
    const region = mapped ?? this.#map(key, size);
    this.#idle.remove(region);
    region.entries++;
    this.#idle.leave(region, region.entries > 1);
    return mapped !== undefined;
  }

  #map(key: number, size: number): Region {
    while (this.#idle.bytes + size > this.#capacity) {
      const next = this.#idle.next() as Region; // something is held, or the size would fit
      this.#idle.remove(next);
      this.#regions.delete(next.key);
    }
    const region = new Region(key, size);
    this.#regions.set(key, region);
    return region;
  }
}
