import assert from 'node:assert/strict';
import { constants, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  InvalidCursorError,
  MapFaultError,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  WindowCursor,
} from 'smmap';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapped } from './support/proc-maps.js';

const WINDOW = 2 * PAGE_SIZE;
const SIZE = 4 * WINDOW + 100;
const dir = tempDir();
const path = join(dir, 'buffer.bin');
writeContent(path, SIZE);
const data = contentBytes(0, SIZE);

function manage(): SlidingWindowMapManager {
  return new SlidingWindowMapManager({ windowSize: WINDOW });
}

describe('views and copies', () => {
  test('a subarray inside one window is a view, across windows a copy', () => {
    using manager = manage();
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path), 50);
    const border = WINDOW - 50;
    const views = [
      buf.subarray(0, border),
      buf.subarray(border - 1, border),
      buf.subarray(border, border + WINDOW),
      buf.subarray(-100),
      buf.subarray(-1),
    ];
    const copy = buf.subarray(border - 1, border + 1);
    assert.deepEqual(
      views.map((view) => view.length),
      [border, 1, WINDOW, 100, 1],
    );
    assert.equal(views[0]?.buffer, views[1]?.buffer);
    assert.deepEqual(copy, data.subarray(WINDOW - 1, WINDOW + 1));
    buf.endAccess();
    manager.collect();
    for (const view of views) assert.equal(view.length, 0);
    assert.deepEqual(copy, data.subarray(WINDOW - 1, WINDOW + 1));
  });

  test('chunks are the windows, cut to the buffer, without a copy', () => {
    using manager = manage();
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path), 50, 3 * WINDOW);
    let at = 0;
    const lengths: number[] = [];
    for (const chunk of buf.chunks()) {
      assert.deepEqual(chunk, data.subarray(50 + at, 50 + at + chunk.length));
      assert.equal(chunk.buffer, buf.subarray(at, at + 1).buffer);
      at += chunk.length;
      lengths.push(chunk.length);
    }
    assert.deepEqual(lengths, [WINDOW - 50, WINDOW, WINDOW, 50]);
  });

  test('a chunk is good until the next step, however small the memory', () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: WINDOW });
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
    const kept: Buffer[] = [];
    for (const chunk of buf.chunks()) {
      assert.ok(chunk.length > 0);
      for (const before of kept) assert.equal(before.length, 0);
      assert.equal(mapped(path).bytes <= WINDOW, true);
      kept.push(chunk);
    }
    assert.equal(kept.length, 5);
  });

  test('slices are copies in memory of their own', () => {
    using manager = manage();
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
    const slice = buf.slice(10, 20);
    slice.fill(0);
    assert.deepEqual(buf.slice(10, 20), data.subarray(10, 20));
  });
});

