/** What no map can be made of: descriptors, files, lengths and offsets. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import {
  MAP_PRIVATE,
  MAP_SHARED,
  MemoryMap,
  type MemoryMapOptions,
  PAGE_SIZE,
  PROT_READ,
} from 'smmap';
import { descriptorsOn } from './support/descriptors.js';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapPath } from './support/maps.js';
import { mapped } from './support/proc-maps.js';
import { NOT_MAPPABLE, RANGE, READ_ONLY, range, TYPE, VALUE } from './support/refusals.js';
import { withoutPrivileges } from './support/unprivileged.js';

const SIZE = 3 * PAGE_SIZE + 17;
const dir = tempDir();
const path = join(dir, 'good.bin');
writeContent(path, SIZE);
const fd = openSync(path, 'r+');
after(() => closeSync(fd));

const OUTSIDE = [-1, -0.5, 0.5, 1.5, Number.NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53)];
const NO_NUMBERS = ['0', '10', '', 1n, null, true, [], {}, () => 1] as unknown as number[];
const ACCESSES = ['default', 'read', 'write', 'copy'] as const;

/** Options that the types do not allow. */
function wrong(options: object): MemoryMapOptions {
  return options;
}

describe('descriptors', () => {
  test('of the wrong type, or no whole number', () => {
    for (const bad of [undefined, { fd: '3' }, { fd: 0.5 }, Symbol('fd'), ...NO_NUMBERS]) {
      assert.throws(() => new MemoryMap(bad as number, 10), {
        code: /^ERR_(INVALID_ARG_TYPE|OUT_OF_RANGE)$/,
      });
    }
    for (const bad of NO_NUMBERS) assert.throws(() => new MemoryMap(bad, 10), TYPE);
    for (const bad of [-0.5, 0.5, Number.NaN, Infinity]) {
      assert.throws(() => new MemoryMap(bad, 10), RANGE);
    }
  });

  test('that nobody has', () => {
    const closed = openSync(path, 'r');
    closeSync(closed);
    for (const bad of [-2, -1000, closed, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + fd]) {
      assert.throws(() => new MemoryMap(bad, 10), { name: 'Error', code: 'EBADF' }, `${bad}`);
      assert.throws(() => new MemoryMap(bad, 10, { trackFd: false }), { code: 'EBADF' });
    }
  });

  test('of a FileHandle is taken, and stays its own', async () => {
    const handle = await open(path, 'r+');
    const map = new MemoryMap(handle, 0);
    assert.ok(map.slice().equals(contentBytes(0, SIZE)));
    map.close();
    assert.equal((await handle.stat()).size, SIZE);
    await handle.close();
  });

  test('open for writing only: no access is enough', () => {
    const other = join(dir, 'write-only.bin');
    writeContent(other, SIZE);
    const writeOnly = openSync(other, constants.O_WRONLY);
    for (const access of ACCESSES) {
      assert.throws(() => new MemoryMap(writeOnly, 0, { access }), { code: 'EACCES' }, access);
    }
    assert.throws(() => new MemoryMap(writeOnly, 10), { code: 'EACCES' });
    closeSync(writeOnly);
    assert.deepEqual(readFileSync(other), contentBytes(0, SIZE));
  });

  test('open for reading only: enough to read, and to keep stores for oneself', () => {
    assert.throws(() => mapPath(path, 'r', 10), { code: 'EACCES' });
    assert.throws(() => mapPath(path, 'r', 10, { access: 'write' }), { code: 'EACCES' });
    assert.throws(() => mapPath(path, 'r', 10, { flags: MAP_SHARED as number }), {
      code: 'EACCES',
    });
    for (const options of [
      { access: 'copy' },
      { access: 'read' },
      { prot: PROT_READ },
      { flags: MAP_PRIVATE },
    ]) {
      using map = mapPath(path, 'r', 10, wrong(options));
      assert.deepEqual(map.slice(), contentBytes(0, 10));
    }
  });
});

