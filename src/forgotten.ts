/** Finding cursors that were forgotten without `close()`. */
import { collectAll, collectYoung } from './garbage.js';
import type { Lease } from './managed-file.js';

/** So many asks are passed over at most while searches find dead cursors, but too few. */
const SHORT_PAUSE = 16;
/** And while they find none, having collected everything in vain. */
const LONG_PAUSE = 128;
/** And never more than this part of what is mapped: by so much a limit may bend in vain. */
const SHARE_PASSED_OVER = 1 / 16;
/** Fewer leases than this are not looked through for their own sake. */
const FEWEST_SWEPT = 1_024;

/**
 * The leases of one manager. Whether a cursor is dead is known only after the
 * engine collected it, so before a limit bends a collection is asked for. Where
 * what is really in use passes the limit, that is slow and cannot help: after a
 * search that left the limit to bend, twice as many asks are passed over as
 * before it. One that was enough ends that.
 */
export class Leases {
  readonly #all = new Set<Lease>();
  readonly #release: (lease: Lease) => void;
  #warn: boolean;
  #sweepAt = FEWEST_SWEPT;
  #pause = 0;
  #longestPause = LONG_PAUSE;
  #passedOver = 0;
  /** Whether an ask since the last search, or that search itself, gave no room. */
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
    return this.#all.size;
  }

  /** Sweeps when there are twice as many as were alive at the last time, so that the dead do not pile up. */
  add(lease: Lease): void {
    this.#all.add(lease);
    if (this.#all.size < this.#sweepAt) return;
    this.sweep();
    this.#sweepAt = Math.max(FEWEST_SWEPT, 2 * this.#all.size);
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
   * @param regions how many are mapped
   */
  find(must: boolean, regions: number): number {
    const most = Math.ceil(regions * SHARE_PASSED_OVER);
    if (!must && this.#passedOver < Math.min(this.#pause, most)) {
      this.#passedOver++;
      this.#inVain = true;
      return 0;
    }
    this.#passedOver = 0;
    this.#pause = this.#inVain ? Math.min(Math.max(1, this.#pause * 2), this.#longestPause) : 0;
    const found = this.sweep() || this.#sweepAfter(collectYoung) || this.#sweepAfter(collectAll);
    this.#inVain = found === 0;
    this.#longestPause = found > 0 ? SHORT_PAUSE : LONG_PAUSE;
    return found;
  }

  #sweepAfter(collect: () => void): number {
    collect();
    return this.sweep();
  }
}

function warnOf({ file, stack }: Lease): void {
  process.emitWarning(`a cursor on ${file.file.name} was forgotten without close()`, {
    type: 'SmmapWarning',
    code: 'SMMAP_FORGOTTEN_CURSOR',
    detail: `It was first used here; later ones are counted in stats().leaked.\n${stack}`,
  });
}
