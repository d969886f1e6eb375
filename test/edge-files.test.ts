/** Files that are empty, smaller than a window, or cut short while they are mapped. */

import assert from 'node:assert/strict';
import { closeSync, openSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  MapFaultError,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
} from 'smmap';
import { native } from '#src/native.js';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapped } from './support/proc-maps.js';

const WINDOW = 4 * PAGE_SIZE;
const dir = tempDir();
let made = 0;

function newFile(size: number): string {
  const path = join(dir, `edge-${++made}`);
  writeContent(path, size);
  return path;
}

const managers = {
  sliding: () => new SlidingWindowMapManager({ windowSize: WINDOW }),
  static: () => new StaticWindowMapManager(),
};

/** Reads that reach the bytes behind the first page and a few more. */
const reads: Record<string, (buf: SlidingWindowMapBuffer) => unknown> = {
  slice: (buf) => buf.slice(),
  subarray: (buf) => buf.subarray(PAGE_SIZE - 1, PAGE_SIZE + 20),
  chunks: (buf) => [...buf.chunks()].map((chunk) => chunk.indexOf('none such')),
  lines: (buf) => [...buf.lines()],
  copy: (buf) => buf.copy(Buffer.alloc(WINDOW)),
  indexOf: (buf) => buf.indexOf('none such'),
};

for (const [name, make] of Object.entries(managers)) {
  describe(`an empty file, ${name}`, () => {
    test('is an empty, usable buffer, by path and by descriptor', () => {
      using manager = make();
      const path = newFile(0);
      const fd = openSync(path, 'r');
      for (const item of [path, fd]) {
        const buf = new SlidingWindowMapBuffer(manager.makeCursor(item));
        assert.equal(buf.length, 0);
        assert.equal(buf.at(0), undefined);
        assert.equal(buf.at(-1), undefined);
        assert.throws(() => buf.get(0), { code: 'ERR_OUT_OF_RANGE' });
        assert.throws(() => buf.readUInt8(0), RangeError);
        for (const bytes of [buf.slice(), buf.slice(-5, 5), buf.slice(5, -5, -1), buf.subarray()]) {
          assert.equal(bytes.length, 0);
        }
        assert.deepEqual([buf.indexOf(0), buf.lastIndexOf('x'), buf.count(0)], [-1, -1, 0]);
        assert.equal(buf.includes('x'), false);
        assert.deepEqual([[...buf], [...buf.lines()], [...buf.chunks()]], [[], [], []]);
        assert.equal(buf.toString(), '');
        assert.equal(buf.copy(Buffer.alloc(5)), 0);
        buf.endAccess();
        assert.equal(buf.beginAccess(), true);
        assert.equal(buf.length, 0);
      }
      closeSync(fd);
      assert.equal(manager.mappedMemorySize, 0);
      assert.equal(mapped(path).bytes, 0);
    });

    test('has no byte to point at', () => {
      using manager = make();
      const cursor = manager.makeCursor(newFile(0));
      assert.equal(cursor.fileSize, 0);
      assert.equal(cursor.useRegion().isValid, false);
      assert.equal(cursor.useRegion(1).isValid, false);
      assert.throws(() => new SlidingWindowMapBuffer(cursor, 1), { code: 'ERR_OUT_OF_RANGE' });
    });
  });

  test(`a window larger than the file maps the file, ${name}`, () => {
    using manager = make();
    const path = newFile(100);
    const cursor = manager.makeCursor(path).useRegion(0, 2 ** 40);
    assert.equal(cursor.size, 100);
    assert.deepEqual(cursor.buffer(), contentBytes(0, 100));
    assert.equal(mapped(path).bytes, PAGE_SIZE);
    const buf = new SlidingWindowMapBuffer(cursor, 30, 2 ** 40);
    assert.equal(buf.length, 70);
    assert.deepEqual(buf.slice(), contentBytes(30, 70));
  });

  describe(`a file cut short while mapped, ${name}`, () => {
    test('a view reads zeros, the loss is counted at once, and calls throw until refresh', () => {
      using manager = make();
      const path = newFile(WINDOW);
      const cursor = manager.makeCursor(path).useRegion(0);
      const view = cursor.buffer();
      assert.equal(cursor.faulted, false);
      truncateSync(path, PAGE_SIZE);

      assert.equal(view[2 * PAGE_SIZE], 0);
      assert.equal(cursor.faulted, true);
      assert.equal(manager.stats().faults, 1);
      assert.deepEqual(view.subarray(0, PAGE_SIZE), contentBytes(0, PAGE_SIZE));
      assert.throws(
        () => cursor.useRegion(0, 10),
        (error) => {
          assert.ok(error instanceof MapFaultError);
          assert.equal(error.code, 'ERR_SMMAP_FAULT');
          assert.equal(error.file, path);
          assert.ok(error.offset <= 2 * PAGE_SIZE);
          assert.ok(error.offset + error.size > 2 * PAGE_SIZE);
          return true;
        },
      );

      cursor.refresh();
      assert.equal(manager.stats().faults, 1);
      assert.equal(cursor.faulted, false);
      assert.equal(cursor.fileSize, PAGE_SIZE);
      assert.deepEqual(cursor.useRegion(0).buffer(), contentBytes(0, PAGE_SIZE));
      assert.equal(cursor.useRegion(PAGE_SIZE).isValid, false);
    });

    for (const [call, read] of Object.entries(reads)) {
      test(`${call} never answers with the zeros of a lost page`, () => {
        using manager = make();
        const path = newFile(WINDOW);
        const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
        assert.equal(buf.at(WINDOW - 1), contentBytes(WINDOW - 1, 1)[0]);
        truncateSync(path, PAGE_SIZE);
        buf.at(PAGE_SIZE);
        assert.throws(() => read(buf), MapFaultError);
        assert.ok(manager.stats().faults > 0);
        buf.cursor?.refresh();
        assert.equal(buf.beginAccess(), true);
        assert.deepEqual(buf.slice(), contentBytes(0, PAGE_SIZE));
      });
    }

    test('the call that meets the lost page is the one that throws', () => {
      using manager = make();
      const path = newFile(WINDOW);
      const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
      truncateSync(path, PAGE_SIZE);
      assert.throws(() => buf.slice(), MapFaultError);
    });

    test('cut and written again: refresh maps the pages anew', () => {
      using manager = make();
      const path = newFile(WINDOW);
      const cursor = manager.makeCursor(path).useRegion(0);
      const view = cursor.buffer();
      truncateSync(path, 0);
      assert.equal(view[0], 0);
      writeContent(path, WINDOW);
      assert.throws(() => cursor.useRegion(0), MapFaultError);
      assert.throws(() => manager.makeCursor(path).useRegion(0), MapFaultError);
      cursor.refresh();
      assert.deepEqual(cursor.useRegion(0).buffer(), contentBytes(0, WINDOW));
      assert.deepEqual(manager.makeCursor(path).useRegion(0).buffer(), contentBytes(0, WINDOW));
    });

    test('cut to nothing', () => {
      using manager = make();
      const path = newFile(WINDOW);
      const cursor = manager.makeCursor(path).useRegion(0);
      const view = cursor.buffer();
      truncateSync(path, 0);
      assert.equal(view[0], 0);
      assert.throws(() => cursor.useRegion(0), MapFaultError);
      cursor.refresh();
      assert.equal(cursor.useRegion(0).isValid, false);
    });
  });
}

