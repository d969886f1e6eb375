/** The one used longest ago goes: the yardstick. */
import type { Policy } from './policy.js';
import { Queue } from './queue.js';

export class Lru implements Policy {
  readonly #queue = new Queue();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  access(key: number, size: number): boolean {
    if (this.#queue.has(key)) {
      this.#queue.touch(key);
      return true;
    }
    while (this.#queue.bytes + size > this.#capacity) this.#queue.shift();
    this.#queue.add(key, size);
    return false;
  }
}
