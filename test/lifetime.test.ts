/** What is closed is gone at once; what is forgotten is found when its room is needed. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { PAGE_SIZE, SlidingWindowMapManager, StaticWindowMapManager } from 'smmap';
import { collectAll } from '#src/garbage.js';
import { tempDir } from './support/files.js';
import { holdings } from './support/holdings.js';
import { IslandFile } from './support/island-file.js';
import { mapped } from './support/proc-maps.js';
import { closeWindows, FORGET, forgetWindows } from './support/window-loops.js';

/** Ranges of closed windows that are kept out of use for a while, and what V8 may map meanwhile. */
const MOST_OTHER_LINES = 1100;

/** Forgotten windows that may pile up where a limit has to bend anyway. */
const MOST_UNFOUND = 128;

const dir = tempDir();
const file = new IslandFile(join(dir, 'islands.bin'), 16 * PAGE_SIZE, 20_000);
file.write();

function sliding(windows: number, hardLimit = false): SlidingWindowMapManager {
  const { windowSize } = file;
  return new SlidingWindowMapManager({
    windowSize,
    maxMemorySize: windows * windowSize,
    hardLimit,
  });
}

describe('closed windows', () => {
  test('leave nothing mapped and no descriptor', () => {
    const before = holdings(dir);
    const manager = sliding(4);
    closeWindows(manager, file, 0, 3000);
    manager.close();
    const after = holdings(dir);
    assert.equal(after.fileLines, 0);
    assert.equal(after.descriptors, before.descriptors);
    assert.ok(after.otherLines - before.otherLines <= MOST_OTHER_LINES);
  });

  test('leave nothing where whole files are mapped', () => {
    const before = holdings(dir);
    const whole = new IslandFile(join(dir, 'whole.bin'), PAGE_SIZE, 1);
    whole.write();
    for (let i = 0; i < 200; i++) {
      const manager = new StaticWindowMapManager();
      closeWindows(manager, whole, 0, 1);
      assert.equal(mapped(whole.path).lines, 1);
      manager.close();
      assert.equal(mapped(whole.path).lines, 0);
    }
    assert.equal(holdings(dir).descriptors, before.descriptors);
  });
});

for (const [what, forget] of Object.entries(FORGET)) {
  for (const hardLimit of [false, true]) {
    for (const budget of [1, 16, 500]) {
      const limit = hardLimit ? 'a hard' : 'a soft';
      test(`forgotten ${what} keep within ${limit} budget of ${budget} windows`, () => {
        using manager = sliding(budget, hardLimit);
        const most = forgetWindows(forget, manager, file, 0, 2000, 100);
        assert.equal(most, budget * file.windowSize);
        assert.equal(manager.stats().bent, 0);
      });
    }
  }
}

describe('forgotten cursors beside some that are held', () => {
  for (const hardLimit of [false, true]) {
    for (const [held, budget] of [
      [14, 16],
      [15, 16],
      [400, 420],
    ] as const) {
      const limit = hardLimit ? 'a hard' : 'a soft';
      test(`${held} held, ${limit} budget of ${budget} windows`, () => {
        using manager = sliding(budget, hardLimit);
        const kept = Array.from({ length: held }, (_, k) => ({
          k,
          cursor: manager.makeCursor(file.path).useRegion(k * file.windowSize),
        }));
        const most = forgetWindows(FORGET.cursors, manager, file, held, held + 1000, 50);
        assert.equal(most, budget * file.windowSize);
        for (const { k, cursor } of kept) assert.equal(cursor.buffer()[0], file.firstByte(k));
      });
    }
  }

  test('a budget that the held ones pass is passed by few others', () => {
    using manager = sliding(8);
    const kept = Array.from({ length: 100 }, (_, k) =>
      manager.makeCursor(file.path).useRegion(k * file.windowSize),
    );
    const before = manager.stats().mappedBytes;
    assert.ok(before >= kept.length * file.windowSize);
    const most = forgetWindows(FORGET.cursors, manager, file, kept.length, 3000, 100);
    assert.ok(most <= before + MOST_UNFOUND * file.windowSize, `${most} where ${before} are held`);
    assert.ok(kept.every((cursor, k) => cursor.buffer()[0] === file.firstByte(k)));
  });
});

test('cursors that are in use and pass a soft limit are not searched again and again', async () => {
  using manager = sliding(16);
  const cursors = Array.from({ length: 20 }, () => manager.makeCursor(file.path));
  const observer = new PerformanceObserver(() => {});
  observer.observe({ entryTypes: ['gc'] });
  for (let k = 0; k < 3000; k++) {
    cursors[k % cursors.length]?.useRegion(k * file.windowSize);
    using once = manager.makeCursor(file.path).useRegion((k + 5000) * file.windowSize);
    assert.equal(once.buffer()[0], file.firstByte(k + 5000));
  }
  await setImmediate(); // in the turn in which the observer's records come
  const collections = observer.takeRecords() as unknown as { detail: { kind: number } }[];
  observer.disconnect();
  const full = collections.filter(
    ({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR,
  );
  assert.ok(full.length < 30, `${full.length} full collections`);
  assert.equal(manager.stats().leaked, 0);
});

describe('forgotten cursors that garbage was collected with', () => {
  /** Collects, and gives the event loop its turn, until something holds. */
  async function collectedUntil(holds: () => boolean): Promise<void> {
    for (let i = 0; i < 100 && !holds(); i++) {
      await setImmediate(); // a WeakRef that was asked keeps its object for the rest of the job
      collectAll();
      await setImmediate();
    }
  }

  for (const count of [1, 4, 5_000]) {
    test(`${count} are users and not counted as leaked no more, without any call`, async () => {
      using manager = sliding(16);
      using kept = manager.makeCursor(file.path).useRegion(0);
      forget(manager, count);
      const { region } = kept;
      assert.equal(region?.clientCount, 2 + count);
      await collectedUntil(() => region?.clientCount === 2);
      assert.equal(region?.clientCount, 2);
      assert.equal(manager.stats().leaked, count);
      assert.equal(manager.inspect()[0]?.windows[0]?.users, 1);
      forget(manager, 1);
      await collectedUntil(() => manager.stats().leaked > count);
      assert.equal(manager.stats().leaked, count + 1, 'those that come later too');
    });
  }

  test('hold up no manager that is forgotten with them', async () => {
    const gone = new WeakRef(forgottenManager());
    await collectedUntil(() => gone.deref() === undefined);
    assert.equal(gone.deref(), undefined);
  });

  function forget(manager: SlidingWindowMapManager, count: number): void {
    for (let i = 0; i < count; i++) manager.makeCursor(file.path).useRegion(0);
  }

  function forgottenManager(): SlidingWindowMapManager {
    const manager = sliding(16);
    forget(manager, 3);
    return manager;
  }
});
