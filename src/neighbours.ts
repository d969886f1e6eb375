/** Managers of one thread release what was forgotten when garbage was collected, and unmap what is idle for those of others when the process is at its ceiling of mappings. */
import { CollectionMarks } from './collection-marks.js';
import { announce } from './events.js';
import { onReclaim } from './reclaim.js';
import { Watches, watchedCount } from './watches.js';

/** Whoever can unmap what is idle. */
export interface Neighbour {
  /** Regions mapped now. */
  readonly regionCount: number;
  /** Unmaps up to `most` idle regions. */
  release(most: number): number;
  /** Garbage was collected: cursors may be known to be dead now. */
  releaseCollected(): void;
}

/** Part of its regions that a manager gives up each time that it is asked; what is in use it keeps. */
const SHARE_GIVEN = 1 / 4;
/** Fewer managers than this are not looked through for their own sake. */
const FEWEST_SWEPT = 64;
/** Managers and cursors that are looked through for the sake of one collection of garbage; where there are more, so many times fewer collections count. Looking at one takes 50 ns. */
const SWEPT_AT_EACH = 256;

/** With the place at which the manager itself is watched. A WeakRef would keep it alive until the job ends. */
const neighbours = new Map<Watches, number>();
let sweepAt = FEWEST_SWEPT;

/** A manager's place among those of its thread, which does not keep it alive. */
export class Membership {
  /** For what else the manager watches. */
  readonly watches = new Watches();

  /** From now on it is asked when another thread is at the ceiling. */
  constructor(neighbour: Neighbour) {
    if (neighbours.size === 0) onReclaim(reclaimHere);
    if (neighbours.size >= sweepAt) {
      forEachAlive(() => {});
      sweepAt = Math.max(FEWEST_SWEPT, 2 * neighbours.size);
    }
    neighbours.set(this.watches, this.watches.add(neighbour));
  }

  /** It is asked no more. Again does nothing. */
  leave(): void {
    const place = neighbours.get(this.watches);
    if (place === undefined) return;
    neighbours.delete(this.watches);
    this.watches.remove(place);
  }
}

/** Calls back with each manager; lets go what is watched for those that were collected. */
function forEachAlive(visit: (neighbour: Neighbour) => void): void {
  for (const [watches, place] of neighbours) {
    const neighbour = watches.watched(place) as Neighbour | undefined;
    if (neighbour !== undefined) {
      visit(neighbour);
    } else {
      neighbours.delete(watches);
      watches.clear();
    }
  }
}

function reclaimHere(): number {
  let released = 0;
  forEachAlive((neighbour) => {
    released += neighbour.release(Math.ceil(neighbour.regionCount * SHARE_GIVEN));
  });
  return released;
}

const marks = new CollectionMarks(garbageCollected);
/** Whether there is a mark that was not collected. */
let isMarked = false;
/** Collections since managers and cursors were looked through for the sake of one. */
let collections = 0;

/** Has every manager of the thread look for dead cursors when garbage was collected. */
export function awaitCollection(): void {
  if (isMarked) return;
  isMarked = true;
  marks.add({});
}

function garbageCollected(): void {
  isMarked = false;
  if (++collections * SWEPT_AT_EACH >= watchedCount) {
    collections = 0;
    forEachAlive((neighbour) => neighbour.releaseCollected());
    announce();
  }
  if (watchedCount > neighbours.size) awaitCollection(); // there are cursors
}
