/** Having forgotten maps found before there are too many mappings, or too many descriptors. */
import { sweepMaps } from './forgotten-maps.js';
import { collectAll } from './garbage.js';
import { native, processCounts } from './native.js';

/** From this part of a limit on they are looked for. */
const MANY = 1 / 2;
/** But only when so many were made since the last search, as a part of the limit. */
const ENOUGH_NEW = 1 / 8;
/** Asking for the counts costs something, so only one call in so many does. */
const EACH = 64;

/** Maps made in this thread since the last search. */
let made = 0;

/**
 * A map was made. A small object that holds a mapping gives the engine no reason to collect,
 * and what it collected goes back to the system when the event loop turns: so a collection is
 * asked for while there is room to wait for that.
 */
export function mapMade(): void {
  if (++made % EACH !== 0) return;
  const { maps, ceiling } = processCounts();
  if (!isNear(maps, ceiling) && !isNear(native.descriptorCount(), native.descriptorLimit())) return;
  made = 0;
  collectAll();
  sweepMaps();
}

/** @param limit 0: none */
function isNear(count: number, limit: number): boolean {
  return limit > 0 && count >= limit * MANY && made >= limit * ENOUGH_NEW;
}
