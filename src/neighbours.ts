/** Managers of one thread give way to those of others when the process is at its ceiling of mappings. */
import { announce } from './events.js';
import { onPlea } from './plea.js';

/** Whoever can unmap what is idle. */
export interface Neighbour {
  /** Regions mapped now. */
  readonly regionCount: number;
  /** Unmaps up to `most` idle regions. */
  release(most: number): number;
}

/** Part of its regions that a manager gives up at each plea; what is in use it keeps. */
const SHARE_GIVEN = 1 / 4;

const neighbours = new Set<WeakRef<Neighbour>>();

/** Has a manager of this thread asked when another thread is at the ceiling. It is not kept alive. */
export function joinThread(neighbour: Neighbour): void {
  if (neighbours.size === 0) onPlea(giveWay);
  neighbours.add(new WeakRef(neighbour));
}

function giveWay(): number {
  let released = 0;
  for (const reference of neighbours) {
    const neighbour = reference.deref();
    if (neighbour === undefined) neighbours.delete(reference);
    else released += neighbour.release(Math.ceil(neighbour.regionCount * SHARE_GIVEN));
  }
  announce();
  return released;
}
