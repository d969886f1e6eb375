/** Views kept after their region is gone, things closed twice, things used after close. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  MapClosedError,
  MapRegion,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  SmmapError,
  StaticWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapped } from './support/proc-maps.js';

const WINDOW = 2 * PAGE_SIZE;
const path = join(tempDir(), 'end.bin');
writeContent(path, 8 * WINDOW);

const managers = {
  sliding: () => new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: 2 * WINDOW }),
  static: () => new StaticWindowMapManager(),
};

/** Every kind of view that somebody may keep of a cursor's bytes. */
function viewsOf(cursor: WindowCursor): { bytes: Buffer; kept: Uint8Array[]; data: DataView } {
  const bytes = cursor.buffer();
  const { buffer, byteOffset, length } = bytes;
  return {
    bytes,
    kept: [bytes, bytes.subarray(1, 5), new Uint8Array(buffer, byteOffset, length)],
    data: new DataView(buffer, byteOffset, length),
  };
}

/** A view whose region is gone is empty: it gives `undefined` or throws, and harms nobody. */
function assertEmpty({ bytes, kept, data }: ReturnType<typeof viewsOf>): void {
  for (const view of kept) {
    assert.equal(view.length, 0);
    assert.equal(view[0], undefined);
    assert.throws(() => [...view], TypeError);
  }
  assert.throws(() => data.getUint8(0), TypeError);
  assert.throws(() => bytes.readUInt32LE(0), Error);
  assert.equal(bytes.toString(), '');
  assert.equal(bytes.indexOf(0), -1);
  bytes[0] = 1;
  assert.equal(bytes[0], undefined);
}

describe('views kept after their region is gone', () => {
  for (const [name, make] of Object.entries(managers)) {
    test(`by collect, ${name}`, () => {
      using manager = make();
      const cursor = manager.makeCursor(path).useRegion(10, 100);
      const views = viewsOf(cursor);
      assert.deepEqual(views.bytes, contentBytes(10, 100));
      cursor.unuseRegion();
      assert.equal(manager.collect(), 1);
      assertEmpty(views);
    });

    test(`by closing the manager under a cursor, ${name}`, () => {
      const manager = make();
      const views = viewsOf(manager.makeCursor(path).useRegion(0));
      manager.close();
      assertEmpty(views);
      assert.equal(mapped(path).bytes, 0);
    });

    test(`by closeUnder, ${name}`, () => {
      using manager = make();
      const views = viewsOf(manager.makeCursor(path).useRegion(0));
      assert.equal(manager.closeUnder(path), 1);
      assertEmpty(views);
      assert.equal(mapped(path).bytes, 0);
    });
  }

  test('by eviction', () => {
    using manager = managers.sliding();
    const cursor = manager.makeCursor(path).useRegion(0);
    const views = viewsOf(cursor);
    for (let k = 1; k < 4; k++) cursor.useRegion(k * WINDOW);
    assertEmpty(views);
    assert.deepEqual(cursor.buffer(), contentBytes(3 * WINDOW, WINDOW));
  });

  test('of a buffer: subarray, chunks and lines with views', () => {
    using manager = managers.sliding();
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
    const views = [
      buf.subarray(0, 10),
      buf.chunks().next().value,
      buf.lines({ view: true }).next().value,
    ];
    buf.endAccess();
    manager.collect();
    for (const view of views) assert.equal(view?.length, 0);
  });

  test('of a region', () => {
    const region = new MapRegion(path, 0, 100);
    const view = region.buffer();
    assert.deepEqual(view, contentBytes(0, 100));
    region.close();
    assert.equal(view.length, 0);
    assert.equal(view[0], undefined);
    assert.equal(mapped(path).bytes, 0);
  });

  test('copies are not views: they stay', () => {
    const manager = managers.sliding();
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
    const copies = [buf.slice(5, 20), buf.slice(WINDOW - 5, WINDOW + 5)];
    const lines = [...buf.lines()];
    manager.close();
    assert.deepEqual(copies, [contentBytes(5, 15), contentBytes(WINDOW - 5, 10)]);
    const last = lines.at(-1);
    assert.deepEqual(last, contentBytes(8 * WINDOW - (last?.length ?? 0), last?.length ?? 0));
  });
});

describe('closed twice, used after', () => {
  test('a cursor', () => {
    using manager = managers.sliding();
    const cursor = manager.makeCursor(path).useRegion(0);
    cursor.close();
    cursor.close();
    cursor[Symbol.dispose]();
    cursor.unuseRegion();
    assert.equal(cursor.isValid, false);
    for (const use of [
      () => cursor.useRegion(),
      () => cursor.buffer(),
      () => cursor.map(),
      () => cursor.clone(),
      () => cursor.refresh(),
      () => cursor.fileSize,
    ]) {
      assertClosed(use);
    }
    assert.throws(() => new SlidingWindowMapBuffer(cursor), SmmapError);
  });

  test('a manager', () => {
    const manager = managers.sliding();
    const cursor = manager.makeCursor(path).useRegion(0);
    manager.close();
    manager.close();
    manager[Symbol.dispose]();
    assertClosed(() => manager.makeCursor(path));
    assertClosed(() => cursor.useRegion(0));
    assertClosed(() => cursor.buffer());
    assert.equal(manager.collect(), 0);
    cursor.close();
  });

  test('a region', () => {
    const region = new MapRegion(path, 0, 100);
    region.close();
    region.close();
    region[Symbol.dispose]();
    assertClosed(() => region.buffer());
    assertClosed(() => region.map());
  });

  test('a buffer whose manager is closed', () => {
    const manager = managers.sliding();
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
    manager.close();
    for (const use of [
      () => buf.get(0),
      () => buf.slice(0, 10),
      () => buf.subarray(0, 10),
      () => buf.indexOf(0),
      () => buf.readUInt8(0),
      () => [...buf.lines()],
      () => [...buf.chunks()],
      () => buf.toString(),
    ]) {
      assertClosed(use);
    }
    buf.endAccess();
    assert.equal(buf.length, 0);
  });

  function assertClosed(use: () => unknown): void {
    assert.throws(use, (error) => {
      assert.ok(error instanceof MapClosedError, String(error));
      assert.ok(error instanceof SmmapError);
      assert.equal(error.code, 'ERR_SMMAP_CLOSED');
      return true;
    });
  }
});
