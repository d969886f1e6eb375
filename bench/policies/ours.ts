/** The package's own: `src/recency.ts`, used as the pool of regions uses it. */
import type { Ordered } from '#src/order.js';
import { type Idle, Recency } from '#src/recency.js';
import type { Policy } from './policy.js';

class Region implements Idle {
  readonly name: string;
  entries = 0;
  lastUse = 0;
  newer: Ordered | undefined = undefined;
  older: Ordered | undefined = undefined;
  segment: Idle['segment'] = undefined;

  constructor(
    readonly key: number,
    readonly extent: number,
  ) {
    this.name = String(key);
  }
}

export class Ours implements Policy {
  readonly #regions = new Map<number, Region>();
  readonly #idle = new Recency<Region>();
  readonly #capacity: number;
  #clock = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  access(key: number, size: number): boolean {
    const mapped = this.#regions.get(key);
    const bytes = this.#idle.bytes; // all are idle between two accesses
    if (mapped !== undefined) this.#idle.enter(mapped, bytes);
    const region = mapped ?? this.#map(key, size);
    region.entries++;
    region.lastUse = ++this.#clock;
    this.#idle.leave(region, region.entries > 1);
    return mapped !== undefined;
  }

  #map(key: number, size: number): Region {
    this.#idle.want(String(key), this.#idle.bytes);
    for (;;) {
      const mapped = this.#idle.bytes;
      if (mapped + size <= this.#capacity) break;
      const next = this.#idle.next(mapped) as Region; // something is held, or the size would fit
      this.#idle.remove(next);
      this.#idle.remember(next, mapped);
      this.#regions.delete(next.key);
    }
    const region = new Region(key, size);
    this.#regions.set(key, region);
    return region;
  }
}
