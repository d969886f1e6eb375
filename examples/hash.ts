/** SHA-256 of a file while the event loop stays free: the next window is fetched while this one is hashed. */
import { createHash } from 'node:crypto';
import { SlidingWindowMapManager } from 'smmap';

const [path = process.execPath] = process.argv.slice(2);

using manager = new SlidingWindowMapManager({
  windowSize: 1024 * 1024,
  maxMemorySize: 4 * 1024 * 1024,
  hardLimit: true, // two cursors need two windows: the budget is never the problem
});
using current = manager.makeCursor(path).useRegion(0);
using next = manager.makeCursor(path);
const hash = createHash('sha256');
let fetched: Promise<void> | undefined;

while (current.isValid) {
  await fetched; // the pages of this window are in memory
  next.useRegion(current.ofsEnd);
  fetched = next.isValid ? next.prefetch() : undefined;
  hash.update(current.buffer());
  if (current.faulted) throw new Error(`${path} was cut short`); // the hash saw zeros
  current.useRegion(current.ofsEnd);
}
console.log(`${hash.digest('hex')}  ${path}`);