test('a file cut where nothing is mapped yet: the cursor is invalid, the buffer says what is lost', () => {
  using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
  const path = newFile(WINDOW);
  const cursor = manager.makeCursor(path).useRegion(0);
  const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
  truncateSync(path, PAGE_SIZE + 10);
  assert.equal(cursor.useRegion(2 * PAGE_SIZE).isValid, false);
  assert.equal(cursor.useRegion(PAGE_SIZE + 10).isValid, false);
  assert.deepEqual(cursor.useRegion(PAGE_SIZE).buffer(), contentBytes(PAGE_SIZE, 10));
  assert.deepEqual(buf.slice(0, PAGE_SIZE + 10), contentBytes(0, PAGE_SIZE + 10));
  for (const read of Object.values(reads)) {
    assert.throws(
      () => read(buf),
      (error) => {
        assert.ok(error instanceof MapFaultError);
        assert.ok(error.offset >= PAGE_SIZE && error.offset + error.size <= WINDOW);
        return true;
      },
    );
  }
  assert.equal(buf.beginAccess(), true);
  assert.deepEqual(buf.slice(), contentBytes(0, PAGE_SIZE + 10));
});

test('an empty file to which somebody writes while it is opened has what was written', () => {
  const path = newFile(0);
  const { status } = native;
  native.status = (...asked) => {
    native.status = status;
    status(...asked); // says that it is empty, and then:
    writeContent(path, 10);
  };
  using manager = managers.sliding();
  using cursor = manager.makeCursor(path).useRegion(0);
  assert.equal(native.status, status);
  assert.equal(cursor.fileSize, 10);
  assert.deepEqual(cursor.buffer(), contentBytes(0, 10));
});
