/**
 * Each case of the test-suite and the tutorial of Python's smmap, with its own
 * figures, over position-dependent content. `test_memman_operation` and `test_buf`
 * are in `smmap-suite-operation.test.ts` and `smmap-suite-buffer.test.ts`.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ALLOCATION_GRANULARITY,
  alignToMmap,
  is64Bit,
  MapRegion,
  MapRegionList,
  MapWindow,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
  WindowCursor,
} from 'smmap';
import { data, forPathAndDescriptor, path, SIZE } from './support/suite-file.js';

describe('test_util', () => {
  test('window: ends, extension to both sides, the largest size, alignment', () => {
    const left = new MapWindow(0, 1);
    const centre = new MapWindow(1, 1);
    const centre2 = new MapWindow(10, 5);
    const right = new MapWindow(8000, 50);
    assert.deepEqual([left.ofsEnd, centre.ofsEnd, right.ofsEnd], [1, 2, 8050]);

    centre.extendLeftTo(left, 100);
    assert.deepEqual([centre.ofs, centre.size], [1, 1]);
    left.extendRightTo(centre, 100);
    left.extendRightTo(centre, 100);
    assert.deepEqual([left.ofs, left.size], [0, 1]);

    const end = centre2.ofsEnd;
    centre2.extendLeftTo(centre, 100);
    assert.equal(centre2.ofs, centre.ofsEnd);
    assert.equal(centre2.ofsEnd, end);

    centre.extendRightTo(right, 100);
    centre.extendRightTo(right, 100);
    assert.deepEqual([centre.ofs, centre.size], [1, 100]);
    centre.extendRightTo(right, Number.MAX_SAFE_INTEGER);
    assert.deepEqual([centre.ofs, centre.ofsEnd], [1, right.ofs]);

    right.extendLeftTo(centre2, 100);
    right.extendLeftTo(centre2, 100);
    assert.equal(right.size, 100);
    right.extendLeftTo(centre2, Number.MAX_SAFE_INTEGER);
    assert.equal(right.ofs, centre2.ofsEnd);

    const before = centre.size + centre.ofs;
    centre.align();
    assert.deepEqual([centre.ofs, centre.size], [0, alignToMmap(before, true)]);
  });

  test('region: whole, from an offset, half; offsets inside and outside', () => {
    const offset = alignToMmap(4200, false);
    const half = Math.floor(SIZE / 2);
    using whole = new MapRegion(path, 0, SIZE);
    using fromOffset = new MapRegion(path, offset, SIZE);
    using firstHalf = new MapRegion(path, 0, half);

    assert.deepEqual([whole.ofsBegin, whole.size, whole.ofsEnd], [0, SIZE, SIZE]);
    assert.deepEqual([fromOffset.ofsBegin, fromOffset.size], [offset, SIZE - offset]);
    assert.deepEqual([firstHalf.ofsBegin, firstHalf.size], [0, half]);
    for (const inside of [0, SIZE - 1, half]) assert.equal(whole.includesOfs(inside), true);
    for (const outside of [-1, SIZE, Number.MAX_SAFE_INTEGER, Infinity]) {
      assert.equal(whole.includesOfs(outside), false);
    }
    assert.ok(whole.buffer().equals(data));
    assert.ok(fromOffset.buffer().equals(data.subarray(offset)));
    assert.ok(firstHalf.buffer().equals(data.subarray(0, half)));

    assert.equal(whole.clientCount, 1);
    const window = MapWindow.fromRegion(whole);
    assert.deepEqual([window.ofs, window.ofsEnd], [whole.ofsBegin, whole.ofsEnd]);
  });

  test('region list: empty at first, knows its file', () => {
    forPathAndDescriptor((item) => {
      const list = new MapRegionList(item);
      assert.equal(list.length, 0);
      assert.equal(list.pathOrFd, item);
      assert.equal(list.fileSize, SIZE);
    });
  });

  test('util: width of the machine and alignment', () => {
    assert.equal(typeof is64Bit, 'boolean');
    assert.equal(alignToMmap(1, false), 0);
    assert.equal(alignToMmap(1, true), ALLOCATION_GRANULARITY);
  });
});

describe('test_mman', () => {
  test('cursor: unassociated, associated, copied, assigned, destroyed', () => {
    using manager = new SlidingWindowMapManager();
    const unassociated = new WindowCursor();
    assert.equal(unassociated.isValid, false);
    assert.equal(unassociated.isAssociated, false);
    assert.equal(unassociated.size, 0);

    const cursor = manager.makeCursor(path);
    assert.equal(cursor.isValid, false);
    assert.equal(cursor.isAssociated, true);
    assert.equal(cursor.fileSize, SIZE);
    assert.equal(cursor.path(), path);

    const copy = cursor.clone();
    assert.equal(copy.isValid, false);
    assert.equal(copy.isAssociated, true);
    unassociated.assign(cursor);
    assert.equal(unassociated.isValid, false);
    assert.equal(unassociated.isAssociated, true);

    cursor.unuseRegion();
    cursor.unuseRegion();
    cursor.close();
    cursor.close();
    new WindowCursor().close();
  });

  for (const Manager of [StaticWindowMapManager, SlidingWindowMapManager]) {
    test(`memory manager: ${Manager.name}`, () => {
      using manager = new Manager();
      assert.equal(manager.numFileHandles, 0);
      assert.equal(manager.numOpenFiles, 0);
      assert.ok(manager.windowSize > (Manager === StaticWindowMapManager ? -1 : 0));
      assert.equal(manager.mappedMemorySize, 0);
      assert.ok(manager.maxMappedMemorySize > 0);
      assert.equal(manager.collect(), 0);

      forPathAndDescriptor((item) => {
        using cursor = manager.makeCursor(item);
        assert.equal(cursor.pathOrFd, item);
        assert.equal(cursor.useRegion(10, 10).isValid, true);
        assert.equal(cursor.ofsBegin, 10);
        assert.equal(cursor.size, 10);
        assert.deepEqual(cursor.buffer(), data.subarray(10, 20));
        if (typeof item === 'number') {
          assert.equal(cursor.fd(), item);
          assert.throws(() => cursor.path(), Error);
        } else {
          assert.equal(cursor.path(), item);
          assert.throws(() => cursor.fd(), Error);
        }
      });
    });
  }
});

test('tutorial', () => {
  using manager = new SlidingWindowMapManager();
  assert.equal(manager.numFileHandles, 0);
  assert.equal(manager.mappedMemorySize, 0);

  const cursor = manager.makeCursor(path);
  assert.equal(cursor.isAssociated, true);
  assert.equal(cursor.isValid, false);

  assert.equal(cursor.useRegion().isValid, true);
  assert.equal(cursor.size, SIZE);
  assert.equal(cursor.buffer()[0], data[0]);
  assert.deepEqual(cursor.buffer().subarray(1, 10), data.subarray(1, 10));
  assert.equal(cursor.buffer()[cursor.size - 1], data[SIZE - 1]);
  assert.ok(cursor.ofsBegin < cursor.ofsEnd);
  assert.equal(cursor.includesOfs(100), true);

  assert.equal(cursor.useRegion(SIZE, 100).isValid, false);
  assert.equal(cursor.useRegion(100).isValid, true);
  assert.equal(cursor.ofsBegin, 100);
  cursor.unuseRegion();
  assert.equal(cursor.isValid, false);

  const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
  assert.equal(buf.cursor?.isValid, true);
  assert.equal(buf.at(0), data[0]);
  assert.equal(buf.at(-1), data[SIZE - 1]);
  assert.deepEqual(buf.slice(-10), data.subarray(SIZE - 10));
  buf.endAccess();
  assert.equal(buf.cursor?.isValid, false);
  assert.equal(buf.beginAccess(undefined, 10), true);
  assert.equal(buf.at(0), data[10]);
});
