/** `fileHandle`: what GMOD's packages take, against the file's own bytes. */

import assert from 'node:assert/strict';
import { appendFileSync, closeSync, openSync, renameSync, truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MapFaultError, PAGE_SIZE, SlidingWindowMapManager, StaticWindowMapManager } from 'smmap';
import { type FileReader, fileHandle } from 'smmap/clients';
import { contentBytes, writeContent } from '../support/files.js';
import { assertNothingLeft, MANAGERS, newFile, SIZE } from '../support/lifetimes.js';

/** What a plain array of the right bytes is. */
function content(offset: number, length: number): Uint8Array {
  return new Uint8Array(contentBytes(offset, length));
}

for (const [kind, make] of Object.entries(MANAGERS)) {
  describe(`a file handle, ${kind}`, () => {
    test('reads any range: shorter at the end, nothing past it', async () => {
      using manager = make();
      using handle = fileHandle(manager, newFile());
      const range = fc.tuple(fc.nat(2 * SIZE), fc.nat(2 * SIZE));
      await fc.assert(
        fc.asyncProperty(range, async ([length, position]) => {
          const there = Math.max(Math.min(length, SIZE - position), 0);
          assert.deepEqual(await handle.read(length, position), content(position, there));
        }),
        { numRuns: 200 },
      );
      assert.equal((await handle.read(10, Number.MAX_SAFE_INTEGER - 10)).length, 0);
    });

    test('gives memory of its own, from byte 0 of it, as a plain array', async () => {
      using manager = make();
      using handle = fileHandle(manager, newFile());
      const bytes = await handle.read(100, 50);
      assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
      assert.deepEqual([bytes.byteOffset, bytes.buffer.byteLength], [0, 100]);
      bytes.fill(0);
      assert.deepEqual(await handle.read(100, 50), content(50, 100));
      manager.close();
      assert.equal(bytes.length, 100);
    });

    test('reads the whole file, as bytes and as text', async () => {
      using manager = make();
      using handle = fileHandle(manager, newFile());
      const all = contentBytes(0, SIZE);
      assert.deepEqual(await handle.readFile(), new Uint8Array(all));
      assert.deepEqual(await handle.readFile({}), new Uint8Array(all));
      assert.equal(await handle.readFile('latin1'), all.toString('latin1'));
      assert.equal(await handle.readFile({ encoding: 'utf8' }), all.toString('utf8'));
      assert.deepEqual(await handle.stat(), { size: SIZE });
    });
  });
}

