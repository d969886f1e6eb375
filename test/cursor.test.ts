import assert from 'node:assert/strict';
import { closeSync, constants, linkSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  InvalidCursorError,
  PAGE_SIZE,
  SlidingWindowMapManager,
  StaticWindowMapManager,
  WindowCursor,
} from 'smmap';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapped } from './support/proc-maps.js';

const WINDOW = 4 * PAGE_SIZE;
const SIZE = 10 * PAGE_SIZE + 123;
const dir = tempDir();
const path = join(dir, 'cursor.bin');
writeContent(path, SIZE);
const data = contentBytes(0, SIZE);

function sliding(): SlidingWindowMapManager {
  return new SlidingWindowMapManager({ windowSize: WINDOW });
}

describe('what a cursor is made for', () => {
  test('a path, a relative path, a URL, a Buffer, a descriptor, a FileHandle', async () => {
    using manager = sliding();
    const fd = openSync(path, 'r');
    await using handle = await open(path, 'r');
    const names = [
      path,
      relative(process.cwd(), path),
      pathToFileURL(path),
      Buffer.from(path),
      fd,
      handle,
    ];
    for (const name of names) {
      using cursor = manager.makeCursor(name);
      assert.equal(cursor.isAssociated, true);
      assert.equal(cursor.isValid, false);
      assert.equal(cursor.fileSize, SIZE);
      assert.equal(cursor.useRegion(5000, 300).isValid, true);
      assert.deepEqual(cursor.buffer(), data.subarray(5000, 5300));
    }
    assert.equal(manager.numOpenFiles, 1);
    closeSync(fd);
  });

  test('the name that was given is the name that is answered', () => {
    using manager = sliding();
    const fd = openSync(path, 'r');
    const byPath = manager.makeCursor(path);
    const byDescriptor = manager.makeCursor(fd);
    assert.equal(byPath.pathOrFd, path);
    assert.equal(byPath.path(), path);
    assert.throws(() => byPath.fd(), { name: /Error/, code: /^ERR_/ });
    assert.equal(byDescriptor.pathOrFd, fd);
    assert.equal(byDescriptor.fd(), fd);
    assert.throws(() => byDescriptor.path(), { name: /Error/, code: /^ERR_/ });
    closeSync(fd);
  });

  test('links, hard and symbolic, are the same file: mapped once', () => {
    using manager = sliding();
    const hard = join(dir, 'hard');
    const symbolic = join(dir, 'symbolic');
    linkSync(path, hard);
    symlinkSync(path, symbolic);
    const cursors = [path, hard, symbolic].map((name) => manager.makeCursor(name));
    const regions = cursors.map((cursor) => cursor.useRegion(0, 10).region);
    assert.equal(new Set(regions).size, 1);
    assert.equal(manager.numOpenFiles, 1);
    assert.equal(manager.mappedMemorySize, WINDOW);
    assert.equal(mapped(dir).bytes, WINDOW);
    assert.deepEqual(
      cursors.map((cursor) => cursor.pathOrFd),
      [path, hard, symbolic],
    );
  });

  test('a descriptor may be closed after the first region', () => {
    using manager = sliding();
    const fd = openSync(path, 'r');
    const cursor = manager.makeCursor(fd).useRegion();
    closeSync(fd);
    for (let offset = 0; offset < SIZE; offset += cursor.size) {
      assert.equal(cursor.useRegion(offset).isValid, true);
      assert.deepEqual(cursor.buffer(), data.subarray(offset, offset + cursor.size));
    }
  });

  test('a descriptor stays the property of who opened it', () => {
    const fd = openSync(path, 'r');
    {
      using manager = sliding();
      using cursor = manager.makeCursor(fd);
      cursor.useRegion(0);
    }
    closeSync(fd);
  });

  test('no cursor of a manager: nothing but assign and close', () => {
    const cursor = new WindowCursor();
    assert.equal(cursor.isAssociated, false);
    assert.equal(cursor.isValid, false);
    assert.equal(cursor.size, 0);
    assert.equal(cursor.includesOfs(0), false);
    cursor.unuseRegion();
    assert.throws(() => cursor.useRegion(), InvalidCursorError);
    assert.throws(() => cursor.buffer(), InvalidCursorError);
    assert.throws(() => cursor.map(), InvalidCursorError);
    assert.throws(() => cursor.fileSize, InvalidCursorError);
    assert.throws(() => cursor.path(), InvalidCursorError);
    assert.throws(() => cursor.fd(), InvalidCursorError);
    assert.throws(() => cursor.refresh(), InvalidCursorError);
    cursor.close();
  });
});

