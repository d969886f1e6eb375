/** Cursors, buffers and managers that are forgotten without closing, under pressure. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import {
  PAGE_SIZE,
  processCounts,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { contentByte, contentBytes, tempDir, writeContent } from '../support/files.js';
import { type Hazard, hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';
import { scaled } from '../support/scale.js';

const WINDOW = PAGE_SIZE;
const COUNT = 1_024;
const MANY = scaled(20_000, 1_000_000);
const path = join(tempDir(), 'file.bin');

/** Ways to use a window and to forget whoever stands on it. */
const FORGETTINGS: Readonly<
  Record<string, (manager: SlidingWindowMapManager, at: number) => void>
> = {
  'a cursor': (manager, at) => {
    assert.equal(manager.makeCursor(path).useRegion(at).buffer()[1], contentByte(at + 1));
  },
  'a buffer': (manager, at) => {
    const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path), at);
    assert.equal(buffer.at(1), contentByte(at + 1));
  },
  'a clone': (manager, at) => {
    const cursor = manager.makeCursor(path).useRegion(at);
    assert.equal(cursor.clone().buffer()[1], contentByte(at + 1));
    cursor.close();
  },
  'a map': (manager, at) => {
    assert.equal(manager.makeCursor(path).useRegion(at).map().at(1), contentByte(at + 1));
  },
};

/**
 * Forgets in one synchronous stretch, asks nobody to collect, and compares the budget
 * with what the kernel says all along.
 */
function forgetMany(times: number, hardLimit: boolean): void {
  writeContent(path, COUNT * WINDOW);
  const maxMemorySize = 32 * WINDOW;
  for (const [name, forget] of Object.entries(FORGETTINGS)) {
    const manager = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize, hardLimit });
    for (let i = 0; i < times; i++) {
      forget(manager, ((i * 389) % COUNT) * WINDOW);
      if (i % 500 === 0) assert.ok(mapped(path).bytes <= maxMemorySize, name);
    }
    const { leaked, bent, peakMappedBytes } = manager.stats();
    assert.equal(mapped(path).bytes, maxMemorySize);
    assert.ok(leaked >= times - 1_000, `${leaked} were found`);
    assert.deepEqual({ bent, peakMappedBytes }, { bent: 0, peakMappedBytes: maxMemorySize });
    manager.close();
    assert.equal(mapped(path).lines, 0);
  }
}

/** The same while the engine's collector does what it can to be in the way. */
function stressed(...node: string[]): Hazard {
  return { run: () => forgetMany(400, true), node };
}

await hazards(import.meta.url, {
  'forgotten in a synchronous loop, with a soft limit': () => forgetMany(MANY / 10, false),
  'forgotten in a synchronous loop, with a hard limit': () => forgetMany(MANY / 10, true),
  'while garbage is collected at every hundredth allocation': stressed('--gc-interval=100'),
  'while garbage is compacted again and again': stressed('--stress-compaction'),
  'while young garbage is collected at random': stressed('--stress-scavenge=30'),
  'with a small heap': stressed('--max-old-space-size=20', '--max-semi-space-size=1'),
  'with a heap whose young part is large': stressed('--max-semi-space-size=128'),
  'without a compiler': stressed('--jitless'),

  'what is in use stays, among many that are forgotten': () => {
    writeContent(path, COUNT * WINDOW);
    const maxMemorySize = 16 * WINDOW;
    const manager = new SlidingWindowMapManager({
      windowSize: WINDOW,
      maxMemorySize,
      hardLimit: true,
    });
    const used = Array.from({ length: 15 }, (_, k) =>
      manager.makeCursor(path).useRegion(k * WINDOW),
    );
    const views = used.map((cursor) => cursor.buffer());
    for (let i = 0; i < 500; i++) {
      const at = (15 + (i % (COUNT - 15))) * WINDOW;
      assert.equal(manager.makeCursor(path).useRegion(at).buffer()[1], contentByte(at + 1));
    }
    for (const [k, view] of views.entries()) {
      assert.ok(view.equals(contentBytes(k * WINDOW, WINDOW)));
      assert.ok(used[k]?.isValid); // also for engines that forget a variable behind its last use
    }
    const last = manager.makeCursor(path).useRegion(15 * WINDOW);
    assert.throws(() => manager.makeCursor(path).useRegion(16 * WINDOW), {
      code: 'ERR_SMMAP_BUDGET',
    });
    assert.ok(last.buffer().equals(contentBytes(15 * WINDOW, WINDOW)));
  },

  'a view that was kept of a cursor that was not': () => {
    writeContent(path, COUNT * WINDOW);
    const manager = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: 8 * WINDOW });
    const views: Buffer[] = [];
    for (let k = 0; k < COUNT; k++) {
      views.push(
        manager
          .makeCursor(path)
          .useRegion(k * WINDOW)
          .buffer(),
      );
    }
    for (const [k, view] of views.entries()) {
      const byte = view[9];
      assert.ok(byte === undefined || byte === contentByte(k * WINDOW + 9));
    }
    assert.ok(mapped(path).bytes <= 8 * WINDOW);
  },

  'cursors forgotten on one window are found although no limit is near': () => {
    writeContent(path, COUNT * WINDOW);
    const manager = new SlidingWindowMapManager({ windowSize: WINDOW });
    for (let i = 0; i < 100_000; i++) manager.makeCursor(path).useRegion(0);
    const cursor = manager.makeCursor(path).useRegion(0);
    const users = cursor.region?.clientCount as number;
    assert.ok(users < 50_000, `${users} users are counted`);
  },

  'managers forgotten while the loop turns: their maps are released': async () => {
    writeContent(path, 64 * 65_536);
    let most = 0;
    let now = 0;
    for (let i = 0; i < 6_000; i++) {
      const manager = new SlidingWindowMapManager({ windowSize: 65_536 });
      const cursor = manager.makeCursor(path).useRegion((i % 64) * 65_536);
      assert.equal(cursor.buffer()[3], contentByte(cursor.ofsBegin + 3));
      await turn();
      now = processCounts().maps;
      most = Math.max(most, now);
    }
    assert.ok(most < 5_000, `${most} mappings at one time`);
    assert.equal(mapped(path).bytes, processCounts().bytes);
  },

  'a cursor keeps its manager, a view keeps its memory': async () => {
    writeContent(path, COUNT * WINDOW);
    const kept: [WindowCursor, Buffer][] = [];
    for (let k = 0; k < 50; k++) {
      const manager = new SlidingWindowMapManager({ windowSize: WINDOW });
      const cursor = manager.makeCursor(path).useRegion(k * WINDOW);
      kept.push([cursor, new SlidingWindowMapManager().makeCursor(path).useRegion().buffer()]);
    }
    for (let i = 0; i < 200; i++) {
      new Array(2 ** 16).fill(i);
      await turn();
    }
    for (const [k, [cursor, view]] of kept.entries()) {
      assert.ok(cursor.buffer().equals(contentBytes(k * WINDOW, WINDOW)));
      assert.ok(view.subarray(7, 99).equals(contentBytes(7, 92)));
    }
  },
});
