/** What is stored through a manager made with 'copy' stays its own: kept while it is open, unseen by the file. */

import assert from 'node:assert/strict';
import { appendFileSync, closeSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  BudgetExceededError,
  type MapManagerOptions,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
} from 'smmap';
import { contentByte, contentBytes, tempDir, writeContent } from './support/files.js';
import { mapped, mapsLines } from './support/proc-maps.js';

const WINDOW = 2 * PAGE_SIZE;
const COUNT = 40;
const SIZE = COUNT * WINDOW;
const dir = tempDir();
let made = 0;

/** A new file, of which each test has its own. */
function newFile(size = SIZE): string {
  const path = join(dir, `file-${++made}`);
  writeContent(path, size);
  return path;
}

function copier(options: MapManagerOptions = {}): SlidingWindowMapManager {
  return new SlidingWindowMapManager({ windowSize: WINDOW, access: 'copy', ...options });
}

/** Stores one byte at the beginning of a window, and leaves it. */
function storeInto(manager: SlidingWindowMapManager, path: string, window: number): void {
  using cursor = manager.makeCursor(path).useRegion(window * WINDOW);
  cursor.buffer()[0] = stored(window);
}

/** What {@link storeInto} stores: not what the file holds there. */
function stored(window: number): number {
  return contentByte(window * WINDOW) ^ 0xff;
}

/** Asserts that a window reads as the file does, save for what was stored into it. */
function assertWindow(
  manager: SlidingWindowMapManager,
  path: string,
  window: number,
  isStored: boolean,
): void {
  const wanted = contentBytes(window * WINDOW, WINDOW);
  if (isStored) wanted[0] = stored(window);
  using cursor = manager.makeCursor(path).useRegion(window * WINDOW);
  assert.deepEqual(cursor.buffer(), wanted, `window ${window}`);
}

/** The numbers of the windows that the kernel has mapped. */
function mappedWindows(path: string): number[] {
  const numbers: number[] = [];
  for (const line of mapsLines()) {
    if (line.path !== path) continue;
    for (let done = 0; done < line.size; done += WINDOW) {
      numbers.push((line.offset + done) / WINDOW);
    }
  }
  return numbers.sort((a, b) => a - b);
}

describe('stores', () => {
  test('stay out of the file, and out of other managers', () => {
    const path = newFile();
    using manager = copier();
    using same = copier();
    using reader = new SlidingWindowMapManager({ windowSize: WINDOW });
    using cursor = manager.makeCursor(path).useRegion(0);
    cursor.buffer().fill(1);
    cursor.flush();
    assert.deepEqual(cursor.buffer(), Buffer.alloc(WINDOW, 1));
    for (const other of [same, reader]) assertWindow(other, path, 0, false);
    assert.ok(readFileSync(path).equals(contentBytes(0, SIZE)));
  });

  test('are seen by every cursor of the manager, whenever it comes', () => {
    const path = newFile();
    using manager = copier();
    using early = manager.makeCursor(path).useRegion(3 * WINDOW);
    storeInto(manager, path, 3);
    assert.equal(early.buffer()[0], stored(3));
    early.unuseRegion();
    manager.collect();
    assertWindow(manager, path, 3, true);
    const fd = openSync(path, 'r');
    using byNumber = manager.makeCursor(fd).useRegion(3 * WINDOW, 1);
    closeSync(fd);
    assert.equal(byNumber.buffer()[0], stored(3));
    using buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
    assert.equal(buffer.at(3 * WINDOW), stored(3));
    assert.deepEqual(
      buffer.slice(3 * WINDOW - 1, 3 * WINDOW + 1),
      Buffer.of(contentByte(3 * WINDOW - 1), stored(3)),
    );
  });

  test('are in what is read asynchronously', async () => {
    const path = newFile();
    using manager = copier({ maxMemorySize: WINDOW });
    using buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
    for (const window of [2, 3, 5]) storeInto(manager, path, window);
    const wanted = contentBytes(0, SIZE);
    for (const window of [2, 3, 5]) wanted[window * WINDOW] = stored(window);
    assert.deepEqual(
      await buffer.readAsync(3 * WINDOW - 1, 2),
      wanted.subarray(3 * WINDOW - 1, 3 * WINDOW + 1),
    );
    assert.ok((await buffer.readAsync(0, SIZE)).equals(wanted));
    assert.deepEqual(await buffer.readAsync(SIZE - 5, 100), wanted.subarray(SIZE - 5));
  });

  test('need no right to write the file', () => {
    const path = newFile();
    const fd = openSync(path, 'r');
    using manager = copier();
    using cursor = manager.makeCursor(fd).useRegion();
    cursor.buffer()[7] = 1;
    assert.equal(cursor.buffer()[7], 1);
    closeSync(fd);
  });

  for (const [name, end] of Object.entries({
    close: (manager: SlidingWindowMapManager) => manager.close(),
    closeUnder: (manager: SlidingWindowMapManager) => manager.closeUnder(dir),
  })) {
    test(`are gone after ${name}`, () => {
      const path = newFile();
      using manager = copier();
      storeInto(manager, path, 0);
      end(manager);
      assert.equal(mapped(path).lines, 0);
      assert.ok(readFileSync(path).equals(contentBytes(0, SIZE)));
      using after = name === 'close' ? copier() : manager;
      assertWindow(after, path, 0, false);
    });
  }

  test('freeze their page; on the others, what is written to the file shows', () => {
    const path = newFile();
    using manager = copier();
    using cursor = manager.makeCursor(path).useRegion(0);
    cursor.buffer()[10] = 1;
    const fd = openSync(path, 'r+');
    writeSync(fd, Buffer.of(2, 2), 0, 2, 20);
    writeSync(fd, Buffer.of(2, 2), 0, 2, PAGE_SIZE + 20);
    closeSync(fd);
    const wanted = contentBytes(0, WINDOW);
    wanted[10] = 1;
    wanted.fill(2, PAGE_SIZE + 20, PAGE_SIZE + 22);
    assert.deepEqual(cursor.buffer(), wanted);
  });
});

