/** Ranges promised whole, copies of cursors, maps, and the end. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MapClosedError, PAGE_SIZE, SlidingWindowMapManager, StaticWindowMapManager } from 'smmap';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapped } from './support/proc-maps.js';

const WINDOW = 4 * PAGE_SIZE;
const SIZE = 10 * PAGE_SIZE + 123;
const path = join(tempDir(), 'cursor.bin');
writeContent(path, SIZE);
const data = contentBytes(0, SIZE);

function sliding(): SlidingWindowMapManager {
  return new SlidingWindowMapManager({ windowSize: WINDOW });
}

describe('the whole of a range in one window', () => {
  test('wherever it begins, whatever is mapped', () => {
    using manager = sliding();
    using other = manager.makeCursor(path);
    const cursor = manager.makeCursor(path);
    for (let offset = 0; offset < SIZE; offset += 1000) {
      other.useRegion(offset);
      for (const size of [1, PAGE_SIZE, WINDOW - 1, WINDOW, 2 * WINDOW]) {
        const expected = Math.min(size, WINDOW, SIZE - offset);
        cursor.useRegion(offset, size, { whole: true });
        assert.equal(cursor.size, expected, `offset ${offset} size ${size}`);
        assert.equal(cursor.ofsBegin, offset);
        assert.deepEqual(cursor.buffer(), data.subarray(offset, offset + expected));
        assert.equal(manager.stats().mappedBytes, mapped(path).bytes);
      }
    }
  });

  test('regions that overlap both count', () => {
    using manager = sliding();
    using grid = manager.makeCursor(path).useRegion(0);
    using next = manager.makeCursor(path).useRegion(WINDOW);
    const before = mapped(path).bytes;
    assert.equal(before, 2 * WINDOW);
    using across = manager.makeCursor(path).useRegion(WINDOW - 10, 20, { whole: true });
    assert.equal(across.size, 20);
    assert.ok(mapped(path).bytes >= before + 20);
    assert.equal(manager.mappedMemorySize, before + (across.region?.size ?? 0));
    assert.equal(manager.stats().mappedBytes, mapped(path).bytes);
    assert.equal(manager.numFileHandles, 3);
    assert.notEqual(across.region, grid.region);
    assert.notEqual(across.region, next.region);
  });

  test('past the end the cursor is invalid as ever', () => {
    using manager = sliding();
    const cursor = manager.makeCursor(path).useRegion(SIZE, 1, { whole: true });
    assert.equal(cursor.isValid, false);
  });

  test('of a static manager it is the file', () => {
    using manager = new StaticWindowMapManager();
    const cursor = manager.makeCursor(path).useRegion(10, SIZE - 10, { whole: true });
    assert.deepEqual(cursor.buffer(), data.subarray(10));
    assert.equal(manager.numFileHandles, 1);
  });
});

describe('copies', () => {
  test('a clone stands where the cursor stands, and moves and closes on its own', () => {
    using manager = sliding();
    const cursor = manager.makeCursor(path).useRegion(100, 50);
    const clone = cursor.clone();
    assert.equal(clone.region, cursor.region);
    assert.equal(clone.region?.clientCount, 3);
    assert.deepEqual([clone.ofsBegin, clone.size, clone.pathOrFd], [100, 50, path]);
    cursor.close();
    assert.equal(clone.region?.clientCount, 2);
    assert.deepEqual(clone.buffer(), data.subarray(100, 150));
    assert.equal(clone.useRegion(2 * WINDOW, 5).isValid, true);
    assert.deepEqual(clone.buffer(), data.subarray(2 * WINDOW, 2 * WINDOW + 5));
    assert.equal(clone.fileSize, SIZE);
  });

  test('assign leaves the region it had and takes the place of the other', () => {
    using manager = sliding();
    const cursor = manager.makeCursor(path).useRegion(0, 10);
    const left = cursor.region;
    const other = manager.makeCursor(path).useRegion(WINDOW, 20);
    cursor.assign(other);
    assert.equal(left?.clientCount, 1);
    assert.equal(cursor.region, other.region);
    assert.equal(other.region?.clientCount, 3);
    assert.deepEqual(cursor.buffer(), data.subarray(WINDOW, WINDOW + 20));
    other.close();
    assert.deepEqual(cursor.buffer(), data.subarray(WINDOW, WINDOW + 20));
  });

  test('assign to itself changes nothing', () => {
    using manager = sliding();
    const cursor = manager.makeCursor(path).useRegion(100, 10);
    cursor.assign(cursor);
    assert.equal(cursor.region?.clientCount, 2);
    assert.deepEqual(cursor.buffer(), data.subarray(100, 110));
  });

  test('assign joins the manager of the other cursor', () => {
    using first = sliding();
    using second = sliding();
    const cursor = first.makeCursor(path).useRegion(0);
    cursor.assign(second.makeCursor(path).useRegion(WINDOW));
    first.close();
    assert.deepEqual(cursor.buffer(), data.subarray(WINDOW, 2 * WINDOW));
    cursor.close();
  });
});

describe('the end', () => {
  test('close leaves the region, may be called twice, and dispose is close', () => {
    using manager = sliding();
    const cursor = manager.makeCursor(path).useRegion(0);
    const region = cursor.region;
    cursor.close();
    cursor.close();
    cursor[Symbol.dispose]();
    assert.equal(region?.clientCount, 1);
    assert.equal(cursor.isValid, false);
    assert.equal(cursor.size, 0);
    assert.throws(() => cursor.useRegion(), MapClosedError);
    assert.throws(() => cursor.buffer(), MapClosedError);
    assert.throws(() => cursor.map(), MapClosedError);
    assert.throws(() => cursor.clone(), MapClosedError);
    assert.throws(() => cursor.refresh(), MapClosedError);
  });

  test('the map is one object while the region is mapped, and only the manager ends it', () => {
    using manager = sliding();
    using cursor = manager.makeCursor(path).useRegion(WINDOW);
    const map = cursor.map();
    assert.equal(cursor.map(), map);
    assert.equal(cursor.useRegion(WINDOW + 7).map(), map);
    assert.equal(map.length, WINDOW);
    assert.throws(() => map.close(), Error);
    assert.throws(() => map.resize(PAGE_SIZE), Error);
    assert.equal(map.at(0), data[WINDOW]);
    assert.deepEqual(map.slice(0, 10), data.subarray(WINDOW, WINDOW + 10));
  });

  test('prefetch leaves the cursor as it is', async () => {
    using manager = sliding();
    using cursor = manager.makeCursor(path).useRegion(0);
    await cursor.prefetch();
    assert.equal(cursor.faulted, false);
    assert.deepEqual(cursor.buffer(), data.subarray(0, WINDOW));
  });
});
