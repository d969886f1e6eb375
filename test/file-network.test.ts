/**
 * Answers that a local file system hardly ever gives, put into the addon's mouth: a
 * server that no longer knows a file (`ESTALE`), a system without descriptors (`ENFILE`).
 */

import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import {
  FileChangedError,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { native } from '#src/native.js';
import { contentBytes, tempDir, writeContent } from './support/files.js';

const WINDOW = 2 * PAGE_SIZE;
const SIZE = 10 * WINDOW;
const dir = tempDir();
const real = { ...native };
let made = 0;

afterEach(() => Object.assign(native, real));

/** A new file, of which each test has its own. */
function newFile(): string {
  const path = join(dir, `file-${++made}`);
  writeContent(path, SIZE);
  return path;
}

/** Content that differs from `contentBytes` in every byte. */
function otherBytes(offset: number, length: number): Buffer {
  return Buffer.from(contentBytes(offset, length).map((byte) => byte ^ 0xff));
}

/** Puts another file in the place of `path`. */
function replace(path: string): void {
  writeFileSync(`${path}-new`, otherBytes(0, SIZE));
  renameSync(`${path}-new`, path);
}

function reader(access: 'read' | 'write' = 'read'): SlidingWindowMapManager {
  return new SlidingWindowMapManager({ windowSize: WINDOW, access });
}

/** As the addon throws it. */
function failure(code: 'ESTALE' | 'ENFILE' | 'EMFILE' | 'EIO', syscall: string): Error {
  return Object.assign(new Error(), { errno: -constants.errno[code], syscall });
}

/** From now on the server knows no descriptor but those that are opened from now on, if even those. */
function serverForgets(reopened: 'known' | 'unknown' = 'known'): void {
  const known = new WeakSet<object>();
  const check = (descriptor: object, syscall: string) => {
    if (!known.has(descriptor)) throw failure('ESTALE', syscall);
  };
  native.open = (...asked) => {
    const descriptor = real.open(...asked);
    if (reopened === 'known') known.add(descriptor);
    return descriptor;
  };
  native.status = (descriptor, into) => {
    check(descriptor, 'fstat');
    real.status(descriptor, into);
  };
  native.map = (handle, descriptor, ...rest) => {
    check(descriptor, 'mmap');
    return real.map(handle, descriptor, ...rest);
  };
  native.extend = (descriptor, ...sizes) => {
    check(descriptor, 'fallocate');
    real.extend(descriptor, ...sizes);
  };
}

/** Asserts that the cursor stands where `place` says, and reads the first file there. */
function assertStands(cursor: WindowCursor, offset: number, size: number): void {
  assert.deepEqual([cursor.ofsBegin, cursor.size], [offset, size]);
  assert.deepEqual(cursor.buffer(), contentBytes(offset, size));
}

describe('a server that no longer knows the file', () => {
  test('is not asked for what is mapped', () => {
    const path = newFile();
    using manager = reader();
    using cursor = manager.makeCursor(path).useRegion(0);
    using other = manager.makeCursor(path).useRegion(5 * WINDOW);
    other.unuseRegion();
    serverForgets('unknown');
    for (const offset of [0, 100, WINDOW - 1]) assertStands(cursor.useRegion(offset, 1), offset, 1);
    assertStands(cursor.clone().useRegion(7), 7, WINDOW - 7);
    assertStands(other.useRegion(5 * WINDOW + 3, 10), 5 * WINDOW + 3, 10);
  });

  test('is asked by the name again, and the cursor goes on', () => {
    const path = newFile();
    using manager = reader();
    using cursor = manager.makeCursor(path).useRegion(0);
    const view = cursor.buffer();
    serverForgets();
    for (const offset of [WINDOW, 9 * WINDOW, 3 * WINDOW + 5]) {
      assertStands(cursor.useRegion(offset, 10), offset, 10);
    }
    cursor.useRegion(0);
    assert.deepEqual(view, contentBytes(0, WINDOW), 'the first region stayed');
    assert.equal(manager.stats().files, 1);
  });

  test('while a window is mapped only', () => {
    using manager = reader();
    using cursor = manager.makeCursor(newFile()).useRegion(0);
    serverForgets();
    native.status = real.status;
    assertStands(cursor.useRegion(WINDOW, 10), WINDOW, 10);
  });

  test('refresh asks by the name, too', () => {
    const path = newFile();
    using manager = reader();
    using cursor = manager.makeCursor(path).useRegion(WINDOW, 10);
    serverForgets();
    assertStands(cursor.refresh(), WINDOW, 10);
    assert.equal(manager.stats().files, 1);
  });

  test('and gives another file under the name: refused, until refresh takes it', () => {
    const path = newFile();
    using manager = reader();
    using cursor = manager.makeCursor(path).useRegion(0, 10);
    replace(path);
    serverForgets();
    assert.throws(() => cursor.useRegion(WINDOW), FileChangedError);
    assertStands(cursor, 0, 10);
    cursor.refresh();
    assert.deepEqual(cursor.buffer(), otherBytes(0, 10));
    assert.deepEqual(cursor.useRegion(WINDOW, 10).buffer(), otherBytes(WINDOW, 10));
  });

  test('nor the name: the mapped part can still be read', () => {
    const path = newFile();
    using manager = reader();
    using cursor = manager.makeCursor(path).useRegion(0, 10);
    unlinkSync(path);
    serverForgets();
    assert.throws(() => cursor.useRegion(WINDOW), FileChangedError);
    assert.throws(() => cursor.refresh(), { code: 'ENOENT', path });
    assertStands(cursor, 0, 10);
  });

  test('and not the name’s file either: the error has its name, and the cursor is as it was', () => {
    const path = newFile();
    using manager = reader();
    using cursor = manager.makeCursor(path).useRegion(0, 10);
    serverForgets('unknown');
    const stale = { code: 'ESTALE', errno: -constants.errno.ESTALE, syscall: 'fstat', path };
    assert.throws(() => cursor.useRegion(WINDOW), stale);
    assert.throws(() => cursor.refresh(), stale);
    assert.throws(() => reader().makeCursor(path).useRegion(), stale);
    assertStands(cursor, 0, 10);
    native.statusOfPath = () => {
      throw failure('ESTALE', 'stat');
    };
    assert.throws(() => manager.makeCursor(path).useRegion(), { ...stale, syscall: 'stat' });
    assert.throws(() => cursor.refresh(), { ...stale, syscall: 'stat' });
    Object.assign(native, real);
    assertStands(cursor.useRegion(WINDOW, 10), WINDOW, 10);
  });

  test('a descriptor of the user’s cannot be had again: the error says so', () => {
    const fd = openSync(newFile(), 'r');
    using manager = reader();
    using cursor = manager.makeCursor(fd).useRegion(0, 10);
    closeSync(fd);
    serverForgets();
    assert.throws(() => cursor.useRegion(WINDOW), { code: 'ESTALE' });
    assertStands(cursor, 0, 10);
  });

  test('and the file is made longer', () => {
    const path = newFile();
    using manager = reader('write');
    using cursor = manager.makeCursor(path).useRegion(0, 10);
    serverForgets();
    cursor.extendFile(SIZE + WINDOW).useRegion(SIZE);
    assert.deepEqual(cursor.buffer(), Buffer.alloc(WINDOW));
  });

  test('under a buffer: it goes on across windows', () => {
    using manager = reader();
    const buffer = new SlidingWindowMapBuffer(manager.makeCursor(newFile()));
    assert.equal(buffer.at(0), contentBytes(0, 1)[0]);
    serverForgets();
    assert.ok(buffer.slice().equals(contentBytes(0, SIZE)));
  });

  test('leaves no descriptor behind', () => {
    const openNow = () => readdirSync('/proc/self/fd').length;
    const before = openNow();
    const path = newFile();
    const manager = reader();
    using cursor = manager.makeCursor(path).useRegion(0, 10);
    serverForgets();
    for (let k = 0; k < 10; k++) cursor.useRegion(k * WINDOW);
    assert.equal(openNow(), before + 1);
    manager.close();
    assert.equal(openNow(), before);
  });
});

describe('no descriptor is left', () => {
  for (const code of ['ENFILE', 'EMFILE'] as const) {
    /** Descriptors can be opened only after so many were closed. */
    function needsClosed(most: number): { closed: number } {
      const told = { closed: 0 };
      native.closeDescriptor = (descriptor) => {
        told.closed++;
        real.closeDescriptor(descriptor);
      };
      const refuse = (syscall: string) => {
        if (told.closed < most) throw failure(code, syscall);
      };
      native.open = (...asked) => {
        refuse('open');
        return real.open(...asked);
      };
      native.duplicate = (...asked) => {
        refuse('fcntl');
        return real.duplicate(...asked);
      };
      return told;
    }

    test(`in the ${code === 'ENFILE' ? 'system' : 'process'}: one by one is let go, the one used longest ago first`, () => {
      const paths = Array.from({ length: 8 }, newFile);
      using manager = reader();
      const cursors = paths.map((path) => manager.makeCursor(path).useRegion(0));
      const late = newFile();
      const told = needsClosed(3);
      using cursor = manager.makeCursor(late).useRegion(WINDOW, 10);
      assert.equal(told.closed, 3);
      assertStands(cursor, WINDOW, 10);
      assert.equal(manager.numFileHandles, 9, 'the regions stay');
      for (const each of cursors) assertStands(each, 0, WINDOW);
      Object.assign(native, real);
      let opened = 0;
      native.open = (...asked) => {
        opened++;
        return real.open(...asked);
      };
      for (const each of cursors.slice(3)) assertStands(each.useRegion(WINDOW), WINDOW, WINDOW);
      assert.equal(opened, 0, 'those used last still have theirs');
      for (const each of cursors.slice(0, 3)) assertStands(each.useRegion(WINDOW), WINDOW, WINDOW);
      assert.equal(opened, 3);
    });

    test(`and none can be let go: ${code}, and everything is as it was`, () => {
      const path = newFile();
      using manager = reader();
      using cursor = manager.makeCursor(path).useRegion(0, 10);
      const late = newFile();
      needsClosed(Number.POSITIVE_INFINITY);
      using refused = manager.makeCursor(late);
      assert.throws(() => refused.useRegion(), { code, syscall: 'open', path: late });
      const fd = openSync(late, 'r');
      using byNumber = manager.makeCursor(fd);
      assert.throws(() => byNumber.useRegion(), { code, syscall: 'fcntl' });
      assertStands(cursor, 0, 10);
      assertStands(cursor.useRegion(5, 5), 5, 5);
      assert.throws(() => cursor.useRegion(WINDOW), { code, path });
      assertStands(cursor, 5, 5);
      Object.assign(native, real);
      for (const each of [refused, byNumber, cursor]) {
        assertStands(each.useRegion(WINDOW, 10), WINDOW, 10);
      }
      closeSync(fd);
    });
  }
});
