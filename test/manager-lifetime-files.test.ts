/** The table of files does not grow for ever: an entry stays while it has a region or a cursor. */

import assert from 'node:assert/strict';
import { closeSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MapClosedError, PAGE_SIZE, type WindowCursor } from 'smmap';
import { native } from '#src/native.js';
import { descriptorsOn } from './support/descriptors.js';
import { contentBytes } from './support/files.js';
import {
  assertNothingLeft,
  dir,
  MANAGERS,
  type Manager,
  newFile,
  read,
  SIZE,
} from './support/lifetimes.js';

/** Named by path, and by a descriptor that is closed after the first use. */
const NAMED: Readonly<Record<string, (manager: Manager, path: string) => WindowCursor>> = {
  paths: (manager, path) => read(manager, path),
  descriptors: (manager, path) => {
    const fd = openSync(path, 'r');
    try {
      return read(manager, fd);
    } finally {
      closeSync(fd);
    }
  },
};

for (const [kind, make] of Object.entries(MANAGERS)) {
  const regions = kind === 'static' ? 1 : 2;

  describe(`the file table, ${kind}`, () => {
    for (const [how, use] of Object.entries(NAMED)) {
      for (const collectFirst of [true, false]) {
        const order = collectFirst ? 'cursors closed last' : 'cursors closed first';
        test(`fifty files by ${how}, ${order}: none is left`, () => {
          using manager = make();
          const cursors = Array.from({ length: 50 }, () => use(manager, newFile()));
          assert.equal(manager.stats().files, 50);
          if (collectFirst) {
            for (const cursor of cursors) cursor.unuseRegion();
            assert.equal(manager.collect(), 50 * regions);
            assert.equal(manager.stats().files, 50, 'a cursor keeps its file');
          }
          for (const cursor of cursors) cursor.close();
          if (!collectFirst) assert.equal(manager.collect(), 50 * regions);
          assertNothingLeft(manager);
        });
      }
    }

    test('a file whose last region is evicted is forgotten', () => {
      using manager = make(8 * PAGE_SIZE);
      for (let i = 0; i < 50; i++) read(manager, newFile()).close();
      assert.equal(manager.stats().files, manager.numOpenFiles);
      assert.ok(manager.stats().files <= 8);
      manager.collect();
      assert.equal(manager.stats().files, 0);
    });

    test('a file that was only looked at is forgotten with its cursor', () => {
      using manager = make();
      const cursor = manager.makeCursor(newFile());
      assert.equal(cursor.fileSize, SIZE);
      assert.equal(cursor.useRegion(SIZE).isValid, false);
      assert.equal(manager.stats().files, 1);
      cursor.close();
      assertNothingLeft(manager);
    });

    test('a name that was given to fifty files one after the other', () => {
      using manager = make();
      const path = newFile();
      using cursor = read(manager, path);
      for (let i = 0; i < 50; i++) {
        renameSync(newFile(), path);
        assert.deepEqual(cursor.refresh().buffer(), contentBytes(SIZE - 10, 10));
        manager.collect();
        assert.deepEqual([manager.stats().files, manager.numFileHandles], [1, 1]);
      }
      cursor.close();
      manager.collect();
      assertNothingLeft(manager);
    });

    test('what cannot be opened or mapped leaves no entry', () => {
      using manager = make();
      for (const name of [join(dir, 'missing'), dir, '/dev/null', '/proc/self/maps', 2 ** 30]) {
        assert.throws(() => manager.makeCursor(name).useRegion(0));
        assert.throws(() => manager.makeCursor(name).fileSize);
      }
      assertNothingLeft(manager);
    });
  });
}

test('files of cursors that were forgotten are forgotten too', () => {
  using manager = MANAGERS.static?.(4 * SIZE) as Manager;
  for (let i = 0; i < 50; i++) read(manager, newFile());
  const { files, leaked, regions } = manager.stats();
  assert.ok(leaked >= 40, `${leaked} were found`);
  assert.ok(files <= 50 - leaked + regions, `${files} files`);
  assert.ok(descriptorsOn(dir) <= files);
});

test('a file that the engine is using while it is closed can be used on, and closed later', (t) => {
  for (const make of Object.values(MANAGERS)) {
    using manager = make();
    const path = newFile();
    const cursor = read(manager, path);
    const { close } = native;
    let refusals = 1;
    const mocked = t.mock.method(native, 'close', (handle: Parameters<typeof close>[0]) =>
      refusals-- > 0 ? false : close(handle),
    );
    assert.throws(() => manager.closeUnder(path), { code: 'EBUSY' });
    mocked.mock.restore();
    assert.deepEqual(cursor.useRegion(0, 9).buffer(), contentBytes(0, 9));
    assert.deepEqual(manager.makeCursor(path).useRegion(0, 9).buffer(), contentBytes(0, 9));
    assert.ok(manager.closeUnder(path) > 0);
    assert.throws(() => cursor.useRegion(0), MapClosedError);
    assertNothingLeft(manager);
    assert.equal(descriptorsOn(path), 0);
  }
});