describe('using a region', () => {
  test('answers the cursor itself, and nothing is mapped before', () => {
    using manager = sliding();
    const cursor = manager.makeCursor(path);
    assert.deepEqual(mapped(path), { lines: 0, bytes: 0 });
    assert.equal(cursor.useRegion(), cursor);
    assert.equal(mapped(path).bytes, WINDOW);
  });

  test('any offset and size: the slice begins there and ends with size, window or file', () => {
    using manager = sliding();
    const cursor = manager.makeCursor(path);
    const edges = [0, 1, 100, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW, SIZE - 1, SIZE];
    for (const offset of edges) {
      for (const size of [0, 1, 100, PAGE_SIZE, WINDOW, WINDOW + 1, SIZE, 2 ** 50]) {
        cursor.useRegion(offset, size);
        const valid = offset < SIZE;
        assert.equal(cursor.isValid, valid, `offset ${offset}`);
        if (!valid) continue;
        const room = Math.min(WINDOW - (offset % WINDOW), SIZE - offset);
        const expected = size === 0 ? room : Math.min(size, room);
        assert.equal(cursor.size, expected, `offset ${offset} size ${size}`);
        assert.equal(cursor.ofsBegin, offset);
        assert.equal(cursor.ofsEnd, offset + expected);
        assert.deepEqual(cursor.buffer(), data.subarray(offset, offset + expected));
        for (const [ofs, inside] of [
          [offset - 1, false],
          [offset, true],
          [offset + expected - 1, true],
          [offset + expected, false],
        ] as const) {
          assert.equal(cursor.includesOfs(ofs), inside);
        }
      }
    }
  });

  test('includesOfs answers false for any number outside', () => {
    using manager = sliding();
    const cursor = manager.makeCursor(path).useRegion(100, 10);
    for (const ofs of [-1, 99, 110, 2 ** 53, -Infinity, Infinity, Number.NaN]) {
      assert.equal(cursor.includesOfs(ofs), false);
    }
  });

  test('at and past the end: invalid, no error, and the region before is left', () => {
    using manager = sliding();
    const cursor = manager.makeCursor(path);
    for (const offset of [SIZE, SIZE + 1, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      const region = cursor.useRegion(0).region;
      assert.equal(region?.clientCount, 2);
      assert.equal(cursor.useRegion(offset, 10).isValid, false);
      assert.equal(cursor.size, 0);
      assert.equal(cursor.isAssociated, true);
      assert.equal(region?.clientCount, 1);
      assert.throws(() => cursor.buffer(), InvalidCursorError);
      assert.throws(() => cursor.map(), InvalidCursorError);
    }
  });

  test('moving inside a region keeps it: nothing new is mapped', () => {
    using manager = sliding();
    const cursor = manager.makeCursor(path);
    const region = cursor.useRegion(WINDOW).region;
    assert.equal(cursor.region, region);
    const { maps } = manager.stats();
    for (const offset of [2 * WINDOW - 1, WINDOW + 5, WINDOW]) {
      assert.equal(cursor.useRegion(offset, 10).region, region);
    }
    assert.equal(manager.stats().maps, maps);
  });

  test('the buffer is a view of the file, not a copy', () => {
    const shared = join(dir, 'shared.bin');
    writeContent(shared, WINDOW);
    using manager = sliding();
    const view = manager.makeCursor(shared).useRegion(10, 20).buffer();
    assert.equal(Buffer.isBuffer(view), true);
    assert.deepEqual(view, contentBytes(10, 20));
    const fd = openSync(shared, 'r+');
    writeSync(fd, 'written later', 12);
    closeSync(fd);
    assert.equal(view.toString('latin1', 2, 15), 'written later');
  });

  test('unusing is allowed at any time and leaves the region to be used again', () => {
    using manager = sliding();
    const cursor = manager.makeCursor(path);
    cursor.unuseRegion();
    const region = cursor.useRegion(0).region;
    cursor.unuseRegion();
    cursor.unuseRegion();
    assert.equal(cursor.isValid, false);
    assert.equal(cursor.size, 0);
    assert.equal(cursor.includesOfs(0), false);
    assert.equal(mapped(path).bytes, WINDOW);
    assert.equal(cursor.useRegion(1).region, region);
  });

  test('flags of open are taken, and are only numbers', () => {
    using manager = sliding();
    const cursor = manager.makeCursor(path);
    assert.equal(cursor.useRegion(0, 10, constants.O_NOFOLLOW).isValid, true);
    const text = 'r' as unknown as number;
    assert.throws(() => cursor.useRegion(0, 10, text), { code: 'ERR_INVALID_ARG_TYPE' });
  });

  test('a static manager gives the file from the offset to its end', () => {
    using manager = new StaticWindowMapManager();
    const cursor = manager.makeCursor(path);
    for (const offset of [0, 1, WINDOW, SIZE - 1]) {
      cursor.useRegion(offset);
      assert.equal(cursor.ofsEnd, SIZE);
      assert.deepEqual(cursor.buffer(), data.subarray(offset));
      assert.deepEqual([cursor.region?.ofsBegin, cursor.region?.size], [0, SIZE]);
    }
    assert.equal(cursor.useRegion(100, 7).size, 7);
    assert.equal(cursor.useRegion(SIZE).isValid, false);
    assert.equal(manager.numFileHandles, 1);
  });
});
