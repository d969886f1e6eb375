/** A file is known by what it is, not by its name; and it may change under a cursor. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  constants,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  FileChangedError,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { descriptorsOn, letDescriptorsGo } from './support/descriptors.js';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapped } from './support/proc-maps.js';

const WINDOW = 2 * PAGE_SIZE;
const SIZE = 3 * PAGE_SIZE + 50;
const dir = tempDir();
let made = 0;

/** A new file of `size` bytes, of which each test has its own. */
function newFile(size = SIZE): string {
  const path = join(dir, `file-${++made}`);
  writeContent(path, size);
  return path;
}

/** Content that differs from `contentBytes` in every byte. */
function otherBytes(size: number): Buffer {
  return contentBytes(0, size).map((byte) => byte ^ 0xff) as Buffer;
}

const managers = {
  sliding: () => new SlidingWindowMapManager({ windowSize: WINDOW }),
  static: () => new StaticWindowMapManager(),
};

/** All bytes from `offset` to where the cursor finds no more. */
function readFrom(cursor: WindowCursor, offset: number): Buffer {
  const pieces: Buffer[] = [];
  while (cursor.useRegion(offset).isValid) {
    pieces.push(Buffer.from(cursor.buffer()));
    offset = cursor.ofsEnd;
  }
  return Buffer.concat(pieces);
}

/** Whether the system tells times apart that lie within one tick of its clock: Linux 6.13 and later. */
function tellsTimesApart(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return process.platform === 'linux' && (major > 6 || (major === 6 && minor >= 13));
}