describe('under pressure', () => {
  test('windows with stores stay, the others go', () => {
    const path = newFile();
    using manager = copier({ maxMemorySize: 6 * WINDOW });
    for (const window of [1, 5, 11]) storeInto(manager, path, window);
    for (let window = 0; window < COUNT; window++) {
      assertWindow(manager, path, window, [1, 5, 11].includes(window));
      assert.ok(mapped(path).bytes <= 6 * WINDOW);
    }
    assert.deepEqual(mappedWindows(path), [1, 5, 11, COUNT - 3, COUNT - 2, COUNT - 1]);
    assert.equal(manager.stats().bent, 0);
  });

  test('the limit bends when nothing but stores is left to go', () => {
    const path = newFile();
    using manager = copier({ maxMemorySize: 4 * WINDOW });
    for (let window = 0; window < COUNT; window++) storeInto(manager, path, window);
    assert.equal(mapped(path).bytes, SIZE);
    assert.equal(manager.stats().bent, COUNT - 4);
    assert.equal(manager.collect(), 0);
    for (let window = 0; window < COUNT; window++) assertWindow(manager, path, window, true);
  });

  test('with a hard limit nothing is lost, and the error comes before the limit is passed', () => {
    const path = newFile();
    using manager = copier({ maxMemorySize: 4 * WINDOW, hardLimit: true });
    for (const window of [0, 1, 2, 3]) storeInto(manager, path, window);
    assert.throws(() => manager.makeCursor(path).useRegion(4 * WINDOW), BudgetExceededError);
    assert.deepEqual(mappedWindows(path), [0, 1, 2, 3]);
    for (const window of [0, 1, 2, 3]) assertWindow(manager, path, window, true);
  });

  test('a cursor that cannot move on stands where it stood', () => {
    const path = newFile();
    using manager = copier({ maxMemorySize: 2 * WINDOW, hardLimit: true });
    storeInto(manager, path, 0);
    using cursor = manager.makeCursor(path).useRegion(WINDOW + 10, 20);
    cursor.buffer()[0] = 1;
    assert.throws(() => cursor.useRegion(2 * WINDOW), BudgetExceededError);
    assert.deepEqual([cursor.ofsBegin, cursor.size], [WINDOW + 10, 20]);
    assert.equal(cursor.buffer()[0], 1);
  });

  test('the error says which windows must stay, though nobody stands on them', () => {
    const path = newFile();
    using manager = copier({ maxMemorySize: 2 * WINDOW, hardLimit: true });
    storeInto(manager, path, 0);
    storeInto(manager, path, 7);
    const holders = [0, 7].map((k) => ({ file: path, offset: k * WINDOW, size: WINDOW, users: 0 }));
    assert.throws(
      () => manager.makeCursor(path).useRegion(2 * WINDOW),
      (error: BudgetExceededError) => {
        assert.deepEqual(error.holders, holders);
        return true;
      },
    );
  });

  test('the number of regions bends as the bytes do', () => {
    const path = newFile();
    using manager = copier({ maxOpenHandles: 3 });
    for (let window = 0; window < 10; window++) storeInto(manager, path, window);
    for (let window = 10; window < 20; window++) assertWindow(manager, path, window, false);
    assert.deepEqual(mappedWindows(path), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 19]);
  });
});

