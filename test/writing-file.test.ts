/** What a manager made for writing does to its file besides storing: flush, make it longer, refuse. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  type MapManagerOptions,
  PAGE_SIZE,
  ReadOnlyError,
  SlidingWindowMapManager,
  StaticWindowMapManager,
} from 'smmap';
import { native } from '#src/native.js';
import { checkout } from './support/checkout.js';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { withoutPrivileges } from './support/unprivileged.js';

const WINDOW = 4 * PAGE_SIZE;
const SIZE = 2 * WINDOW + PAGE_SIZE + 50;
const dir = tempDir();
let made = 0;

/** A new file, of which each test has its own. */
function newFile(size = SIZE): string {
  const path = join(dir, `file-${++made}`);
  writeContent(path, size);
  return path;
}

function writer(options: MapManagerOptions = {}): SlidingWindowMapManager {
  return new SlidingWindowMapManager({ windowSize: WINDOW, access: 'write', ...options });
}

/** Runs `body` while flushing does what `flush` does; gives back what it was asked. */
function flushing(body: () => void, flush: typeof native.flush = native.flush): number[][] {
  const asked: number[][] = [];
  const real = native.flush;
  native.flush = (handle, offset, length, ...rest) => {
    asked.push([offset, length]);
    flush(handle, offset, length, ...rest);
  };
  try {
    body();
  } finally {
    native.flush = real;
  }
  return asked;
}

/** Whether system calls can be watched here. */
function canTrace(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('flush', () => {
  test('asks for the pages of the slice, and no others', () => {
    using manager = writer();
    using cursor = manager.makeCursor(newFile()).useRegion(WINDOW + PAGE_SIZE + 10, PAGE_SIZE);
    const asked = flushing(() => cursor.flush());
    assert.deepEqual(asked, [[PAGE_SIZE, PAGE_SIZE + 10]]);
  });

  test('returns when the system says that they are with the device', {
    skip: canTrace() ? false : 'there is no strace that may look',
  }, () => {
    const path = newFile();
    const log = join(dir, 'calls');
    const program = `
      import { SlidingWindowMapManager } from 'smmap';
      const manager = new SlidingWindowMapManager({ windowSize: ${WINDOW}, access: 'write' });
      const cursor = manager.makeCursor(${JSON.stringify(path)}).useRegion(${PAGE_SIZE}, 10);
      cursor.buffer().fill(1);
      cursor.flush();`;
    const run = [process.execPath, '--input-type=module', '-e', program];
    execFileSync('strace', ['-f', '-e', 'trace=msync', '-o', log, ...run], { cwd: checkout });
    const calls = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('msync('));
    assert.equal(calls.length, 1);
    assert.match(calls[0] as string, /msync\(0x[0-9a-f]+, \d+, MS_SYNC\)\s+= 0/);
  });

  test('of a manager that does not write asks for nothing', () => {
    const path = newFile();
    for (const access of ['read', 'copy'] as const) {
      using manager = writer({ access });
      using cursor = manager.makeCursor(path).useRegion();
      cursor.buffer()[0] = 1;
      assert.deepEqual(
        flushing(() => cursor.flush()),
        [],
      );
    }
    assert.ok(readFileSync(path).equals(contentBytes(0, SIZE)));
  });

  test('tells what the device says, and can be tried again', () => {
    using manager = writer();
    using cursor = manager.makeCursor(newFile()).useRegion(0, 10);
    const fails = () => {
      throw Object.assign(new Error(), { errno: -5, syscall: 'msync' });
    };
    const broken = () => assert.throws(() => cursor.flush(), { code: 'EIO', syscall: 'msync' });
    assert.equal(flushing(broken, fails).length, 1);
    assert.equal(flushing(() => cursor.flush()).length, 1);
    assert.deepEqual(cursor.buffer(), contentBytes(0, 10));
  });

  test('needs a region', () => {
    using manager = writer();
    using cursor = manager.makeCursor(newFile());
    assert.throws(() => cursor.flush(), { code: 'ERR_SMMAP_INVALID_CURSOR' });
  });
});