for (const [name, make] of Object.entries(managers)) {
  describe(`a file that grows, ${name}`, () => {
    test('a new cursor sees the growth, also while the old end is in use', () => {
      using manager = make();
      const path = newFile();
      using old = manager.makeCursor(path);
      const view = old.useRegion(SIZE - 10).buffer();
      appendFileSync(path, contentBytes(SIZE, 4 * PAGE_SIZE));
      using fresh = manager.makeCursor(path);
      assert.equal(fresh.fileSize, SIZE + 4 * PAGE_SIZE);
      assert.deepEqual(readFrom(fresh, 0), contentBytes(0, SIZE + 4 * PAGE_SIZE));
      assert.deepEqual(view, contentBytes(SIZE - 10, 10));
      assert.equal(old.isValid, true);
    });

    test('refresh shows it to the old cursor', () => {
      using manager = make();
      const path = newFile();
      const cursor = manager.makeCursor(path);
      assert.deepEqual(readFrom(cursor, 0), contentBytes(0, SIZE));
      appendFileSync(path, contentBytes(SIZE, 100));
      cursor.refresh();
      assert.equal(cursor.fileSize, SIZE + 100);
      assert.equal(cursor.useRegion(SIZE, 100).isValid, true);
      assert.deepEqual(cursor.buffer(), contentBytes(SIZE, 100));
      assert.deepEqual(readFrom(cursor, 0), contentBytes(0, SIZE + 100));
    });

    test('an empty file that is filled', () => {
      using manager = make();
      const path = newFile(0);
      const cursor = manager.makeCursor(path);
      assert.equal(cursor.useRegion().isValid, false);
      assert.equal(cursor.fileSize, 0);
      appendFileSync(path, contentBytes(0, 5));
      cursor.refresh();
      assert.deepEqual(readFrom(cursor, 0), contentBytes(0, 5));
    });

    test('a buffer grows when its access begins again on a refreshed cursor', () => {
      using manager = make();
      const path = newFile();
      const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
      assert.equal(buf.length, SIZE);
      appendFileSync(path, contentBytes(SIZE, 3 * PAGE_SIZE));
      buf.cursor?.refresh();
      assert.equal(buf.beginAccess(), true);
      assert.equal(buf.length, SIZE + 3 * PAGE_SIZE);
      assert.deepEqual(buf.slice(), contentBytes(0, SIZE + 3 * PAGE_SIZE));
      buf.endAccess();
    });
  });

  describe(`a file that shrinks, ${name}`, () => {
    test('refresh shows the new end; beyond it the cursor is invalid', () => {
      using manager = make();
      const path = newFile();
      const cursor = manager.makeCursor(path);
      assert.deepEqual(readFrom(cursor, 0), contentBytes(0, SIZE));
      truncateSync(path, PAGE_SIZE + 10);
      cursor.refresh();
      assert.equal(cursor.fileSize, PAGE_SIZE + 10);
      assert.equal(cursor.useRegion(PAGE_SIZE + 10).isValid, false);
      assert.deepEqual(readFrom(cursor, 0), contentBytes(0, PAGE_SIZE + 10));
    });

    test('no range is promised beyond the new end, by an idle region that reached farther', () => {
      for (const refresh of [true, false]) {
        using manager = make();
        const path = newFile();
        using cursor = manager.makeCursor(path).useRegion(WINDOW - 10, WINDOW, { whole: true });
        cursor.unuseRegion();
        truncateSync(path, WINDOW + 5);
        using later = refresh ? cursor.refresh() : manager.makeCursor(path);
        later.useRegion(WINDOW - 10, 100, { whole: true });
        assert.equal(later.size, 15);
        assert.deepEqual(later.buffer(), contentBytes(WINDOW - 10, 15));
      }
    });

    test('a new cursor sees the new end', () => {
      using manager = make();
      const path = newFile();
      manager
        .makeCursor(path)
        .useRegion(SIZE - 1)
        .unuseRegion();
      truncateSync(path, 10);
      const cursor = manager.makeCursor(path);
      assert.equal(cursor.fileSize, 10);
      assert.equal(cursor.useRegion(10).isValid, false);
      assert.deepEqual(readFrom(cursor, 0), contentBytes(0, 10));
    });
  });

  describe(`a file replaced by rename, ${name}`, () => {
    test('a new cursor reads the new file, an old one keeps its bytes', () => {
      using manager = make();
      const path = newFile();
      const old = manager.makeCursor(path);
      const view = old.useRegion(100).buffer();
      const kept = contentBytes(100, view.length);
      const replacement = join(dir, `replacement-${name}`);
      writeFileSync(replacement, otherBytes(SIZE));
      renameSync(replacement, path);

      const fresh = manager.makeCursor(path);
      assert.deepEqual(readFrom(fresh, 0), otherBytes(SIZE));
      assert.deepEqual(view, kept);
      assert.deepEqual(old.buffer(), kept);
      assert.equal(manager.numOpenFiles, 2);

      old.refresh();
      assert.deepEqual(readFrom(old, 0), otherBytes(SIZE));
    });

    test('a buffer whose cursor is refreshed reads one file, whatever it is asked', () => {
      using manager = make();
      const path = newFile();
      const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
      assert.equal(buf.at(0), contentBytes(0, 1)[0]);
      const replacement = join(dir, `refreshed-${name}`);
      writeFileSync(replacement, otherBytes(SIZE));
      renameSync(replacement, path);
      buf.cursor?.refresh();
      const answers = [buf.at(0), buf.get(0), buf.readUInt8(0), buf.slice(0, 1)[0]];
      assert.deepEqual(answers, new Array(4).fill(otherBytes(1)[0]));
    });

    test('an old cursor that moves reads old bytes or refuses, never mixed ones', () => {
      using manager = make();
      const path = newFile(20 * WINDOW);
      const old = manager.makeCursor(path).useRegion(0, 10);
      const replacement = join(dir, `moved-${name}`);
      writeFileSync(replacement, otherBytes(20 * WINDOW));
      renameSync(replacement, path);
      for (let offset = 0; offset < 20 * WINDOW; offset += PAGE_SIZE) {
        try {
          old.useRegion(offset, 100);
        } catch (error) {
          assert.ok(error instanceof FileChangedError);
          assert.equal(error.code, 'ERR_SMMAP_FILE_CHANGED');
          continue;
        }
        assert.deepEqual(old.buffer(), contentBytes(offset, 100));
      }
    });
  });

  test(`files that are removed and made anew at once are not one, ${name}`, {
    skip: tellsTimesApart() ? false : 'this system gives both the same time of birth',
  }, () => {
    using manager = make();
    const path = newFile();
    for (let round = 0; round < 50; round++) {
      using cursor = manager.makeCursor(path).useRegion();
      cursor.unuseRegion();
      manager.collect();
      letDescriptorsGo(); // now nothing keeps the old file, and its inode is free for the new one
      unlinkSync(path);
      writeFileSync(path, otherBytes(SIZE));
      assert.throws(() => cursor.useRegion(), FileChangedError, `round ${round}`);
    }
  });

  describe(`names and numbers, ${name}`, () => {
    test('a name that is removed leaves its cursor reading', () => {
      using manager = make();
      const path = newFile();
      const cursor = manager.makeCursor(path).useRegion(0);
      unlinkSync(path);
      assert.deepEqual(cursor.buffer(), contentBytes(0, cursor.size));
    });

    test('two names and a descriptor of one file share its regions', () => {
      using manager = make();
      const path = newFile();
      linkSync(path, `${path}-hard`);
      symlinkSync(path, `${path}-symbolic`);
      const fd = openSync(path, 'r');
      const cursors = [path, `${path}-hard`, `${path}-symbolic`, fd].map((item) =>
        manager.makeCursor(item).useRegion(0),
      );
      closeSync(fd);
      assert.equal(new Set(cursors.map((cursor) => cursor.region)).size, 1);
      assert.equal(manager.numOpenFiles, 1);
      assert.equal(manager.numFileHandles, 1);
      const region = cursors[0]?.region;
      assert.equal(region?.clientCount, 5);
      const pages = Math.ceil((region?.size ?? 0) / PAGE_SIZE) * PAGE_SIZE;
      assert.equal(mapped(path).bytes + mapped(`${path}-hard`).bytes, pages);
    });

    test('a descriptor number that is used again means the new file', () => {
      using manager = make();
      const first = newFile();
      const second = join(dir, `second-${name}`);
      writeFileSync(second, otherBytes(SIZE));

      const fd = openSync(first, 'r');
      const old = manager.makeCursor(fd).useRegion(0, 10);
      closeSync(fd);
      const again = openSync(second, 'r');
      assert.equal(again, fd, 'the system gives the lowest free number');
      const fresh = manager.makeCursor(again);
      assert.deepEqual(readFrom(fresh, 0), otherBytes(SIZE));
      assert.deepEqual(old.buffer(), contentBytes(0, 10));
      assert.deepEqual(readFrom(old, 0), contentBytes(0, SIZE));
      appendFileSync(first, contentBytes(SIZE, 10));
      old.refresh();
      assert.deepEqual(readFrom(old, 0), contentBytes(0, SIZE + 10));
      closeSync(again);
    });

    test('a descriptor number used again before the first region is noticed', () => {
      using manager = make();
      const first = newFile();
      const second = join(dir, `early-${name}`);
      writeFileSync(second, otherBytes(SIZE));
      const fd = openSync(first, 'r');
      const early = manager.makeCursor(fd);
      assert.equal(early.fileSize, SIZE);
      closeSync(fd);
      const again = openSync(second, 'r');
      try {
        assert.deepEqual(readFrom(early, 0), contentBytes(0, SIZE));
      } catch (error) {
        assert.ok(error instanceof FileChangedError);
      } finally {
        closeSync(again);
      }
    });
  });
}

