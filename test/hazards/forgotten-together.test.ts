/** Windows that several cursors stood on, forgotten one after the other: some are known to be dead, others not yet. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type MapManagerOptions, PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { contentBytes, tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';

/** More than what is left on a stack may refer to, which Bun’s collector takes for used. */
const WINDOWS = 16;
const path = join(tempDir(), 'file.bin');

function managerOf(windows: number, options: MapManagerOptions): SlidingWindowMapManager {
  return new SlidingWindowMapManager({
    windowSize: PAGE_SIZE,
    maxMemorySize: windows * PAGE_SIZE,
    ...options,
  });
}

/** Uses windows `from` to `to`, each by a cursor that is forgotten. */
function forget(manager: SlidingWindowMapManager, from: number, to: number): void {
  for (let k = from; k < to; k++) {
    const cursor = manager.makeCursor(path).useRegion(k * PAGE_SIZE);
    assert.deepEqual(cursor.buffer(), contentBytes(k * PAGE_SIZE, PAGE_SIZE));
  }
}

/** Has another manager look for dead cursors, which makes the first one's known, too. */
function makeKnown(): void {
  const other = managerOf(8, { hardLimit: true });
  forget(other, 0, 100);
  assert.ok(other.stats().leaked > 0);
  other.close();
}

/** Forgets twice on the same windows; of the dead only those of the first time are known as such. */
function forgetTwice(manager: SlidingWindowMapManager): void {
  forget(manager, 0, WINDOWS);
  makeKnown();
  forget(manager, 0, WINDOWS);
  assert.equal(manager.stats().maps, WINDOWS);
}

await hazards(import.meta.url, {
  'a hard limit finds all of them before it throws': () => {
    writeContent(path, 100 * PAGE_SIZE);
    for (const options of [{}, { maxOpenHandles: WINDOWS, maxMemorySize: 100 * PAGE_SIZE }]) {
      const manager = managerOf(WINDOWS, { hardLimit: true, ...options });
      forgetTwice(manager);
      forget(manager, WINDOWS, 100);
      assert.equal(manager.numFileHandles, WINDOWS);
      manager.close();
    }
  },

  'a limit finds all of them before it bends': () => {
    writeContent(path, 100 * PAGE_SIZE);
    const manager = managerOf(WINDOWS, {});
    forgetTwice(manager);
    forget(manager, WINDOWS, WINDOWS + 1);
    assert.equal(manager.stats().bent, 0);
    manager.close();
  },
});
