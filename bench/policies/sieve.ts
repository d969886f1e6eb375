/**
 * SIEVE (Zhang, Yang, Yue, Vigfusson, Rashmi 2024): one queue in the order of
 * arrival and one mark an entry. A hand goes from the oldest to the newest and
 * round again: it clears marks, and takes the first entry that has none.
 */
import { Order, type Ordered } from '#src/order.js';
import type { Policy } from './policy.js';

interface Entry extends Ordered {
  readonly key: number;
  readonly size: number;
  marked: boolean;
}

export class Sieve implements Policy {
  readonly #entries = new Map<number, Entry>();
  readonly #order = new Order<Entry>();
  readonly #capacity: number;
  #bytes = 0;
  #hand: Entry | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  access(key: number, size: number): boolean {
    const held = this.#entries.get(key);
    if (held !== undefined) {
      held.marked = true;
      return true;
    }
    while (this.#bytes + size > this.#capacity) this.#evict();
    const entry: Entry = { key, size, marked: false, newer: undefined, older: undefined };
    this.#entries.set(key, entry);
    this.#order.push(entry);
    this.#bytes += size;
    return false;
  }

  #evict(): void {
    let entry = this.#hand ?? (this.#order.oldest as Entry);
    while (entry.marked) {
      entry.marked = false;
      entry = (entry.newer ?? this.#order.oldest) as Entry;
    }
    this.#hand = entry.newer as Entry | undefined;
    this.#order.remove(entry);
    this.#entries.delete(entry.key);
    this.#bytes -= entry.size;
  }
}
