/** A list of things in the order of their last use; adding, removing and asking for the oldest cost the same always. */

/** What stands in an order carries its neighbours. The fields belong to {@link Order}. */
export interface Ordered {
  /** @internal */
  newer: Ordered | undefined;
  /** @internal */
  older: Ordered | undefined;
}

/** From the one used longest ago to the one used last. Who stands in one must not be added again. */
export class Order<Entry extends Ordered> {
  #newest: Entry | undefined;
  #oldest: Entry | undefined;
  #length = 0;

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** The one used longest ago. */
  get oldest(): Entry | undefined {
    return this.#oldest;
  }

  /** From the oldest on. The entry that was given last may be taken out meanwhile, no other. */
  *entries(): Generator<Entry, void, undefined> {
    for (let entry = this.#oldest; entry !== undefined; ) {
      const next = entry.newer as Entry | undefined;
      yield entry;
      entry = next;
    }
  }

  /** Adds an entry as the newest. */
  push(entry: Entry): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest !== undefined) this.#newest.newer = entry;
    else this.#oldest = entry;
    this.#newest = entry;
    this.#length++;
  }

  /** Takes out an entry that stands in this order. */
  remove(entry: Entry): void {
    if (entry.newer !== undefined) entry.newer.older = entry.older;
    else this.#newest = entry.older as Entry | undefined;
    if (entry.older !== undefined) entry.older.newer = entry.newer;
    else this.#oldest = entry.newer as Entry | undefined;
    entry.newer = entry.older = undefined;
    this.#length--;
  }
}
