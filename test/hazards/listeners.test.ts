/** Listeners to what happens to regions, which do something with them at once. */

import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE_SIZE, SlidingWindowMapManager, SmmapError, type WindowCursor } from 'smmap';
import { contentByte, tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';
import { randomFrom } from '../support/random.js';

const WINDOW = 2 * PAGE_SIZE;
const COUNT = 16;
const EVENTS = ['map', 'unmap', 'evict', 'fault', 'retry'] as const;
const path = join(tempDir(), 'file.bin');

interface World {
  manager: SlidingWindowMapManager;
  cursors: WindowCursor[];
  random: (from: number, to: number) => number;
}

/** Everything a program does, and so may do while it listens. */
const DEEDS: readonly ((world: World) => unknown)[] = [
  ({ cursors, random }) => cursors[random(0, 4)]?.useRegion(random(0, COUNT) * WINDOW),
  ({ cursors, random }) =>
    cursors[random(0, 4)]?.useRegion(random(0, COUNT) * WINDOW, WINDOW + 9, { whole: true }),
  ({ cursors, random }) => cursors[random(0, 4)]?.unuseRegion(),
  ({ cursors, random }) => cursors[random(0, 4)]?.refresh(),
  ({ cursors, random }) => cursors[random(0, 4)]?.assign(cursors[random(0, 4)] as WindowCursor),
  ({ manager, cursors, random }) => {
    const k = random(0, 4);
    cursors[k]?.close();
    cursors[k] = manager.makeCursor(path);
  },
  ({ manager }) => manager.collect(),
  (world) => {
    if (world.random(0, 10) > 0) return;
    world.manager.closeUnder(path);
    world.cursors = world.cursors.map(() => world.manager.makeCursor(path));
  },
  (world) => {
    if (world.random(0, 20) > 0) return;
    world.manager.close();
    renew(world);
  },
];

function renew(world: World): void {
  world.manager = new SlidingWindowMapManager({
    windowSize: WINDOW,
    maxMemorySize: 3 * WINDOW,
    hardLimit: world.random(0, 2) === 1,
  });
  world.cursors = [0, 1, 2, 3].map(() => world.manager.makeCursor(path));
}

function newWorld(seed: number): World {
  const world = { random: randomFrom(seed) } as World;
  renew(world);
  return world;
}

/** Does something; errors that the package means are a fair answer. */
function deed(world: World): void {
  try {
    DEEDS[world.random(0, DEEDS.length)]?.(world);
  } catch (error) {
    if (!(error instanceof SmmapError)) throw error;
  }
}

/** What the manager says is what the kernel says. */
function assertTrue({ manager, cursors }: World): void {
  const stats = manager.stats();
  assert.equal(stats.mappedBytes, mapped(path).bytes);
  assert.equal(stats.maps - stats.unmaps, stats.regions);
  assert.equal(stats.regions, manager.numFileHandles);
  for (const cursor of cursors) {
    if (!cursor.isValid || cursor.faulted) continue;
    assert.equal(cursor.buffer()[5], contentByte(cursor.ofsBegin + 5));
  }
}

await hazards(import.meta.url, {
  'a listener that does anything, at any event': () => {
    writeContent(path, COUNT * WINDOW);
    for (const event of EVENTS) {
      for (let seed = 0; seed < 30; seed++) {
        const world = newWorld(seed);
        let depth = 0;
        const listener = () => {
          if (depth > 2) return;
          depth++;
          deed(world);
          depth--;
        };
        subscribe(`smmap:${event}`, listener);
        for (let i = 0; i < 100; i++) deed(world);
        unsubscribe(`smmap:${event}`, listener);
        assertTrue(world);
        world.manager.close();
        assert.equal(mapped(path).bytes, 0, `${event}, seed ${seed}`);
      }
    }
  },

  'a listener that cuts the file': () => {
    for (const event of ['map', 'unmap', 'evict'] as const) {
      for (let seed = 0; seed < 10; seed++) {
        writeContent(path, COUNT * WINDOW);
        const world = newWorld(seed);
        const listener = () => truncateSync(path, world.random(0, COUNT * WINDOW));
        subscribe(`smmap:${event}`, listener);
        for (let i = 0; i < 50; i++) {
          deed(world);
          for (const cursor of world.cursors) {
            if (cursor.isValid && !cursor.faulted) {
              const byte = cursor.map().at(WINDOW - 1);
              const right = contentByte((cursor.region?.ofsBegin ?? 0) + WINDOW - 1);
              assert.ok(byte === undefined || byte === 0 || byte === right, `${byte}`);
            }
          }
        }
        unsubscribe(`smmap:${event}`, listener);
        world.manager.close();
        assert.equal(mapped(path).bytes, 0);
      }
    }
  },
});