describe('O_NOFOLLOW refuses a link', () => {
  const { O_NOFOLLOW } = constants;

  test('also to a file that the manager knows', () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW });
    const path = newFile();
    const link = `${path}.link`;
    symlinkSync(path, link);
    using known = manager.makeCursor(path).useRegion(0);
    const refused = () => manager.makeCursor(link).useRegion(0, 0, O_NOFOLLOW);
    assert.throws(refused, { code: 'ELOOP', path: link });
    assert.equal(manager.makeCursor(link).useRegion(0).region, known.region);
    using again = manager.makeCursor(path).useRegion(0, 0, O_NOFOLLOW);
    assert.equal(again.region, known.region, 'without a link it is the same file');
    const descriptors = descriptorsOn(path);
    assert.ok(descriptors <= 1, `${descriptors} are open`);
  });

  test('that took the place of a file after its first use', () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW });
    const path = newFile();
    const evil = newFile(SIZE + 1);
    const uses: ((cursor: WindowCursor) => unknown)[] = [
      (cursor) => cursor.useRegion(0, 0, O_NOFOLLOW).useRegion(WINDOW),
      (cursor) => cursor.useRegion(0, 0, { flags: O_NOFOLLOW }).useRegion(1),
      (cursor) => new SlidingWindowMapBuffer(cursor, 0, SIZE, O_NOFOLLOW).slice(),
    ];
    for (const use of uses) {
      writeContent(path, SIZE);
      using cursor = manager.makeCursor(path);
      use(cursor);
      using copy = cursor.clone();
      unlinkSync(path);
      symlinkSync(evil, path);
      assert.throws(() => cursor.refresh(), { code: 'ELOOP' });
      assert.throws(() => copy.refresh(), { code: 'ELOOP' });
      assert.equal(cursor.fileSize, SIZE);
      unlinkSync(path);
    }
  });
});

