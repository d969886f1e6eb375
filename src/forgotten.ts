/** Finding cursors that were forgotten without `close()`. */
import { collectAll, collectYoung } from './garbage.js';
import type { Lease } from './managed-file.js';
import { Order } from './order.js';

/**
 * Where a limit has to bend, the next search waits for new cursors: at most for this
 * part of the regions where searches find dead cursors, but too few.
 */
const SHARE_AFTER_FEW = 1 / 16;
/** And where they find none, having collected everything in vain. */
const SHARE_AFTER_NONE = 1 / 8;
/** But for so many there, or a burst of cursors that are all closed would be searched each time. */
const LEAST_AFTER_NONE = 16;
/** Asks for each awaited cursor after which none is awaited any more: those known may be dead by now. */
const ASKS_FOR_EACH = 64;
/** Fewer leases than this are not looked through for their own sake. */
const FEWEST_SWEPT = 1_024;

/**
 * The leases of one manager. Whether a cursor is dead is known only after the
 * engine collected it, so before a limit bends a collection is asked for. Where
 * what is really in use passes the limit, that takes milliseconds and cannot help:
 * after a search that left the limit to bend, twice as many new cursors are awaited
 * as before it. One that was enough ends that.
 */
export class Leases {
  readonly #all = new Order<Lease>();
  readonly #release: (lease: Lease) => void;
  #warn: boolean;
  #sweepAt = FEWEST_SWEPT;
  /** How many leases there were at the least since the last search. */
  #fewest = 0;
  /** New leases that the next search waits for. */
  #awaited = 0;
  /** Asks since the last search. */
  #asks = 0;
  /** Whether the last search, or an ask since then, gave no room. */
  #inVain = false;

  /**
   * @param warn whether the first cursor found is told of
   * @param release gives up a lease whose cursor is dead
   */
  constructor(warn: boolean, release: (lease: Lease) => void) {
    this.#warn = warn;
    this.#release = release;
  }

  get size(): number {
    return this.#all.length;
  }

  /** Sweeps when there are twice as many as were alive at the last time, so that the dead do not pile up. */
  add(lease: Lease): void {
    this.#all.push(lease);
    if (this.size < this.#sweepAt) return;
    this.sweep();
    this.#sweepAt = Math.max(FEWEST_SWEPT, 2 * this.size);
  }

  /** Again does nothing. */
  remove(lease: Lease): void {
    if (lease.ended) return;
    this.#all.remove(lease);
    this.#fewest = Math.min(this.#fewest, this.size);
    lease.end();
  }

  /** Releases what is known to be dead, without asking for a collection; returns how many. */
  sweep(): number {
    let found = 0;
    for (const lease of this.#all.entries()) {
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
   * @param must do not wait: an error is about to be thrown
   * @param regions how many are mapped
   */
  find(must: boolean, regions: number): number {
    const came = this.size - this.#fewest;
    if (!must && came < this.#awaited && this.#asks < this.#awaited * ASKS_FOR_EACH) {
      this.#asks++;
      this.#inVain = true;
      return 0;
    }
    const found = this.sweep() || this.#sweepAfter(collectYoung) || this.#sweepAfter(collectAll);
    const enough = found > 0 && !this.#inVain;
    this.#awaited = enough ? 0 : Math.min(Math.max(1, this.#awaited * 2), most(found, regions));
    this.#fewest = this.size;
    this.#asks = 0;
    this.#inVain = found === 0;
    return found;
  }

  #sweepAfter(collect: () => void): number {
    collect();
    return this.sweep();
  }
}

/** New leases that may be awaited at most after a search that found so many dead. */
function most(found: number, regions: number): number {
  if (found > 0) return Math.ceil(regions * SHARE_AFTER_FEW);
  return Math.max(LEAST_AFTER_NONE, Math.ceil(regions * SHARE_AFTER_NONE));
}

function warnOf({ file, stack }: Lease): void {
  process.emitWarning(`a cursor on ${file.file.name} was forgotten without close()`, {
    type: 'SmmapWarning',
    code: 'SMMAP_FORGOTTEN_CURSOR',
    detail: `It was first used here; later ones are counted in stats().leaked.\n${stack}`,
  });
}
