/** Finding cursors that were forgotten without `close()`. */
import { collectAll, collectYoung } from './garbage.js';
import type { Lease } from './managed-file.js';

/** At most so many asks in vain are passed over before garbage is collected again. */
const LONGEST_PAUSE = 128;
/** A collection was worth it when this part of the leases was found dead. */
const WORTHWHILE = 1 / 4;

/**
 * The leases of one manager. Whether a cursor is dead is known only after the
 * engine collected it, so before a limit bends a collection is asked for. Where
 * cursors are really in use that is in vain and slow; after each such failure
 * twice as many asks are passed over, up to 128.
 */
export class Leases {
  readonly #all = new Set<Lease>();
  readonly #release: (lease: Lease) => void;
  #warn: boolean;
  #pause = 0;
  #passedOver = 0;

  /**
   * @param warn whether the first cursor found is told of
   * @param release gives up a lease whose cursor is dead
   */
  constructor(warn: boolean, release: (lease: Lease) => void) {
    this.#warn = warn;
    this.#release = release;
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<Lease> {
    return this.#all.values();
  }

  add(lease: Lease): void {
    this.#all.add(lease);
  }

  remove(lease: Lease): void {
    this.#all.delete(lease);
    lease.end();
  }

  /** Releases what is known to be dead, without asking for a collection; returns how many. */
  sweep(): number {
    let found = 0;
    for (const lease of this.#all) {
      if (lease.held) continue;
      if (this.#warn) warnOf(lease);
      this.#warn = false;
      this.#release(lease);
      found++;
    }
    return found;
  }

  /**
   * Releases what is dead, having garbage collected if need be; returns how many.
   * @param must do not pass over: an error is about to be thrown
   */
  find(must: boolean): number {
    const known = this.sweep();
    if (known > 0) return known;
    if (!must && this.#passedOver < this.#pause) {
      this.#passedOver++;
      return 0;
    }
    this.#passedOver = 0;
    const before = this.#all.size;
    collectYoung();
    let found = this.sweep();
    if (found === 0) {
      collectAll();
      found = this.sweep();
    }
    const worthwhile = found >= before * WORTHWHILE;
    this.#pause = worthwhile ? 0 : Math.min(Math.max(1, this.#pause * 2), LONGEST_PAUSE);
    return found;
  }
}

function warnOf({ file, stack }: Lease): void {
  process.emitWarning(`a cursor on ${file.file.name} was forgotten without close()`, {
    type: 'SmmapWarning',
    code: 'SMMAP_FORGOTTEN_CURSOR',
    detail: `It was first used here; later ones are counted in stats().leaked.\n${stack}`,
  });
}
