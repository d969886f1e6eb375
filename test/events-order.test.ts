/** All that is told of regions is the whole story, told when everything is in order. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  BudgetExceededError,
  MapClosedError,
  type MapManagerOptions,
  PAGE_SIZE,
  SlidingWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { CHANNELS, inspected, Listener, replay, type Told } from './support/events.js';
import { contentByte, tempDir, writeContent } from './support/files.js';
import { mapped } from './support/proc-maps.js';
import { randomFrom } from './support/random.js';

const WINDOW = 2 * PAGE_SIZE;
const COUNT = 12;
const dir = tempDir();
const paths = ['first', 'second'].map((name) => join(dir, name)) as [string, string];
for (const path of paths) writeContent(path, COUNT * WINDOW);
const [path] = paths;

function sliding(windows: number, options: MapManagerOptions = {}): SlidingWindowMapManager {
  const maxMemorySize = windows * WINDOW;
  return new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize, ...options });
}

/** Uses and leaves windows as `random` has it. */
function wander(
  manager: SlidingWindowMapManager,
  cursors: WindowCursor[],
  random: (from: number, to: number) => number,
): void {
  const k = random(0, cursors.length);
  const cursor = cursors[k] as WindowCursor;
  const deed = random(0, 20);
  try {
    if (deed < 12) cursor.useRegion(random(0, COUNT) * WINDOW);
    else if (deed < 14) cursor.useRegion(random(0, COUNT * WINDOW), WINDOW, { whole: true });
    else if (deed < 16) cursor.unuseRegion();
    else if (deed < 17) manager.collect();
    else if (deed < 18) cursor.assign(cursors[random(0, cursors.length)] as WindowCursor);
    else if (deed < 19) cursors[k] = replaced(manager, cursor, random);
    else if (random(0, 5) === 0) manager.closeUnder(paths[random(0, 2)] as string);
  } catch (error) {
    if (error instanceof MapClosedError) cursors[k] = replaced(manager, cursor, random);
    else if (!(error instanceof BudgetExceededError)) throw error;
  }
}

function replaced(
  manager: SlidingWindowMapManager,
  cursor: WindowCursor,
  random: (from: number, to: number) => number,
): WindowCursor {
  cursor.close();
  return manager.makeCursor(paths[random(0, 2)] as string);
}

describe('all that is told', () => {
  test('is the whole story: replayed, it gives what is mapped, after every call', () => {
    for (let seed = 0; seed < 12; seed++) {
      const random = randomFrom(seed);
      using listener = new Listener();
      using manager = sliding(random(2, 8), { hardLimit: seed % 6 === 0 });
      const cursors = [0, 1, 2, 3].map((k) => manager.makeCursor(paths[k % 2] as string));
      const all: Told[] = [];
      let places: string[] = [];
      for (let step = 0; step < 200; step++) {
        wander(manager, cursors, random);
        const told = listener.take();
        places = replay(told, places);
        assert.deepEqual(places, inspected(manager), `seed ${seed}, step ${step}`);
        all.push(...told);
      }
      const count = (name: Told['on']) => all.filter(({ on }) => on === name).length;
      const { maps, unmaps, evictions, retries, faults } = manager.stats();
      assert.deepEqual(
        CHANNELS.map(count),
        [maps, unmaps, evictions, faults, retries],
        `seed ${seed}`,
      );
      assert.ok(evictions > 0);
    }
  });

  test('is told when the manager is in order: its books are those of the kernel', () => {
    using manager = sliding(3);
    using cursor = manager.makeCursor(path);
    const seen: unknown[] = [];
    using _ = new Listener(({ on }) => {
      const { mappedBytes, regions } = manager.stats();
      assert.equal(mappedBytes, mapped(dir).bytes);
      assert.equal(regions * WINDOW, mappedBytes);
      seen.push([on, cursor.isValid && cursor.buffer()[0], regions]);
    });
    for (const k of [0, 1, 2, 3]) cursor.useRegion(k * WINDOW);
    cursor.close();
    manager.collect();
    const first = (k: number) => contentByte(k * WINDOW);
    assert.deepEqual(seen, [
      ['map', first(0), 1],
      ['map', first(1), 2],
      ['map', first(2), 3],
      ['unmap', first(3), 3],
      ['evict', first(3), 3],
      ['map', first(3), 3],
      ['unmap', false, 0],
      ['unmap', false, 0],
      ['unmap', false, 0],
    ]);
  });
});
