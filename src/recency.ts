/**
 * Who goes next among the idle: pure order, no file, no clock.
 *
 * Entries left for the first time stand in probation, those that were entered
 * again in a protected part. Probation goes first, the one left longest ago
 * first, so one pass over a huge file passes through probation and leaves what
 * is used again and again alone (segmented LRU: Karedla, Love, Wherry 1994).
 * Every operation costs the same however many entries there are.
 */

import { Order, type Ordered } from './order.js';

/** What an entry carries. The fields belong to {@link Recency}. */
export interface Idle extends Ordered {
  /** Bytes it counts for. */
  readonly extent: number;
  /** @internal the part it stands in; `undefined` while in use */
  segment: Segment | undefined;
}

/** One part of the order, with its bytes. */
class Segment {
  readonly order = new Order<Idle>();
  bytes = 0;

  push(entry: Idle): void {
    entry.segment = this;
    this.order.push(entry);
    this.bytes += entry.extent;
  }

  remove(entry: Idle): void {
    entry.segment = undefined;
    this.order.remove(entry);
    this.bytes -= entry.extent;
  }
}

/** Share of the budget that protected entries may take. */
const PROTECTED_SHARE = 0.8;

/** The idle entries of one manager in the order in which they go. */
export class Recency<Entry extends Idle> {
  readonly #probation = new Segment();
  readonly #protected = new Segment();
  readonly #mostProtected: number;

  /** @param budget bytes that everything mapped may take */
  constructor(budget: number) {
    this.#mostProtected = budget * PROTECTED_SHARE;
  }

  /** How many are idle. */
  get length(): number {
    return this.#probation.order.length + this.#protected.order.length;
  }

  /** Bytes of all idle entries. */
  get bytes(): number {
    return this.#probation.bytes + this.#protected.bytes;
  }

  /** The entry is idle from now on, and the newest. */
  leave(entry: Entry, enteredAgain: boolean): void {
    if (!enteredAgain) {
      this.#probation.push(entry);
      return;
    }
    this.#protected.push(entry);
    while (this.#protected.bytes > this.#mostProtected) {
      const oldest = this.#protected.order.oldest as Entry;
      this.#protected.remove(oldest);
      this.#probation.push(oldest);
    }
  }

  /** The entry is in use, or gone. Nothing happens when it was not idle. */
  remove(entry: Entry): void {
    entry.segment?.remove(entry);
  }

  /** The entry that is next to go. */
  next(): Entry | undefined {
    return (this.#probation.order.oldest ?? this.#protected.order.oldest) as Entry | undefined;
  }
}
