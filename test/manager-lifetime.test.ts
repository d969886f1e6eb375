/** What is closed by force leaves nothing behind: no region, no entry, no view, no descriptor. */

import assert from 'node:assert/strict';
import { appendFileSync, linkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { relative } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { MapClosedError, PAGE_SIZE, SlidingWindowMapBuffer, type WindowCursor } from 'smmap';
import { contentBytes } from './support/files.js';
import {
  assertNothingLeft,
  dir,
  folderOf,
  MANAGERS,
  type Manager,
  newFile,
  read,
  SIZE,
} from './support/lifetimes.js';
import { mapped } from './support/proc-maps.js';

/** A cursor whose file was closed by force says so, whatever it is asked for. */
function assertClosed(cursor: WindowCursor): void {
  assert.equal(cursor.isValid, false);
  assert.deepEqual([cursor.size, cursor.ofsBegin, cursor.ofsEnd], [0, 0, 0]);
  assert.equal(cursor.region, undefined);
  for (const use of [
    () => cursor.buffer(),
    () => cursor.map(),
    () => cursor.useRegion(0),
    () => cursor.refresh(),
    () => cursor.clone(),
    () => cursor.fileSize,
    () => cursor.flush(),
  ]) {
    assert.throws(use, MapClosedError, use.toString());
  }
}

/** Ways to unmap by force all that a file has. @returns regions unmapped */
const BY_FORCE: Readonly<Record<string, (manager: Manager, path: string) => number | undefined>> = {
  'closeUnder its folder': (manager, path) => manager.closeUnder(folderOf(path)),
  'closeUnder itself': (manager, path) => manager.closeUnder(path),
  'closeUnder a relative path': (manager, path) =>
    manager.closeUnder(relative(process.cwd(), folderOf(path))),
  'closeUnder a URL': (manager, path) => manager.closeUnder(pathToFileURL(folderOf(path))),
  'closeUnder a Buffer': (manager, path) => manager.closeUnder(Buffer.from(path)),
  'forceMapHandleRemovalWin on Windows': (manager, path) => {
    const real = Object.getOwnPropertyDescriptor(process, 'platform') as PropertyDescriptor;
    Object.defineProperty(process, 'platform', { ...real, value: 'win32' });
    try {
      return manager.forceMapHandleRemovalWin(folderOf(path));
    } finally {
      Object.defineProperty(process, 'platform', real);
    }
  },
  close: (manager) => {
    manager.close();
    return undefined;
  },
};

for (const [kind, make] of Object.entries(MANAGERS)) {
  const regions = kind === 'static' ? 1 : 2;

  describe(`closing by force, ${kind}`, () => {
    for (const [name, closeByForce] of Object.entries(BY_FORCE)) {
      test(`${name} leaves no region, no entry and no view`, () => {
        using manager = make();
        const path = newFile();
        const used = read(manager, path);
        const idle = read(manager, path);
        idle.unuseRegion();
        const region = used.region;
        const view = used.buffer();
        const map = used.map();
        const closed = closeByForce(manager, path);
        assert.ok(closed === undefined || closed === regions, `${closed} regions`);
        assertNothingLeft(manager);
        assert.equal(view.length, 0);
        assert.equal(region?.clientCount, 0);
        assert.throws(() => region?.buffer(), MapClosedError);
        assert.throws(() => map.at(0), MapClosedError);
        for (const cursor of [used, idle]) assertClosed(cursor);
      });
    }

    test('old cursors that are closed later leave what is new alone', () => {
      using manager = make();
      const path = newFile();
      const old = [read(manager, path), read(manager, path)];
      assert.equal(manager.closeUnder(path), regions);
      assert.equal(manager.closeUnder(path), 0);
      using fresh = read(manager, path);
      for (const cursor of old) {
        cursor.unuseRegion();
        cursor.close();
      }
      assert.equal(fresh.region?.clientCount, 2);
      assert.deepEqual(fresh.buffer(), contentBytes(SIZE - 10, 10));
      assert.equal(manager.collect(), regions - 1);
      assert.equal(manager.stats().files, 1);
      assert.equal(manager.stats().mappedBytes, mapped(dir).bytes);
    });

    test('a buffer over it says so, though it had a window at hand', () => {
      using manager = make();
      const path = newFile();
      const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
      assert.equal(buffer.get(3), contentBytes(3, 1)[0]);
      manager.closeUnder(path);
      for (const use of [
        () => buffer.at(3),
        () => buffer.get(3),
        () => buffer.slice(0, 5),
        () => buffer.subarray(0, 5),
        () => [...buffer],
        () => buffer.indexOf(3),
        () => buffer.beginAccess(),
      ]) {
        assert.throws(use, MapClosedError, use.toString());
      }
      buffer.close();
      assert.equal(buffer.length, 0);
    });

    test('a closed manager still answers what it is asked', () => {
      const manager = make();
      read(manager, newFile());
      manager.close();
      assert.deepEqual([manager.collect(), manager.closeUnder(dir)], [0, 0]);
      assert.equal(manager.stats().unmaps, regions);
      assert.throws(() => manager.makeCursor(newFile()), MapClosedError);
    });

    test('a cursor that had not looked at the file is not closed with it', () => {
      using manager = make();
      const path = newFile();
      using early = manager.makeCursor(path);
      using used = read(manager, path);
      manager.closeUnder(path);
      assertClosed(used);
      assert.deepEqual(early.useRegion(0, 10).buffer(), contentBytes(0, 10));
    });

    test('a file is met under every name that it was named by, and under its real one', () => {
      using manager = make();
      const names = [newFile(), newFile(), newFile()] as [string, string, string];
      const [path, hard, symbolic] = names;
      for (const name of [hard, symbolic]) unlinkSync(name);
      linkSync(path, hard);
      symlinkSync(path, symbolic);
      for (const name of names) {
        const cursors = names.map((each) => read(manager, each));
        assert.equal(manager.closeUnder(folderOf(name)), regions, name);
        for (const cursor of cursors) assertClosed(cursor);
      }
      const bySymbolic = read(manager, symbolic);
      assert.equal(manager.closeUnder(folderOf(path)), regions, 'by its real name');
      assertClosed(bySymbolic);
    });

    test('a file that was replaced or removed is met under the name it had', () => {
      using manager = make();
      const path = newFile();
      const first = read(manager, path);
      renameSync(newFile(), path);
      const second = read(manager, path);
      unlinkSync(path);
      assert.equal(manager.stats().files, 2);
      assert.equal(manager.closeUnder(folderOf(path)), 2 * regions);
      for (const cursor of [first, second]) assertClosed(cursor);
      assertNothingLeft(manager);
    });

    test('regions that a grown file has replaced go too', () => {
      using manager = make();
      const path = newFile();
      const old = read(manager, path);
      appendFileSync(path, contentBytes(SIZE, PAGE_SIZE));
      const fresh = read(manager, path, SIZE + PAGE_SIZE);
      const before = manager.numFileHandles;
      assert.equal(manager.closeUnder(path), before);
      for (const cursor of [old, fresh]) assertClosed(cursor);
      assertNothingLeft(manager);
    });
  });
}