test('a link in the place of a file that O_NOFOLLOW opened is another file', () => {
  using manager = new SlidingWindowMapManager({ windowSize: WINDOW });
  const path = newFile();
  using cursor = manager.makeCursor(path).useRegion(0, 0, constants.O_NOFOLLOW);
  letDescriptorsGo();
  unlinkSync(path);
  symlinkSync(newFile(), path);
  assert.throws(
    () => cursor.useRegion(WINDOW),
    (error) =>
      error instanceof FileChangedError && (error.cause as { code: string }).code === 'ELOOP',
  );
  assert.deepEqual(cursor.map().slice(0, 9), contentBytes(0, 9));
  assert.equal(cursor.map().residency(), undefined, 'there is no file to ask');
});

test('a relative path of bytes below a folder whose name is no text', () => {
  const program = `
    import { MemoryMap, SlidingWindowMapManager } from '${import.meta.resolve('smmap')}';
    const name = Buffer.from('here');
    const cursor = new SlidingWindowMapManager().makeCursor(name).useRegion(0);
    console.log(String(cursor.buffer()), String(MemoryMap.open(name).slice()));
  `;
  const script = `
    folder=$(printf 'no text \\377\\376') && mkdir "$folder" && cd "$folder" &&
    printf content > here && exec "$0" --input-type=module -e "$1"
  `;
  const args = ['-c', script, process.execPath, program];
  assert.equal(execFileSync('sh', args, { cwd: dir, encoding: 'utf8' }), 'content content\n');
});

test('a relative path is seen from where the process stood, also one of bytes', () => {
  const folders = ['one', 'two'].map((name) => join(dir, name));
  const before = process.cwd();
  for (const [i, folder] of folders.entries()) {
    mkdirSync(folder);
    writeContent(join(folder, 'same name'), PAGE_SIZE + i);
  }
  try {
    for (const name of ['same name', Buffer.from('same name'), Buffer.from('./same name')]) {
      process.chdir(folders[0] as string);
      using manager = new SlidingWindowMapManager();
      const cursor = manager.makeCursor(name);
      process.chdir(folders[1] as string);
      assert.equal(cursor.useRegion(0).fileSize, PAGE_SIZE);
      assert.deepEqual(cursor.pathOrFd, name);
      assert.equal(manager.closeUnder(folders[0] as string), 1);
    }
  } finally {
    process.chdir(before);
  }
});
