/**
 * W-TinyLFU (Einziger, Friedman, Manes 2017) with a window of fixed size: a
 * hundredth of the bytes is LRU for what is new, the rest a segmented LRU. What
 * leaves the window is let in only if it was used more often than what it
 * would push out. The counts are exact here, where the original keeps a sketch;
 * they are halved after every ten accesses an entry.
 */
import type { Policy } from './policy.js';
import { Queue } from './queue.js';

const WINDOW_SHARE = 0.01;
const PROTECTED_SHARE = 0.8;
const MOST_COUNTED = 15;
const ACCESSES_PER_ENTRY = 10;

export class WTinyLfu implements Policy {
  readonly #window = new Queue();
  readonly #probation = new Queue();
  readonly #protected = new Queue();
  readonly #counts = new Map<number, number>();
  readonly #capacity: number;
  readonly #windowBytes: number;
  #accesses = 0;
  #mostHeld = 1;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#windowBytes = capacity * WINDOW_SHARE;
  }

  access(key: number, size: number): boolean {
    this.#count(key);
    if (this.#window.has(key)) {
      this.#window.touch(key);
      return true;
    }
    if (this.#protected.has(key)) {
      this.#protected.touch(key);
      return true;
    }
    if (this.#probation.has(key)) {
      this.#protect(key);
      return true;
    }
    this.#window.add(key, size);
    while (this.#window.bytes > this.#windowBytes && this.#window.length > 1) this.#admit();
    while (this.#bytes > this.#capacity) (this.#victims() ?? this.#window).shift();
    this.#mostHeld = Math.max(this.#mostHeld, this.#length);
    return false;
  }

  get #bytes(): number {
    return this.#window.bytes + this.#probation.bytes + this.#protected.bytes;
  }

  get #length(): number {
    return this.#window.length + this.#probation.length + this.#protected.length;
  }

  #count(key: number): void {
    this.#counts.set(key, Math.min((this.#counts.get(key) ?? 0) + 1, MOST_COUNTED));
    if (++this.#accesses < this.#mostHeld * ACCESSES_PER_ENTRY) return;
    this.#accesses = 0;
    for (const [known, count] of this.#counts) {
      if (count > 1) this.#counts.set(known, count >> 1);
      else this.#counts.delete(known);
    }
  }

  #protect(key: number): void {
    this.#protected.add(key, this.#probation.remove(key));
    const most = (this.#capacity - this.#windowBytes) * PROTECTED_SHARE;
    while (this.#protected.bytes > most) {
      const oldest = this.#protected.shift();
      this.#probation.add(oldest.key, oldest.size);
    }
  }

  /** The oldest of the window goes on, if it was used more often than whom it pushes out. */
  #admit(): void {
    const { key, size } = this.#window.shift();
    while (this.#bytes + size > this.#capacity) {
      const victims = this.#victims();
      if (victims === undefined || this.#uses(key) <= this.#uses(victims.oldest as number)) return;
      victims.shift();
    }
    this.#probation.add(key, size);
  }

  /** Whose oldest is next to go, the window aside. */
  #victims(): Queue | undefined {
    if (this.#probation.length > 0) return this.#probation;
    return this.#protected.length > 0 ? this.#protected : undefined;
  }

  #uses(key: number): number {
    return this.#counts.get(key) ?? 0;
  }
}
