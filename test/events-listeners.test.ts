/** Whoever listens hears everything, when everything is in order again, and may then do anything. */

import assert from 'node:assert/strict';
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  BudgetExceededError,
  MapClosedError,
  MapFaultError,
  type MapManagerOptions,
  PAGE_SIZE,
  SlidingWindowMapManager,
  SmmapError,
  type WindowCursor,
} from 'smmap';
import { CHANNELS, Listener, type Told } from './support/events.js';
import { contentByte, contentBytes, tempDir, writeContent } from './support/files.js';
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

/** A region by its place. Two of one place can be mapped at one time. */
function placeOf({ file, offset, size }: Pick<Told, 'file' | 'offset' | 'size'>): string {
  return `${file} ${offset} ${size}`;
}

/** The places of all regions that the manager says are mapped. */
function inspected(manager: SlidingWindowMapManager): string[] {
  return manager
    .inspect()
    .flatMap(({ path: file, windows }) => windows.map((window) => placeOf({ file, ...window })))
    .sort();
}

/** The places that are mapped after all this, where those of `before` were. */
function replay(told: readonly Told[], before: readonly string[] = []): string[] {
  const places = [...before];
  for (const each of told) {
    if (each.on === 'map') places.push(placeOf(each));
    if (each.on !== 'unmap') continue;
    const at = places.indexOf(placeOf(each));
    assert.notEqual(at, -1, `${placeOf(each)} was unmapped, and never mapped`);
    places.splice(at, 1);
  }
  return places.sort();
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

describe('where nobody listens', () => {
  test('nobody listens of the package’s own accord', () => {
    for (const name of CHANNELS) assert.equal(channel(`smmap:${name}`).hasSubscribers, false);
  });

  test('nothing is put by for those who come later', () => {
    using manager = sliding(2);
    using cursor = manager.makeCursor(path);
    for (const k of [0, 1, 2, 3]) cursor.useRegion(k * WINDOW);
    using listener = new Listener();
    cursor.unuseRegion();
    cursor.useRegion(3 * WINDOW);
    assert.deepEqual(listener.all, []);
  });

  test('on one channel, the others are told nothing', () => {
    using manager = sliding(1);
    using cursor = manager.makeCursor(path);
    const heard: unknown[] = [];
    const hear = (message: unknown, name: string | symbol) => heard.push([name, message]);
    subscribe('smmap:unmap', hear);
    for (const k of [0, 1]) cursor.useRegion(k * WINDOW);
    unsubscribe('smmap:unmap', hear);
    cursor.useRegion(0);
    assert.deepEqual(heard, [['smmap:unmap', { file: path, offset: 0, size: WINDOW }]]);
  });
});

/** What a listener may do with the manager and the cursor that it hears of. */
const DEEDS: Readonly<
  Record<string, (manager: SlidingWindowMapManager, cursor: WindowCursor) => unknown>
> = {
  'moves the cursor': (_, cursor) => cursor.useRegion(5 * WINDOW),
  'leaves the region': (_, cursor) => cursor.unuseRegion(),
  'refreshes the cursor': (_, cursor) => cursor.refresh(),
  'closes the cursor': (_, cursor) => cursor.close(),
  'assigns another cursor': (manager, cursor) => cursor.assign(manager.makeCursor(paths[1])),
  'maps more': (manager) =>
    manager
      .makeCursor(paths[1])
      .useRegion(3 * WINDOW)
      .close(),
  collects: (manager) => manager.collect(),
  'closes the file': (manager) => manager.closeUnder(path),
  'closes the manager': (manager) => manager.close(),
};

describe('a listener', () => {
  for (const [deed, act] of Object.entries(DEEDS)) {
    for (const name of ['map', 'unmap', 'evict', 'fault'] as const) {
      test(`that ${deed}, at ${name}`, () => {
        const file = join(dir, 'changed');
        writeContent(file, COUNT * WINDOW);
        using manager = sliding(2);
        const cursor = manager.makeCursor(file);
        let depth = 0;
        let heard = 0;
        using listener = new Listener(({ on }) => {
          if (on !== name || depth > 2) return;
          heard++;
          depth++;
          attempt(() => act(manager, cursor));
          depth--;
        });
        for (const k of [0, 1, 2, 3]) attempt(() => cursor.useRegion(k * WINDOW));
        const { regions, mappedBytes, maps, unmaps } = manager.stats();
        assert.equal(mappedBytes, mapped(dir).bytes);
        assert.equal(maps - unmaps, regions);
        truncateSync(file, 0);
        attempt(() => cursor.map().at(PAGE_SIZE));
        attempt(() => cursor.buffer());
        assert.deepEqual(replay(listener.all), inspected(manager));
        manager.close();
        assert.deepEqual(replay(listener.all), []);
        assert.deepEqual(mapped(dir), { lines: 0, bytes: 0 });
        assert.ok(heard > 0);
      });
    }
  }

  test('that maps hears of that after what it was told, in the order in which things were', () => {
    using manager = sliding(4);
    using cursor = manager.makeCursor(path);
    using second = manager.makeCursor(paths[1]);
    using listener = new Listener(({ on, file }) => {
      if (on === 'map' && file === path) second.useRegion(0);
    });
    cursor.useRegion(0);
    assert.deepEqual(
      listener.all.map(({ on, file }) => [on, file]),
      [
        ['map', path],
        ['map', paths[1]],
      ],
    );
  });

  test('that throws harms neither the call nor who listens besides', async () => {
    using manager = sliding(1);
    const failure = new Error('of a listener');
    const thrown = new Promise((resolve) => process.setUncaughtExceptionCaptureCallback(resolve));
    const fail = () => {
      throw failure;
    };
    subscribe('smmap:map', fail);
    using listener = new Listener();
    using cursor = manager.makeCursor(path).useRegion(WINDOW, 9);
    unsubscribe('smmap:map', fail);
    assert.deepEqual(cursor.buffer(), contentBytes(WINDOW, 9));
    assert.equal(listener.all.length, 1);
    try {
      assert.equal(await thrown, failure);
    } finally {
      process.setUncaughtExceptionCaptureCallback(null);
    }
  });

  test('that ceases to listen while it is told, is told no more', () => {
    using manager = sliding(3);
    using cursor = manager.makeCursor(path);
    for (const k of [0, 1, 2]) cursor.useRegion(k * WINDOW);
    cursor.unuseRegion();
    let heard = 0;
    const once = () => {
      heard++;
      unsubscribe('smmap:unmap', once);
    };
    subscribe('smmap:unmap', once);
    assert.equal(manager.collect(), 3);
    assert.equal(heard, 1);
  });
});

/** Does what may be refused, by then, for a reason that the package gives. */
function attempt(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof SmmapError, `${error}`);
    assert.ok(error instanceof MapClosedError || error instanceof MapFaultError || 'code' in error);
  }
}