describe('extendFile', () => {
  test('allocates every new block; they hold zeros and take stores', () => {
    const path = newFile();
    using manager = writer();
    using cursor = manager.makeCursor(path);
    const size = 100 * PAGE_SIZE + 3;
    assert.equal(cursor.extendFile(size), cursor);
    const { blocks } = statSync(path);
    assert.ok(blocks * 512 >= size, `${blocks} blocks`);
    const wanted = Buffer.concat([contentBytes(0, SIZE), Buffer.alloc(size - SIZE)]);
    assert.ok(readFileSync(path).equals(wanted));
    for (let offset = 0; offset < size; offset += WINDOW) {
      contentBytes(offset, cursor.useRegion(offset).size).copy(cursor.buffer());
    }
    assert.ok(readFileSync(path).equals(contentBytes(0, size)));
  });

  for (const [name, options] of [
    ['sliding', {}],
    ['static', { windowSize: 0 }],
  ] as const) {
    test(`while others stand on the last window, ${name}`, () => {
      const path = newFile();
      using manager = writer(options);
      using one = manager.makeCursor(path).useRegion(SIZE - 10);
      using other = manager.makeCursor(path).useRegion(SIZE - 20, 5);
      const views = [one.buffer(), other.buffer()];
      one.extendFile(SIZE + 3 * WINDOW);
      assert.deepEqual([one.fileSize, other.fileSize], Array(2).fill(SIZE + 3 * WINDOW));
      assert.deepEqual(views, [contentBytes(SIZE - 10, 10), contentBytes(SIZE - 20, 5)]);
      using fresh = manager.makeCursor(path).useRegion(SIZE - 10, 20);
      assert.equal(fresh.size, 20);
      fresh.buffer().fill(1);
      assert.deepEqual(views[0], Buffer.alloc(10, 1), 'the old window is the same file');
      other.useRegion(SIZE, 10);
      assert.deepEqual(other.buffer(), Buffer.from([...Array(10).fill(1)]));
    });
  }

  test('of an empty file', () => {
    const path = newFile(0);
    using manager = writer();
    using cursor = manager.makeCursor(path);
    assert.equal(cursor.useRegion().isValid, false);
    cursor.extendFile(5_000).useRegion().buffer().fill(6);
    assert.ok(readFileSync(path).equals(Buffer.alloc(5_000, 6)));
  });

  test('of a file whose name was removed', () => {
    const path = newFile();
    using manager = writer();
    using cursor = manager.makeCursor(path).useRegion();
    unlinkSync(path);
    cursor.extendFile(SIZE + WINDOW).useRegion(SIZE);
    assert.deepEqual(cursor.buffer(), Buffer.alloc(cursor.size));
    assert.equal(cursor.fileSize, SIZE + WINDOW);
  });

  test('to the size it has changes nothing', () => {
    const path = newFile();
    using manager = writer();
    using cursor = manager.makeCursor(path);
    assert.equal(cursor.extendFile(SIZE).fileSize, SIZE);
    assert.ok(readFileSync(path).equals(contentBytes(0, SIZE)));
  });

  test('never makes it shorter, though somebody else made it longer meanwhile', () => {
    const path = newFile();
    using manager = writer();
    using cursor = manager.makeCursor(path).useRegion();
    const refused = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
    for (const size of [0, 1, SIZE - 1, -1, 0.5, Number.NaN, 2 ** 53]) {
      assert.throws(() => cursor.extendFile(size), refused);
    }
    appendFileSync(path, contentBytes(SIZE, 100));
    assert.throws(() => cursor.extendFile(SIZE + 50), refused);
    cursor.extendFile(SIZE + 200);
    const wanted = Buffer.concat([contentBytes(0, SIZE + 100), Buffer.alloc(100)]);
    assert.ok(readFileSync(path).equals(wanted));
  });

  test('after somebody cut the file', () => {
    const path = newFile();
    using manager = writer();
    using cursor = manager.makeCursor(path).useRegion(0, 10);
    truncateSync(path, 10);
    cursor.extendFile(2 * WINDOW).useRegion(WINDOW);
    assert.deepEqual(cursor.buffer(), Buffer.alloc(WINDOW));
    const wanted = Buffer.concat([contentBytes(0, 10), Buffer.alloc(2 * WINDOW - 10)]);
    assert.ok(readFileSync(path).equals(wanted));
  });

  test('is refused by managers that do not write', () => {
    const path = newFile();
    for (const access of ['read', 'copy'] as const) {
      for (const manager of [writer({ access }), new StaticWindowMapManager({ access })]) {
        using cursor = manager.makeCursor(path);
        assert.throws(() => cursor.extendFile(SIZE + 1), ReadOnlyError);
        manager.close();
      }
    }
    assert.equal(statSync(path).size, SIZE);
  });
});

describe('what may not be written', () => {
  /** A number of the file, open in one way only, and a cursor that it does not serve. */
  function refused(access: 'read' | 'write', flags: number): void {
    const path = newFile();
    const fd = openSync(path, flags);
    try {
      using manager = writer({ access });
      using cursor = manager.makeCursor(fd);
      assert.throws(() => cursor.useRegion(), { code: 'EACCES' });
      assert.equal(cursor.isValid, false);
    } finally {
      closeSync(fd);
    }
    assert.ok(readFileSync(path).equals(contentBytes(0, SIZE)));
  }

  test('a descriptor open for reading only', () => refused('write', constants.O_RDONLY));
  test('a descriptor open for writing only', () => refused('write', constants.O_WRONLY));
  test('and cannot be read either', () => refused('read', constants.O_WRONLY));

  test('a file that the user may only read', () => {
    const path = newFile();
    chmodSync(dir, 0o755);
    chmodSync(path, 0o444);
    withoutPrivileges(() => {
      using manager = writer();
      using cursor = manager.makeCursor(path);
      assert.throws(() => cursor.useRegion(), { code: 'EACCES', syscall: 'open', path });
      assert.equal(cursor.isValid, false);
      for (const access of ['read', 'copy'] as const) {
        using reader = writer({ access });
        const { size } = reader.makeCursor(path).useRegion(0, 10);
        assert.equal(size, 10);
      }
    });
  });

  test('does not stand in the way of a name of the same file that may be', () => {
    const path = newFile();
    const fd = openSync(path, 'r');
    using manager = writer();
    using useless = manager.makeCursor(fd);
    assert.throws(() => useless.useRegion(), { code: 'EACCES' });
    using cursor = manager.makeCursor(path).useRegion(0, 1);
    cursor.buffer()[0] = 1;
    assert.equal(readFileSync(path)[0], 1);
    closeSync(fd);
  });

  test('nor made longer: a descriptor open for reading only', () => {
    const path = newFile();
    const fd = openSync(path, 'r');
    using manager = writer();
    using cursor = manager.makeCursor(fd);
    assert.throws(() => cursor.extendFile(SIZE + 1), { code: 'EACCES' });
    assert.equal(statSync(path).size, SIZE);
    closeSync(fd);
  });
});
