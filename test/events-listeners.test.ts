/** Whoever listens hears everything, when everything is in order again, and may then do anything. */

import assert from 'node:assert/strict';
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MappedFile } from '#src/file.js';
import {
  MapClosedError,
  MapFaultError,
  type MapManagerOptions,
  MemoryMap,
  PAGE_SIZE,
  SlidingWindowMapManager,
  SmmapError,
  type WindowCursor,
} from '#src/index.js';
import { native } from '#src/native.js';
import { CHANNELS, inspected, Listener, replay } from './support/events.js';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapped } from './support/proc-maps.js';

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

  test('no message is made', (t) => {
    const name = t.mock.getter(MappedFile.prototype, 'name');
    using manager = sliding(2);
    using cursor = manager.makeCursor(path);
    const go = () => {
      for (const k of [0, 1, 2, 3]) cursor.useRegion(k * WINDOW);
    };
    go();
    assert.equal(name.mock.callCount(), 0);
    using listener = new Listener();
    go();
    assert.ok(name.mock.callCount() >= listener.all.length);
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

  test('that closes the cursor that meets a lost page on its way leaves nothing in use', () => {
    const file = join(dir, 'lost');
    writeContent(file, COUNT * WINDOW);
    using manager = sliding(4);
    const moving = manager.makeCursor(file).useRegion(0);
    const lost = manager.makeCursor(file).useRegion(WINDOW);
    lost.buffer();
    truncateSync(file, WINDOW + 1);
    assert.equal(lost.map().at(PAGE_SIZE), 0);
    {
      using listener = new Listener(() => moving.close());
      assert.throws(() => moving.useRegion(WINDOW), MapFaultError);
      assert.deepEqual(
        listener.all.map(({ on }) => on),
        ['fault'],
      );
    }
    assert.equal(moving.isValid, false);
    lost.close();
    assert.equal(manager.collect(), 2);
    assert.deepEqual(manager.inspect(), []);
  });

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

  for (const [what, open] of Object.entries({
    'a file’s': (name: string) => MemoryMap.open(name, { access: 'write' }),
    'memory of no file’s': () => MemoryMap.anonymous(WINDOW, { access: 'copy' }),
  })) {
    test(`finds a map done with that took the place of a window: ${what}`, (t) => {
      const name = join(dir, 'resized');
      writeContent(name, WINDOW);
      const map = open(name);
      using manager = sliding(2);
      using cursor = manager.makeCursor(path).useRegion(0);
      cursor.unuseRegion();
      const { mapLike } = native;
      let calls = 0;
      t.mock.method(native, 'mapLike', (...given: Parameters<typeof mapLike>) =>
        calls++ === 0 ? false : mapLike(...given),
      );
      const lengths: number[] = [];
      using _ = new Listener(() => {
        lengths.push(map.length);
        map.close();
      });
      map.resize(2 * WINDOW);
      assert.deepEqual([lengths, map.closed, manager.stats().regions], [[2 * WINDOW], true, 0]);
      assert.deepEqual(mapped(name), { lines: 0, bytes: 0 });
    });
  }
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
