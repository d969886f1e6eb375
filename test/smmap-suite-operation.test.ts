/** `test_memman_operation` of smmap's own suite: windows that come and go under limits. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  alignToMmap,
  PAGE_SIZE,
  SlidingWindowMapManager,
  StaticWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { mapped } from './support/proc-maps.js';
import { randomFrom } from './support/random.js';
import {
  data,
  forPathAndDescriptor,
  LIMITS,
  path,
  SIZE,
  SMALL_WINDOW,
} from './support/suite-file.js';

test('windows of a hundredth of the file, by path and by descriptor', () => {
  forPathAndDescriptor(operateSliding);
});

test('the whole file at once, by path and by descriptor', () => {
  forPathAndDescriptor(operateStatic);
});

/** Bytes that the kernel maps for a region of `size` bytes: whole pages. */
function inPages(size: number): number {
  return Math.ceil(size / PAGE_SIZE) * PAGE_SIZE;
}

function operateSliding(item: string | number): void {
  using manager = new SlidingWindowMapManager({ windowSize: SMALL_WINDOW, ...LIMITS });
  const cursor = manager.makeCursor(item);
  assert.equal(manager.numOpenFiles, 0);
  assert.equal(manager.mappedMemorySize, 0);

  const size = manager.windowSize / 2;
  assert.equal(cursor.useRegion(5000, size).isValid, true);
  const first = cursor.region;
  assert.ok(first);
  assert.equal(first.clientCount, 2);
  assert.equal(manager.numOpenFiles, 1);
  assert.equal(manager.numFileHandles, 1);
  assert.equal(manager.mappedMemorySize, first.size);
  assert.equal(mapped(path).bytes, inPages(first.size));
  assert.equal(cursor.ofsBegin, 5000);
  assert.equal(first.ofsBegin, 0);
  assert.equal(first.size, alignToMmap(SMALL_WINDOW, true));
  assert.deepEqual(cursor.buffer(), data.subarray(5000, 5000 + size));

  assert.equal(cursor.useRegion(0, size - 10).isValid, true);
  assert.equal(cursor.region, first);
  assert.equal(manager.numFileHandles, 1);
  assert.equal(cursor.size, size - 10);
  assert.equal(cursor.ofsBegin, 0);
  assert.deepEqual(cursor.buffer(), data.subarray(0, size - 10));

  const late = SIZE - size + 4000;
  assert.equal(cursor.useRegion(late, size).isValid, true);
  assert.equal(manager.numFileHandles, 2);
  assert.ok(cursor.size < size);
  assert.notEqual(cursor.region, first);
  assert.equal(first.clientCount, 1);
  const last = cursor.region;
  assert.ok(last);
  assert.equal(last.clientCount, 2);
  assert.ok(last.ofsBegin < cursor.ofsBegin);
  assert.ok(last.ofsEnd <= SIZE);
  assert.deepEqual(cursor.buffer(), data.subarray(late, late + size));

  cursor.unuseRegion();
  assert.equal(cursor.isValid, false);
  assert.equal(manager.numFileHandles, 2);

  readAtRandom(manager, cursor, size);
  assert.equal(cursor.useRegion(SIZE, size).isValid, false);
  assert.ok(manager.numFileHandles > 0);
  assert.ok(manager.collect() > 0);
  assert.equal(manager.numFileHandles, 0);
  assert.equal(mapped(path).bytes, 0);
}

function operateStatic(item: string | number): void {
  using manager = new StaticWindowMapManager({ windowSize: 0, ...LIMITS });
  const cursor = manager.makeCursor(item);

  assert.equal(cursor.useRegion(5000, 0).isValid, true);
  const region = cursor.region;
  assert.ok(region);
  assert.equal(region.clientCount, 2);
  assert.equal(manager.mappedMemorySize, region.size);
  assert.equal(mapped(path).bytes, inPages(SIZE));
  assert.equal(cursor.ofsBegin, 5000);
  assert.deepEqual([region.ofsBegin, region.size], [0, SIZE]);
  assert.deepEqual(cursor.buffer(), data.subarray(5000));

  assert.equal(cursor.useRegion(0, SIZE - 10).isValid, true);
  assert.equal(cursor.region, region);
  assert.deepEqual([cursor.size, cursor.ofsBegin], [SIZE - 10, 0]);
  assert.deepEqual(cursor.buffer(), data.subarray(0, SIZE - 10));

  const late = SIZE - cursor.size + 4000;
  assert.equal(cursor.useRegion(late, 0).isValid, true);
  assert.ok(cursor.size < SIZE);
  assert.equal(cursor.region?.clientCount, 2);
  assert.ok(region.ofsBegin < cursor.ofsBegin);
  assert.ok(region.ofsEnd <= SIZE);
  assert.deepEqual(cursor.buffer(), data.subarray(late));

  cursor.unuseRegion();
  assert.equal(cursor.isValid, false);
  readAtRandom(manager, cursor, 50_000);
  assert.equal(cursor.useRegion(SIZE, 0).isValid, false);
  assert.equal(manager.numFileHandles, 1);
  assert.equal(manager.collect(), 1);
  assert.equal(manager.numFileHandles, 0);
  assert.equal(mapped(path).bytes, 0);
}

/** 5,000 reads anywhere: the limits hold, the bytes are right. */
function readAtRandom(
  manager: StaticWindowMapManager | SlidingWindowMapManager,
  cursor: WindowCursor,
  size: number,
): void {
  const random = randomFrom(5);
  for (let left = 5000; left > 0; left--) {
    const offset = random(0, SIZE);
    if (manager.windowSize > 0) {
      assert.ok(manager.mappedMemorySize <= manager.maxMappedMemorySize);
      if (left % 50 === 0) assert.ok(mapped(path).bytes <= manager.maxMappedMemorySize);
    }
    assert.ok(manager.numFileHandles <= LIMITS.maxOpenHandles);
    assert.equal(cursor.useRegion(offset, size).isValid, true);
    assert.ok(cursor.buffer().equals(data.subarray(offset, offset + cursor.size)));
    assert.equal(cursor.includesOfs(offset), true);
    assert.equal(cursor.includesOfs(offset + cursor.size - 1), true);
    assert.equal(cursor.includesOfs(offset + cursor.size), false);
  }
}