test('what makes no sense is refused', async () => {
  using manager = new StaticWindowMapManager();
  using handle = fileHandle(manager, newFile());
  for (const [length, position] of [
    [-1, 0],
    [1, -1],
    [0.5, 0],
    [1, 0.5],
    [Number.NaN, 0],
    [1, Number.POSITIVE_INFINITY],
    [2, Number.MAX_SAFE_INTEGER],
  ] as const) {
    await assert.rejects(handle.read(length, position), { code: 'ERR_OUT_OF_RANGE' });
  }
  await assert.rejects(handle.read('1' as never, 0), { code: 'ERR_INVALID_ARG_TYPE' });
  await assert.rejects(handle.readFile('utf-9' as never), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('growth is seen by stat and readFile, and read from then on', async () => {
  using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
  const path = newFile();
  using handle = fileHandle(manager, path);
  assert.equal((await handle.read(10, SIZE)).length, 0);
  appendFileSync(path, contentBytes(SIZE, 3 * PAGE_SIZE));
  assert.deepEqual(await handle.stat(), { size: SIZE + 3 * PAGE_SIZE });
  assert.deepEqual(await handle.read(10, SIZE), content(SIZE, 10));
  assert.deepEqual(await handle.readFile(), content(0, SIZE + 3 * PAGE_SIZE));
});

test('readFile looks at the file itself', async () => {
  using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
  const path = newFile();
  using handle = fileHandle(manager, path);
  await handle.read(10, 0);
  appendFileSync(path, contentBytes(SIZE, 100));
  assert.deepEqual(await handle.readFile(), content(0, SIZE + 100));
});

test('a file that is replaced is the old one until it is looked at again', async () => {
  using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
  const path = newFile();
  using handle = fileHandle(manager, path);
  assert.deepEqual(await handle.read(10, 0), content(0, 10));
  const other = newFile(7);
  renameSync(other, path);
  assert.deepEqual(await handle.read(10, 2 * PAGE_SIZE), content(2 * PAGE_SIZE, 10));
  assert.deepEqual(await handle.stat(), { size: 7 });
  assert.deepEqual(await handle.read(10, 0), content(0, 7));
});

test('a file that is cut is a MapFaultError, never zeros', async () => {
  using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
  const path = newFile();
  using handle = fileHandle(manager, path);
  await handle.read(SIZE, 0);
  truncateSync(path, PAGE_SIZE);
  await assert.rejects(handle.read(10, 3 * PAGE_SIZE), MapFaultError);
  assert.deepEqual(await handle.stat(), { size: PAGE_SIZE });
  assert.deepEqual(await handle.read(10, PAGE_SIZE - 5), content(PAGE_SIZE - 5, 5));
});

test('an empty file', async () => {
  using manager = new SlidingWindowMapManager();
  using handle = fileHandle(manager, newFile(0));
  assert.deepEqual(await handle.stat(), { size: 0 });
  assert.deepEqual(await handle.readFile(), new Uint8Array(0));
  assert.equal(await handle.readFile('utf8'), '');
  assert.deepEqual(await handle.read(10, 0), new Uint8Array(0));
});

test('a missing file fails with the first use, and is found when it is there', async () => {
  using manager = new SlidingWindowMapManager();
  const path = `${newFile()}-missing`;
  using handle = fileHandle(manager, path);
  await assert.rejects(handle.read(1, 0), { code: 'ENOENT', path });
  await assert.rejects(handle.stat(), { code: 'ENOENT', path });
  writeContent(path, 10);
  assert.deepEqual(await handle.read(20, 0), content(0, 10));
});

test('a descriptor or a FileHandle will do as well', async () => {
  using manager = new SlidingWindowMapManager();
  const path = newFile();
  await using file = await open(path);
  const fd = openSync(path, 'r');
  using byNumber = fileHandle(manager, fd);
  using byHandle = fileHandle(manager, file);
  assert.deepEqual(await byNumber.read(10, 5), content(5, 10));
  closeSync(fd); // it is not needed after the first use
  assert.deepEqual(await byNumber.read(10, 5), content(5, 10));
  assert.deepEqual(await byHandle.read(10, 5), content(5, 10));
});

describe('closing', () => {
  test('lets everything go; again does nothing; reading is refused', async () => {
    const manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const handle = fileHandle(manager, newFile());
    await handle.readFile();
    await handle.close();
    await handle.close();
    handle[Symbol.dispose]();
    await assert.rejects(handle.read(1, 0), { code: 'ERR_SMMAP_CLOSED' });
    await assert.rejects(handle.readFile(), { code: 'ERR_SMMAP_CLOSED' });
    await assert.rejects(handle.stat(), { code: 'ERR_SMMAP_CLOSED' });
    manager.collect();
    assert.equal(manager.stats().leaked, 0);
    manager.close();
  });

  test('of the manager ends its handles', async () => {
    const manager = new SlidingWindowMapManager();
    const handle = fileHandle(manager, newFile());
    await handle.read(1, 0);
    manager.close();
    await assert.rejects(handle.read(1, 0), { code: 'ERR_SMMAP_CLOSED' });
    await handle.close();
    assertNothingLeft(manager);
  });
});

test('twenty open handles within a hard limit of two windows', async () => {
  using manager = new SlidingWindowMapManager({
    windowSize: PAGE_SIZE,
    maxMemorySize: 2 * PAGE_SIZE,
    hardLimit: true,
  });
  const handles: FileReader[] = Array.from({ length: 20 }, () => fileHandle(manager, newFile()));
  for (const offset of [0, 3 * PAGE_SIZE - 5, SIZE - 10]) {
    for (const handle of handles) {
      assert.deepEqual(await handle.read(10, offset), content(offset, 10));
    }
  }
  assert.ok(manager.stats().peakMappedBytes <= 2 * PAGE_SIZE);
  for (const handle of handles) await handle.close();
});
