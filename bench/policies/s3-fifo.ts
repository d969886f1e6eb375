/**
 * S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi 2023): a small queue of a tenth of the
 * bytes for what is new, a main queue, and the keys of what left the small one.
 * What was used more than once in the small queue, or comes back while its key
 * is remembered, goes to the main queue, which passes over what was used.
 */
import type { Policy } from './policy.js';
import { Queue } from './queue.js';

const SMALL_SHARE = 0.1;
const MOST_USES = 3;
/** With more uses than this an entry goes from the small queue to the main one. */
const USES_TO_STAY = 1;

export class S3Fifo implements Policy {
  readonly #small = new Queue();
  readonly #main = new Queue();
  readonly #ghosts = new Queue();
  readonly #uses = new Map<number, number>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  access(key: number, size: number): boolean {
    const uses = this.#uses.get(key);
    if (uses !== undefined) {
      this.#uses.set(key, Math.min(uses + 1, MOST_USES));
      return true;
    }
    while (this.#small.bytes + this.#main.bytes + size > this.#capacity) this.#evict();
    const known = this.#ghosts.remove(key) > 0;
    (known ? this.#main : this.#small).add(key, size);
    this.#uses.set(key, 0);
    return false;
  }

  #evict(): void {
    const fromSmall = this.#small.bytes >= this.#capacity * SMALL_SHARE || this.#main.length === 0;
    if (!fromSmall || !this.#evictSmall()) this.#evictMain();
  }

  /** False: everything in the small queue went to the main one. */
  #evictSmall(): boolean {
    while (this.#small.length > 0) {
      const { key, size } = this.#small.shift();
      if ((this.#uses.get(key) as number) <= USES_TO_STAY) {
        this.#uses.delete(key);
        this.#remember(key, size);
        return true;
      }
      this.#uses.set(key, 0);
      this.#main.add(key, size);
    }
    return false;
  }

  #remember(key: number, size: number): void {
    this.#ghosts.add(key, size);
    while (this.#ghosts.bytes > this.#capacity * (1 - SMALL_SHARE)) this.#ghosts.shift();
  }

  #evictMain(): void {
    for (;;) {
      const { key, size } = this.#main.shift();
      const uses = this.#uses.get(key) as number;
      if (uses === 0) {
        this.#uses.delete(key);
        return;
      }
      this.#uses.set(key, uses - 1);
      this.#main.add(key, size);
    }
  }
}
