/** Managers of one thread give way to those of others when the process is at its ceiling of mappings. */
import { announce } from './events.js';
import { native } from './native.js';
import { onPlea } from './plea.js';
import { Watches } from './watches.js';

/** Whoever can unmap what is idle. */
export interface Neighbour {
  /** Regions mapped now. */
  readonly regionCount: number;
  /** Unmaps up to `most` idle regions. */
  release(most: number): number;
}

/** Part of its regions that a manager gives up at each plea; what is in use it keeps. */
const SHARE_GIVEN = 1 / 4;
/** Fewer managers than this are not looked through for their own sake. */
const FEWEST_SWEPT = 64;

/** By the number under which the manager is watched. A WeakRef would keep it alive until the job ends. */
const neighbours = new Map<number, Watches>();
let sweepAt = FEWEST_SWEPT;

/** A manager's place among those of its thread, which does not keep it alive. */
export class Membership {
  /** For what else the manager watches. */
  readonly watches = new Watches();
  readonly #number: number;

  /** From now on it is asked when another thread is at the ceiling. */
  constructor(neighbour: Neighbour) {
    if (neighbours.size === 0) onPlea(giveWay);
    if (neighbours.size >= sweepAt) {
      sweep();
      sweepAt = Math.max(FEWEST_SWEPT, 2 * neighbours.size);
    }
    this.#number = this.watches.add(neighbour);
    neighbours.set(this.#number, this.watches);
  }

  /** It is asked no more. Again does nothing. */
  leave(): void {
    if (neighbours.get(this.#number) !== this.watches) return;
    neighbours.delete(this.#number);
    this.watches.remove(this.#number);
  }
}

/** Lets go what is watched for managers that were collected. */
function sweep(): void {
  for (const [number, watches] of neighbours) {
    if (native.watched(number) !== undefined) continue;
    neighbours.delete(number);
    watches.clear();
  }
}

function giveWay(): number {
  let released = 0;
  for (const number of neighbours.keys()) {
    const neighbour = native.watched(number) as Neighbour | undefined;
    released += neighbour?.release(Math.ceil(neighbour.regionCount * SHARE_GIVEN)) ?? 0;
  }
  announce();
  return released;
}
