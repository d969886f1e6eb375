/** So many mappings that the system, or the engine, would have none left. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  BudgetExceededError,
  MapRegion,
  PAGE_SIZE,
  processCounts,
  SlidingWindowMapManager,
  type WindowCursor,
} from 'smmap';
import {
  contentByte,
  contentBytes,
  tempDir,
  writeContent,
  writeIslands,
} from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapsLines } from '../support/proc-maps.js';

const path = join(tempDir(), 'file.bin');

/** What the engine is to have left, whatever was mapped: room for a large heap. */
function assertEngineLives(): void {
  assert.ok(mapsLines().length < processCounts().limit * 0.8);
  const heap = Array.from({ length: 100 }, (_, i) => new Array(2 ** 17).fill(i));
  assert.equal(heap.length, 100);
}

await hazards(import.meta.url, {
  'held windows: a named error, and others have what is guaranteed to them': () => {
    const { ceiling } = processCounts();
    writeIslands(path, (ceiling + 1_000) * PAGE_SIZE, [{ offset: 0, length: 8 }]);
    const managerOf = () =>
      new SlidingWindowMapManager({
        windowSize: PAGE_SIZE,
        maxMemorySize: Number.POSITIVE_INFINITY,
      });
    const manager = managerOf();
    const held: WindowCursor[] = [];
    const hold = () => {
      for (let k = 0; k <= ceiling; k++) {
        held.push(manager.makeCursor(path).useRegion(k * PAGE_SIZE));
      }
    };
    const named = (error: Error) =>
      error instanceof BudgetExceededError && error.message.includes('max_map_count');
    assert.throws(hold, named);
    assert.equal(held.length, ceiling - Math.floor(ceiling / 8), 'an eighth is kept back');
    assertEngineLives();
    for (const late of [managerOf(), managerOf()]) {
      const guaranteed = Array.from({ length: 64 }, (_, k) =>
        late.makeCursor(path).useRegion(k * PAGE_SIZE),
      );
      assert.deepEqual(guaranteed[0]?.buffer().subarray(0, 8), contentBytes(0, 8));
      assert.throws(() => late.makeCursor(path).useRegion(64 * PAGE_SIZE), named);
    }
    for (const cursor of held.splice(0, 200)) cursor.close();
    assert.ok(manager.makeCursor(path).useRegion(ceiling * PAGE_SIZE).isValid);
  },

  'regions of their own, forgotten in a synchronous loop: an error at worst': () => {
    writeContent(path, PAGE_SIZE);
    try {
      for (let i = 0; i < 100_000; i++) {
        assert.equal(new MapRegion(path, 0, PAGE_SIZE).buffer()[9], contentByte(9));
      }
    } catch (error) {
      assert.ok(error instanceof BudgetExceededError, String(error));
    }
    assertEngineLives();
  },

  'managers forgotten in a synchronous loop: an error at worst': () => {
    writeContent(path, PAGE_SIZE);
    try {
      for (let i = 0; i < 100_000; i++) {
        const manager = new SlidingWindowMapManager();
        assert.equal(manager.makeCursor(path).useRegion().buffer()[9], contentByte(9));
      }
    } catch (error) {
      assert.ok(error instanceof BudgetExceededError, String(error));
    }
    assertEngineLives();
  },
});
