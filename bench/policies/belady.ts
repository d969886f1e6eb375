/**
 * The best that can be had by who knows the future (Belady 1966): the entry that
 * is wanted again last goes. Optimal where all entries are of one size; where
 * they are not, finding the optimum is not feasible and this is a close guess.
 */

/** One entry that is held, with when it is wanted again. */
interface Held {
  readonly key: number;
  readonly next: number;
}

/** @returns hits */
export function belady(keys: Uint32Array, sizes: Float64Array, capacity: number): number {
  const nextUse = nextUses(keys, sizes.length);
  const held = new Float64Array(sizes.length).fill(-1); // when a held one is wanted again
  const heap = new Heap();
  let bytes = 0;
  let hits = 0;
  for (const [now, key] of keys.entries()) {
    const size = sizes[key] as number;
    const next = nextUse[now] as number;
    if (held[key] !== -1) {
      hits++;
    } else {
      bytes += size;
    }
    held[key] = next;
    heap.push({ key, next });
    while (bytes > capacity) {
      const victim = heap.pop();
      if (held[victim.key] !== victim.next) continue; // used since: stands in the heap anew
      held[victim.key] = -1;
      bytes -= sizes[victim.key] as number;
    }
  }
  return hits;
}

/** For each access when its key is wanted again; those that never are differ, so that none is mixed up. */
function nextUses(keys: Uint32Array, count: number): Float64Array {
  const next = new Float64Array(keys.length);
  const seen = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i] as number;
    next[i] = seen[key] as number;
    seen[key] = i;
  }
  return next;
}

/** The one wanted again last on top. */
class Heap {
  readonly #items: Held[] = [];

  push(item: Held): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((items[parent] as Held).next >= item.next) break;
      items[at] = items[parent] as Held;
      at = parent;
    }
    items[at] = item;
  }

  /** There must be one. */
  pop(): Held {
    const items = this.#items;
    const top = items[0] as Held;
    const last = items.pop() as Held;
    if (items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      const right = items[child + 1];
      if (right !== undefined && right.next > (items[child] as Held).next) child++;
      if ((items[child] as Held).next <= last.next) break;
      items[at] = items[child] as Held;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