describe('files that cannot be mapped', () => {
  test('an empty one, a directory, a pipe, a device', () => {
    const empty = join(dir, 'empty');
    writeContent(empty, 0);
    assert.throws(() => mapPath(empty, 'r+'), range(/cannot mmap an empty file/));
    assert.throws(() => mapPath(empty, 'r+', 1), range(/mmap length is greater than file size/));
    const folder = openSync(dir, 'r');
    assert.throws(() => new MemoryMap(folder, 10, { access: 'read' }), { code: 'EISDIR' });
    closeSync(folder);
    assert.throws(() => MemoryMap.open(dir), { code: 'EISDIR' });
    const pipe = join(dir, 'pipe');
    execFileSync('mkfifo', [pipe]);
    assert.throws(() => MemoryMap.open(pipe), NOT_MAPPABLE); // and does not wait for a writer
    for (const device of ['/dev/null', '/dev/zero', '/proc/self/status']) {
      assert.throws(() => MemoryMap.open(device), NOT_MAPPABLE, device);
      assert.throws(() => mapPath(device, 'r', 10, { access: 'read' }), NOT_MAPPABLE, device);
    }
  });

  test('a socket, by its path', async () => {
    const server = createServer();
    after(() => server.close());
    await new Promise<void>((resolve) => server.listen(join(dir, 'socket'), resolve));
    assert.throws(() => MemoryMap.open(join(dir, 'socket')), NOT_MAPPABLE);
  });

  test('one that is not there, or not for us', () => {
    const missing = join(dir, 'missing');
    assert.throws(() => MemoryMap.open(missing), { code: 'ENOENT', path: missing });
    assert.throws(() => MemoryMap.open(''), { code: 'ENOENT' });
    assert.throws(() => MemoryMap.open('with\0zero'), VALUE);
    for (const bad of [undefined, null, true, {}, [], 5n]) {
      assert.throws(() => MemoryMap.open(bad as unknown as string), TYPE);
    }
    const shared = join(dir, 'shared');
    mkdirSync(shared);
    chmodSync(dir, 0o755);
    const readable = join(shared, 'readable');
    writeContent(readable, 100);
    chmodSync(readable, 0o444);
    withoutPrivileges(() => {
      assert.throws(() => MemoryMap.open(readable, { access: 'write' }), {
        code: 'EACCES',
        path: readable,
      });
      MemoryMap.open(readable, { access: 'copy' }).close();
    });
  });

  test('an empty file that is opened by name is an empty map', () => {
    const empty = join(dir, 'empty-by-name');
    writeContent(empty, 0);
    using map = MemoryMap.open(empty);
    assert.deepEqual([map.length, map.size(), map.tell(), map.closed], [0, 0, 0, false]);
    for (const bytes of [map.slice(), map.read(), map.readline(), map.subarray(), map.bytes]) {
      assert.equal(bytes.length, 0);
    }
    assert.deepEqual(
      [map.find(''), map.find('a'), map.indexOf('a'), map.at(0)],
      [0, -1, -1, undefined],
    );
    assert.throws(() => map.get(0), RANGE);
    assert.throws(() => map.readByte(), RANGE);
    assert.throws(() => map.resize(10), READ_ONLY);
    assert.deepEqual([...map, ...map.lines()], []);
    map.flush();

    const writable = MemoryMap.open(empty, { access: 'write' });
    writable.resize(SIZE);
    writable.setSlice(contentBytes(0, SIZE));
    writable.close();
    assert.ok(readFileSync(empty).equals(contentBytes(0, SIZE)));
  });
});

describe('length and offset', () => {
  test('that are no whole numbers from 0 on', () => {
    for (const target of [fd, -1]) {
      for (const bad of OUTSIDE) {
        assert.throws(() => new MemoryMap(target, bad), RANGE, `length ${bad}`);
        assert.throws(() => new MemoryMap(target, 10, { offset: bad }), RANGE, `offset ${bad}`);
      }
      for (const bad of [undefined as unknown as number, ...NO_NUMBERS]) {
        assert.throws(() => new MemoryMap(target, bad), TYPE);
      }
      for (const bad of NO_NUMBERS) {
        assert.throws(() => new MemoryMap(target, 10, { offset: bad }), TYPE);
      }
    }
    assert.throws(() => MemoryMap.open(path, { length: -1 }), RANGE);
    assert.throws(() => MemoryMap.open(path, { offset: -1 }), RANGE);
  });

  test('that pass the end of the file', () => {
    const large = [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
    for (const length of [SIZE + 1, ...large]) {
      const refused = range(/mmap length is greater than file size/);
      assert.throws(() => new MemoryMap(fd, length), refused, `${length}`);
      assert.throws(() => new MemoryMap(fd, length, { offset: 1 }), refused);
    }
    assert.throws(() => new MemoryMap(fd, SIZE, { offset: 1 }), RANGE);
    for (const offset of [SIZE, SIZE + 1, ...large]) {
      assert.throws(() => new MemoryMap(fd, 1, { offset }), RANGE, `${offset}`);
      const refused = range(/mmap offset is greater than file size/);
      assert.throws(() => new MemoryMap(fd, 0, { offset }), refused, `${offset}`);
    }
    using last = new MemoryMap(fd, 0, { offset: SIZE - 1 });
    assert.deepEqual(last.slice(), contentBytes(SIZE - 1, 1));
  });

  test('of memory that has no file', () => {
    for (const bad of [0, -1, 0.5, 2 ** 53]) assert.throws(() => MemoryMap.anonymous(bad), RANGE);
    for (const size of [2 ** 47, 2 ** 52, 2 ** 53 - 1]) {
      assert.throws(() => MemoryMap.anonymous(size), { name: 'Error', code: 'ENOMEM' }, `${size}`);
    }
  });

  test('that are refused leave nothing mapped and nothing open', () => {
    assert.equal(mapped(path).lines, 0);
    assert.equal(descriptorsOn(path), 1); // that of this file's own
  });
});