describe('access', () => {
  test('index 0 is the byte at the offset, and length is what can be read', () => {
    using manager = manage();
    for (const [offset, size, length] of [
      [0, Infinity, SIZE],
      [100, Infinity, SIZE - 100],
      [100, SIZE, SIZE - 100],
      [WINDOW, 10, 10],
      [SIZE - 1, 5, 1],
      [7, 0, 0],
    ] as const) {
      const buf = new SlidingWindowMapBuffer(manager.makeCursor(path), offset, size);
      assert.equal(buf.length, length);
      assert.deepEqual(buf.slice(), data.subarray(offset, offset + length));
      assert.equal(buf.at(0), length > 0 ? data[offset] : undefined);
      assert.equal(buf.at(-1), length > 0 ? data[offset + length - 1] : undefined);
      assert.equal(buf.at(length), undefined);
      assert.equal(buf.at(-length - 1), undefined);
      buf.endAccess();
    }
  });

  test('it answers false without a cursor, without a file, and past the end', () => {
    using manager = manage();
    const cursor = manager.makeCursor(path);
    const buf = new SlidingWindowMapBuffer();
    assert.equal(buf.cursor, undefined);
    assert.equal(buf.beginAccess(), false);
    assert.equal(buf.beginAccess(new WindowCursor()), false);
    assert.equal(buf.beginAccess(cursor), true);
    for (const offset of [SIZE, SIZE + 1, 2 ** 50]) {
      assert.equal(buf.beginAccess(cursor, offset), false);
      assert.equal(buf.length, 0);
      assert.throws(() => new SlidingWindowMapBuffer(cursor, offset), {
        name: 'RangeError',
        code: 'ERR_OUT_OF_RANGE',
      });
    }
    assert.throws(() => new SlidingWindowMapBuffer(new WindowCursor()), InvalidCursorError);
    assert.throws(() => new SlidingWindowMapBuffer({} as WindowCursor), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  });

  test('it takes another cursor, and keeps the last one', () => {
    using manager = manage();
    const other = join(dir, 'other.bin');
    writeContent(other, 500);
    const [first, second] = [manager.makeCursor(path), manager.makeCursor(other)];
    const buf = new SlidingWindowMapBuffer(first);
    assert.equal(buf.cursor, first);
    assert.equal(buf.beginAccess(second, 100), true);
    assert.equal(buf.cursor, second);
    assert.deepEqual(buf.slice(), contentBytes(100, 400));
    buf.endAccess();
    assert.equal(buf.beginAccess(), true);
    assert.deepEqual(buf.slice(), contentBytes(0, 500));
  });

  test('dispose and close end it, and the cursor leaves its region', () => {
    using manager = manage();
    const cursor = manager.makeCursor(path);
    {
      using buf = new SlidingWindowMapBuffer(cursor);
      assert.equal(buf.get(5), data[5]);
    }
    assert.equal(cursor.isValid, false);
    const buf = new SlidingWindowMapBuffer(cursor);
    buf.close();
    buf.close();
    assert.deepEqual([buf.length, cursor.isValid], [0, false]);
    assert.equal(manager.collect(), 1);
  });

  test('flags reach the call that opens the file', () => {
    using manager = manage();
    const link = join(dir, 'link');
    symlinkSync(path, link);
    const noFollow = constants.O_NOFOLLOW;
    const cursor = manager.makeCursor(link);
    assert.throws(() => cursor.useRegion(0, 0, noFollow), { code: 'ELOOP', path: link });
    assert.throws(() => new SlidingWindowMapBuffer(cursor, 0, Infinity, noFollow), {
      code: 'ELOOP',
    });
    assert.equal(new SlidingWindowMapBuffer(cursor).length, SIZE);
  });
});

describe('without holding up the event loop', () => {
  test('readAsync copies what there is, from any offset', async () => {
    using manager = manage();
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path), 30);
    const pending = [
      buf.readAsync(0, 10),
      buf.readAsync(WINDOW - 5, 2 * WINDOW),
      buf.readAsync(buf.length - 3, 100),
      buf.readAsync(buf.length, 1),
    ];
    buf.endAccess();
    assert.deepEqual(await Promise.all(pending), [
      data.subarray(30, 40),
      data.subarray(WINDOW + 25, 3 * WINDOW + 25),
      data.subarray(-3),
      Buffer.alloc(0),
    ]);
  });

  test('what makes no sense is refused', async () => {
    using manager = manage();
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
    for (const bad of [-1, 0.5, Number.NaN, SIZE + 1]) {
      await assert.rejects(buf.readAsync(bad, 1), { code: 'ERR_OUT_OF_RANGE' });
      await assert.rejects(buf.prefetch(bad), { code: 'ERR_OUT_OF_RANGE' });
    }
    await assert.rejects(buf.readAsync(0, -1), { code: 'ERR_OUT_OF_RANGE' });
    const text = '1' as unknown as number;
    await assert.rejects(buf.readAsync(text, 1), { code: 'ERR_INVALID_ARG_TYPE' });
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(buf.readAsync(0, 1, { signal }), /enough/);
    await assert.rejects(buf.prefetch(0, 1, { signal }), /enough/);
    await assert.rejects(buf.prefetch(0, 1, { sgnal: signal } as object), /"signal"/);
  });

  test('prefetch leaves the bytes right and the limits kept', async () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: 2 * WINDOW });
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
    await buf.prefetch();
    assert.ok(mapped(path).bytes <= 2 * WINDOW);
    assert.deepEqual(buf.slice(), data);
  });

  test('of a file that was cut short they say what is lost', async () => {
    using manager = manage();
    const cut = join(dir, 'cut.bin');
    writeContent(cut, SIZE);
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(cut));
    truncateSync(cut, PAGE_SIZE);
    await assert.rejects(buf.readAsync(PAGE_SIZE, 10), MapFaultError);
    await assert.rejects(buf.prefetch(), MapFaultError);
  });
});
