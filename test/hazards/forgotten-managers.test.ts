/** Managers that are forgotten with all they have mapped, in one synchronous stretch. */

import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type MapManagerOptions,
  MapRegion,
  MemoryMap,
  PAGE_SIZE,
  processCounts,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
} from 'smmap';
import { collectAll } from '#src/garbage.js';
import { contentByte, contentBytes, tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { memoryOf, setLimit } from '../support/limits.js';
import { mapped } from '../support/proc-maps.js';

const WINDOW = PAGE_SIZE;
const WINDOWS = 64;
/** At three windows each, seven times what the process may map at the defaults. */
const MANY = 100_000;
const path = join(tempDir(), 'file.bin');
writeContent(path, WINDOWS * WINDOW);

/** Makes a manager, reads in three windows by a cursor, a clone and a buffer, and forgets it all. */
function forget(turn: number, options: MapManagerOptions): void {
  const manager = new SlidingWindowMapManager({ windowSize: WINDOW, ...options });
  const [first, second, third] = [0, 7, 13].map((step) => ((turn + step) % WINDOWS) * WINDOW) as [
    number,
    number,
    number,
  ];
  const cursor = manager.makeCursor(path).useRegion(first);
  assert.equal(cursor.buffer()[1], contentByte(first + 1));
  assert.equal(cursor.clone().useRegion(second).region?.map().at(2), contentByte(second + 2));
  assert.equal(new SlidingWindowMapBuffer(cursor, third).at(3), contentByte(third + 3));
}

function forgetMany(times: number, options: MapManagerOptions = {}): void {
  const { ceiling } = processCounts();
  for (let i = 0; i < times; i++) {
    forget(i, options);
    if (i % 5_000 === 0) assert.ok(mapped(path).bytes <= ceiling * WINDOW);
  }
  assert.ok(mapped(path).bytes <= ceiling * WINDOW);
}

/** A view of each window, by a manager of its own that is forgotten. */
function viewsOfForgotten(): Buffer[] {
  return Array.from({ length: WINDOWS }, (_, k) => {
    const manager = new SlidingWindowMapManager({ windowSize: WINDOW });
    return manager
      .makeCursor(path)
      .useRegion(k * WINDOW)
      .buffer();
  });
}

/** Has what was forgotten collected, and its finalizers run. */
async function finalize(): Promise<void> {
  collectAll();
  await turn();
  await turn();
}

/** Moves the memory of a view to a buffer that the package does not know. */
function moved(view: Buffer): Uint8Array {
  return new Uint8Array((view.buffer as ArrayBuffer & { transfer(): ArrayBuffer }).transfer());
}

/** Bytes of this window or zeros, and nothing else. */
function assertFileOrZeros(bytes: Uint8Array, window: number): void {
  for (const [i, byte] of bytes.entries()) {
    assert.ok(byte === 0 || byte === contentByte(window * WINDOW + i), `byte ${i} is ${byte}`);
  }
}

/** So many as pass the ceiling one and a half times. */
function some(): number {
  return Math.ceil(processCounts().ceiling / 2);
}

await hazards(import.meta.url, {
  'very many: the process stays below its ceiling': () => forgetMany(MANY),
  'with a hard limit': () => forgetMany(some(), { hardLimit: true, maxMemorySize: 3 * WINDOW }),
  'made for writing': () => forgetMany(some(), { access: 'write' }),
  'made for private copies that nobody stored into': () => forgetMany(some(), { access: 'copy' }),

  'where addresses are short (ulimit -v)': () => {
    const windowSize = 64 * 2 ** 20;
    truncateSync(path, windowSize);
    setLimit('as', memoryOf('VmSize') + 16 * windowSize);
    for (let i = 0; i < 200; i++) {
      const manager = new SlidingWindowMapManager({ windowSize });
      const cursor = manager.makeCursor(path).useRegion();
      assert.deepEqual(cursor.buffer().subarray(0, 8), contentBytes(0, 8));
    }
  },

  'what is reachable stays, whatever it is reached by': () => {
    const made = (k: number) =>
      new SlidingWindowMapManager({ windowSize: WINDOW }).makeCursor(path).useRegion(k * WINDOW);
    const cursors = Array.from({ length: WINDOWS }, (_, k) => made(k));
    const views = cursors.map((cursor) => cursor.buffer());
    const maps = Array.from({ length: WINDOWS }, (_, k) => made(k).map());
    const regions = Array.from({ length: WINDOWS }, (_, k) => made(k).region as MapRegion);
    const ofRegions = Array.from({ length: WINDOWS }, (_, k) =>
      new MapRegion(path, k * WINDOW, WINDOW).buffer(),
    );
    const ofMaps = Array.from(
      { length: WINDOWS },
      (_, k) => MemoryMap.open(path, { offset: k * WINDOW, length: WINDOW }).bytes,
    );
    forgetMany(some());
    for (let k = 0; k < WINDOWS; k++) {
      const expected = contentBytes(k * WINDOW, WINDOW);
      const held = [views[k], maps[k]?.bytes, regions[k]?.buffer(), ofRegions[k], ofMaps[k]];
      for (const bytes of held) {
        assert.ok(bytes?.equals(expected), `window ${k}`);
      }
      assert.ok(cursors[k]?.isValid); // also for engines that forget a variable behind its last use
    }
  },

  'a view that was kept becomes empty at most': () => {
    const views: Buffer[] = [];
    for (let i = 0; i < 2 * some(); i++) {
      const manager = new SlidingWindowMapManager({ windowSize: WINDOW });
      const at = (i % WINDOWS) * WINDOW;
      views.push(manager.makeCursor(path).useRegion(at).buffer());
      manager.makeCursor(path).useRegion(0);
    }
    let empty = 0;
    for (const [i, view] of views.entries()) {
      if (view.length === 0) empty++;
      else assert.equal(view[9], contentByte((i % WINDOWS) * WINDOW + 9));
    }
    assert.ok(empty > 0);
  },

  'private stores that somebody can see stay': () => {
    const kept = Array.from({ length: WINDOWS }, (_, k) => {
      const manager = new SlidingWindowMapManager({ windowSize: WINDOW, access: 'copy' });
      const view = manager
        .makeCursor(path)
        .useRegion(k * WINDOW)
        .buffer();
      view[5] = 255 - contentByte(k * WINDOW + 5);
      return view;
    });
    forgetMany(some());
    for (const [k, view] of kept.entries()) {
      assert.equal(view[5], 255 - contentByte(k * WINDOW + 5));
    }
  },

  'memory that was moved out of a view stays what it is': {
    skip: 'transfer' in ArrayBuffer.prototype ? false : 'this engine cannot move ArrayBuffers',
    run: async () => {
      const early = viewsOfForgotten().map(moved);
      const kept = viewsOfForgotten();
      await finalize();
      const late = kept.map(moved);
      for (let round = 0; round < 3; round++) {
        forgetMany(some());
        for (const bytes of [early, late]) bytes.forEach(assertFileOrZeros);
        await finalize(); // the views that the memory came from are gone, too
      }
    },
  },

  'views that outlived their manager, and are forgotten then': async () => {
    for (let round = 0; round < 3; round++) {
      const kept = Array.from({ length: 200 }, viewsOfForgotten);
      await finalize();
      for (const [k, view] of kept.flat().entries()) {
        const byte = view[3];
        const isEmpty = byte === undefined && round > 0; // room was needed
        assert.ok(isEmpty || byte === contentByte((k % WINDOWS) * WINDOW + 3));
      }
      kept.length = 0;
      forgetMany(some());
    }
    await finalize();
    await finalize();
    assert.equal(mapped(path).bytes, processCounts().bytes);
  },

  'a page lost under a view that outlived its manager: the view is taken away': async () => {
    const [, kept] = viewsOfForgotten() as [Buffer, Buffer];
    await finalize();
    truncateSync(path, 10);
    assert.equal(kept[0], 0);
    for (let turns = 0; kept.length > 0 && turns < 1_000_000; turns++) await turn();
    assert.equal(kept[0], undefined);
  },

  'forgotten again and again while the loop turns: nothing piles up': async () => {
    forgetMany(some());
    for (let turns = 0; mapped(path).lines > 0 && turns < 1_000; turns++) {
      Buffer.alloc(4 * 2 ** 20);
      await turn();
      if (turns % 100 === 0) forgetMany(some() / 8);
    }
    assert.equal(mapped(path).bytes, processCounts().bytes);
    assert.ok(processCounts().maps < processCounts().ceiling / 2);
  },
});
