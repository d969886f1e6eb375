/** The limits hold, and what goes first is what was left longest ago. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  BudgetExceededError,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { contentBytes, tempDir, writeContent, writeIslands } from './support/files.js';
import { mapped, mapsLines } from './support/proc-maps.js';
import { randomFrom } from './support/random.js';

const WINDOW = 2 * PAGE_SIZE;
const COUNT = 200;
const dir = tempDir();
const path = join(dir, 'limits.bin');
writeContent(path, COUNT * WINDOW);

function sliding(maxMemorySize: number, more: object = {}): SlidingWindowMapManager {
  return new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize, ...more });
}

/** Enters and leaves the windows numbered `numbers`. */
function visit(cursor: WindowCursor, ...numbers: number[]): void {
  for (const k of numbers) {
    cursor.useRegion(k * WINDOW, 8);
    assert.deepEqual(cursor.buffer(), contentBytes(k * WINDOW, 8));
  }
  cursor.unuseRegion();
}

/** The numbers of the windows that the kernel has mapped. */
function mappedWindows(): number[] {
  const numbers: number[] = [];
  for (const line of mapsLines()) {
    if (line.path !== path) continue;
    for (let done = 0; done < line.size; done += WINDOW) {
      numbers.push((line.offset + done) / WINDOW);
    }
  }
  return numbers.sort((a, b) => a - b);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

describe('the memory limit', () => {
  test('holds after each map, wherever the windows lie', () => {
    const budget = 7 * WINDOW + PAGE_SIZE;
    using manager = sliding(budget);
    const cursor = manager.makeCursor(path);
    const random = randomFrom(11);
    for (let i = 0; i < 500; i++) {
      visit(cursor, random(0, COUNT));
      assert.ok(mapped(path).bytes <= budget);
      assert.equal(manager.mappedMemorySize, mapped(path).bytes);
    }
    assert.equal(mapped(path).bytes, 7 * WINDOW);
  });

  test('counts whole pages: a hundred files of one byte', () => {
    const budget = 8 * PAGE_SIZE;
    using manager = sliding(budget);
    const names = range(0, 100).map((i) => join(dir, `one-byte-${i}`));
    for (const name of names) {
      writeContent(name, 1);
      using cursor = manager.makeCursor(name).useRegion();
      assert.deepEqual(cursor.buffer(), contentBytes(0, 1));
      assert.ok(mapped(dir).bytes <= budget);
    }
    assert.equal(mapped(dir).bytes, budget);
  });

  test('counts what is mapped, not the nominal window: small files all stay', () => {
    using manager = new SlidingWindowMapManager({
      windowSize: 10 * PAGE_SIZE,
      maxMemorySize: 12 * PAGE_SIZE,
    });
    const names = range(0, 6).map((i) => join(dir, `small-${i}`));
    for (const name of names) {
      writeContent(name, PAGE_SIZE);
      manager.makeCursor(name).useRegion().close();
    }
    assert.equal(manager.numFileHandles, 6);
    assert.equal(manager.stats().evictions, 0);
  });

  test('of a static manager counts files in full, not the size that was asked for', () => {
    const fileSize = 20 * PAGE_SIZE;
    const budget = 45 * PAGE_SIZE;
    using manager = new StaticWindowMapManager({ maxMemorySize: budget });
    for (const i of range(0, 5)) {
      const name = join(dir, `static-${i}`);
      writeContent(name, fileSize);
      manager.makeCursor(name).useRegion(0, 10).close();
      assert.ok(mapped(dir).bytes <= budget);
    }
    assert.equal(mapped(dir).bytes, 2 * fileSize);
  });

  test('bends when every region is in use, and is kept again at the next map', () => {
    using manager = sliding(3 * WINDOW);
    const cursors = range(0, 6).map((k) => manager.makeCursor(path).useRegion(k * WINDOW, 8));
    assert.equal(mapped(path).bytes, 6 * WINDOW);
    for (const [k, cursor] of cursors.entries()) {
      assert.deepEqual(cursor.buffer(), contentBytes(k * WINDOW, 8));
      cursor.close();
    }
    assert.equal(mapped(path).bytes, 6 * WINDOW, 'releasing alone unmaps nothing');
    manager.makeCursor(path).useRegion(10 * WINDOW);
    assert.deepEqual(mappedWindows(), [4, 5, 10]);
  });

  test('that is hard is never passed, and the error names who holds what', () => {
    using manager = sliding(3 * WINDOW, { hardLimit: true });
    const cursors = range(0, 3).map((k) => manager.makeCursor(path).useRegion(k * WINDOW, 8));
    const fourth = manager.makeCursor(path);
    assert.throws(
      () => fourth.useRegion(5 * WINDOW),
      (error) => {
        assert.ok(error instanceof BudgetExceededError);
        assert.equal(error.code, 'ERR_SMMAP_BUDGET');
        assert.deepEqual(
          error.holders.map(({ file, offset, size, users }) => ({ file, offset, size, users })),
          range(0, 3).map((k) => ({ file: path, offset: k * WINDOW, size: WINDOW, users: 1 })),
        );
        return true;
      },
    );
    assert.equal(mapped(path).bytes, 3 * WINDOW);
    assert.equal(fourth.isValid, false);
    for (const [k, cursor] of cursors.entries()) {
      assert.deepEqual(cursor.buffer(), contentBytes(k * WINDOW, 8));
    }
    cursors[1]?.close();
    assert.equal(fourth.useRegion(5 * WINDOW).isValid, true);
    assert.deepEqual(mappedWindows(), [0, 2, 5]);
  });

  test('that is hard leaves a cursor that cannot move where it stands', () => {
    using manager = sliding(2 * WINDOW, { hardLimit: true });
    using first = manager.makeCursor(path).useRegion(10, 20);
    using second = first.clone();
    using third = manager.makeCursor(path).useRegion(WINDOW, 8);
    assert.throws(() => first.useRegion(5 * WINDOW), BudgetExceededError);
    assert.deepEqual(first.buffer(), contentBytes(10, 20));
    assert.deepEqual(second.buffer(), contentBytes(10, 20));
    assert.deepEqual(third.buffer(), contentBytes(WINDOW, 8));
    assert.deepEqual(mappedWindows(), [0, 1]);
  });

  test('that is hard and one window wide lets a buffer read all of the file', () => {
    using manager = sliding(WINDOW, { hardLimit: true });
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
    assert.ok(buf.slice().equals(contentBytes(0, COUNT * WINDOW)));
    assert.equal(buf.lastIndexOf(contentBytes(WINDOW - 20, 40)), WINDOW - 20);
    assert.equal(manager.stats().peakMappedBytes, WINDOW);
    assert.equal(mapped(path).bytes, WINDOW);
  });

  test('smaller than a window: one window at a time', () => {
    using manager = sliding(PAGE_SIZE);
    const cursor = manager.makeCursor(path);
    for (const k of range(0, 20)) {
      cursor.useRegion(k * WINDOW, 8);
      assert.deepEqual(cursor.buffer(), contentBytes(k * WINDOW, 8));
      assert.ok(mapped(path).bytes <= WINDOW);
    }
  });
});

describe('the limit of regions', () => {
  test('frees one region at a time, the one left longest ago', () => {
    using manager = sliding(COUNT * WINDOW, { maxOpenHandles: 5 });
    const cursor = manager.makeCursor(path);
    for (const k of range(0, 20)) {
      visit(cursor, k);
      assert.deepEqual(mappedWindows(), range(Math.max(0, k - 4), k + 1));
    }
    assert.equal(manager.numFileHandles, 5);
  });

  test('holds for a static manager too', () => {
    using manager = new StaticWindowMapManager({ maxOpenHandles: 1 });
    for (const i of range(0, 3)) {
      const name = join(dir, `handles-${i}`);
      writeContent(name, 100);
      manager.makeCursor(name).useRegion().close();
      assert.equal(manager.numFileHandles, 1);
      assert.equal(mapped(name).bytes, PAGE_SIZE);
    }
    assert.equal(mapped(dir).bytes, PAGE_SIZE);
  });

  test('that is hard is never passed', () => {
    using manager = sliding(COUNT * WINDOW, { maxOpenHandles: 2, hardLimit: true });
    using first = manager.makeCursor(path).useRegion(0);
    using second = manager.makeCursor(path).useRegion(WINDOW);
    assert.throws(() => manager.makeCursor(path).useRegion(2 * WINDOW), BudgetExceededError);
    assert.deepEqual(mappedWindows(), [0, 1]);
    assert.ok(first.isValid && second.isValid);
  });
});

describe('who goes first', () => {
  test('the region left longest ago, not the lowest one', () => {
    using manager = sliding(3 * WINDOW);
    visit(manager.makeCursor(path), 0, 10, 20, 0, 30);
    assert.deepEqual(mappedWindows(), [0, 20, 30]);
  });

  test('leaving stamps: a region entered first and left last is the newest', () => {
    using manager = sliding(3 * WINDOW);
    const long = manager.makeCursor(path).useRegion(0);
    const cursor = manager.makeCursor(path);
    visit(cursor, 1, 2);
    long.unuseRegion();
    visit(cursor, 3);
    assert.deepEqual(mappedWindows(), [0, 2, 3]);
  });

  test('a region in use stays, however old it is', () => {
    using manager = sliding(3 * WINDOW);
    using pinned = manager.makeCursor(path).useRegion(0, 8);
    const view = pinned.buffer();
    visit(manager.makeCursor(path), ...range(1, COUNT));
    assert.deepEqual(mappedWindows(), [0, COUNT - 2, COUNT - 1]);
    assert.deepEqual(view, contentBytes(0, 8));
  });

  test('files share one order', () => {
    const other = join(dir, 'order.bin');
    writeContent(other, WINDOW);
    using manager = sliding(3 * WINDOW);
    const cursor = manager.makeCursor(path);
    visit(cursor, 0);
    manager.makeCursor(other).useRegion().close();
    visit(cursor, 1, 2);
    assert.deepEqual(mappedWindows(), [1, 2]);
    assert.equal(mapped(other).bytes, WINDOW);
    visit(cursor, 3);
    assert.equal(mapped(other).bytes, 0);
  });

  test('regions entered again outlive a scan of everything else', () => {
    using manager = sliding(10 * WINDOW);
    const cursor = manager.makeCursor(path);
    const hot = range(0, 6);
    visit(cursor, ...hot, ...hot);
    visit(cursor, ...range(6, COUNT));
    assert.deepEqual(mappedWindows(), [...hot, ...range(COUNT - 4, COUNT)]);
    const { maps } = manager.stats();
    visit(cursor, ...hot);
    assert.equal(manager.stats().maps, maps);
  });

  test('the protected part leaves a fifth of the bytes to newcomers', () => {
    using manager = sliding(10 * WINDOW);
    const cursor = manager.makeCursor(path);
    visit(cursor, ...range(0, 10), ...range(0, 10));
    visit(cursor, 20);
    visit(cursor, 21);
    assert.deepEqual(mappedWindows(), [...range(2, 10), 20, 21]);
    visit(cursor, 22);
    assert.deepEqual(mappedWindows(), [...range(2, 10), 21, 22]);
  });
});

test('a sparse file far larger than the budget', () => {
  const huge = join(dir, 'huge.bin');
  const size = 2 ** 40 + 1000;
  const islands = [0, 2 ** 32 - 50, 2 ** 33 + 12345, size - 200].map((offset) => ({
    offset,
    length: 200,
  }));
  writeIslands(huge, size, islands);
  using manager = new SlidingWindowMapManager({ windowSize: 2 ** 20, maxMemorySize: 2 ** 21 });
  const cursor = manager.makeCursor(huge);
  assert.equal(cursor.fileSize, size);
  for (const { offset, length } of [...islands, ...islands]) {
    cursor.useRegion(offset, length, { whole: true });
    assert.deepEqual(cursor.buffer(), contentBytes(offset, length));
    assert.ok(mapped(huge).bytes <= 2 ** 21);
  }
});