describe('a file that grows', () => {
  test('beyond a last window with stores: those stay, the new part is there', () => {
    for (const manager of [copier(), new StaticWindowMapManager({ access: 'copy' })]) {
      const path = newFile(WINDOW + 100);
      using old = manager.makeCursor(path).useRegion(WINDOW, 10);
      old.buffer().fill(1);
      appendFileSync(path, contentBytes(WINDOW + 100, 5 * WINDOW));
      const size = 6 * WINDOW + 100;
      const wanted = contentBytes(0, size).fill(1, WINDOW, WINDOW + 10);
      using fresh = new SlidingWindowMapBuffer(manager.makeCursor(path));
      assert.equal(fresh.length, size);
      assert.ok(fresh.slice().equals(wanted));
      for (let offset = size - 1; offset >= 0; offset -= 777) {
        assert.equal(fresh.at(offset), wanted[offset], `at ${offset}, backwards`);
      }
      assert.deepEqual(old.refresh().buffer(), Buffer.alloc(10, 1));
      assert.equal(old.fileSize, size);
      manager.close();
    }
  });

  test('also in the page in which it ended, for whoever comes back from the new part', () => {
    const path = newFile(WINDOW + 100);
    using manager = copier();
    using old = manager.makeCursor(path).useRegion(WINDOW, 10);
    old.buffer().fill(1);
    appendFileSync(path, contentBytes(WINDOW + 100, WINDOW));
    const wanted = contentBytes(0, 2 * WINDOW + 100).fill(1, WINDOW, WINDOW + 10);
    using cursor = manager.makeCursor(path).useRegion(WINDOW + 200, 1);
    using buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
    for (const at of [WINDOW + 99, WINDOW + 100, WINDOW + 101, WINDOW + 5]) {
      assert.equal(cursor.useRegion(at, 1).buffer()[0], wanted[at], `cursor at ${at}`);
      assert.equal(buffer.at(at), wanted[at], `buffer at ${at}`);
      cursor.useRegion(WINDOW + 200, 1);
    }
    assert.deepEqual(buffer.slice(), wanted);
    assert.deepEqual(Buffer.concat([...buffer.chunks()]), wanted);
  });

  test('costs no more regions than windows, in whatever order it is read', () => {
    const path = newFile(PAGE_SIZE);
    using manager = copier({ windowSize: 64 * PAGE_SIZE });
    using cursor = manager.makeCursor(path).useRegion(0);
    cursor.buffer()[0] = 1;
    appendFileSync(path, contentBytes(PAGE_SIZE, 63 * PAGE_SIZE));
    using fresh = manager.makeCursor(path);
    for (let page = 63; page > 0; page--) {
      fresh.useRegion(page * PAGE_SIZE, 8);
      assert.deepEqual(fresh.buffer(), contentBytes(page * PAGE_SIZE, 8));
    }
    assert.equal(manager.numFileHandles, 2);
  });
});

test('a region asked for whole across windows has stores of its own', () => {
  const path = newFile();
  using manager = copier();
  storeInto(manager, path, 1);
  using across = manager.makeCursor(path).useRegion(WINDOW - 4, 8, { whole: true });
  assert.deepEqual(across.buffer(), contentBytes(WINDOW - 4, 8));
  across.buffer().fill(9);
  assertWindow(manager, path, 1, true);
});

/** One step of a random walk: everything that can happen between two stores. */
const step = fc.record({
  act: fc.constantFrom('store', 'read', 'read', 'read', 'leave', 'collect', 'grow'),
  who: fc.nat(2),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: WINDOW }),
  byte: fc.nat(255),
});

test('whatever is stored is read again, with however little room, and the file never changes', () => {
  const property = fc.property(
    fc.array(step, { minLength: 20, maxLength: 150, size: 'max' }),
    fc.integer({ min: 1, max: 4 }),
    (steps, windows) => {
      const path = newFile(10 * WINDOW + 100);
      let size = 10 * WINDOW + 100;
      const model = contentBytes(0, size + 150 * PAGE_SIZE);
      using manager = copier({ maxMemorySize: windows * WINDOW });
      const cursors = [0, 1, 2].map(() => manager.makeCursor(path));
      for (const { act, who, at, length, byte } of steps) {
        const cursor = cursors[who] as (typeof cursors)[0];
        if (act === 'leave') cursor.unuseRegion();
        else if (act === 'collect') manager.collect();
        else if (act === 'grow') {
          const more = at % PAGE_SIZE;
          appendFileSync(path, contentBytes(size, more));
          size += more;
          cursor.refresh();
        } else {
          const offset = at % size;
          cursor.useRegion(offset, length);
          if (act === 'store') {
            cursor.buffer().fill(byte);
            model.fill(byte, offset, cursor.ofsEnd);
          }
          assert.deepEqual(cursor.buffer(), model.subarray(offset, cursor.ofsEnd));
        }
      }
      using buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
      assert.ok(buffer.slice().equals(model.subarray(0, size)));
      assert.ok(readFileSync(path).equals(contentBytes(0, size)));
      manager.close();
      assert.equal(mapped(path).lines, 0);
      unlinkSync(path);
    },
  );
  fc.assert(property, { numRuns: 60, seed: 7 });
});
