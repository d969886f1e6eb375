/** How a map is asked for, and what it then is. */

import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  ACCESS_COPY,
  ACCESS_WRITE,
  MAP_ANONYMOUS,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  MapClosedError,
  MemoryMap,
  type MemoryMapOptions,
  PAGE_SIZE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from 'smmap';
import { descriptorsOn } from './support/descriptors.js';
import { contentByte, contentBytes, tempDir, writeContent } from './support/files.js';
import { mapped } from './support/proc-maps.js';

const SIZE = 5 * PAGE_SIZE + 123;
const dir = tempDir();
const posix = { skip: process.platform === 'win32' && 'flags and prot are for POSIX systems' };
const linux = { skip: process.platform !== 'linux' && 'looks into /proc' };
let made = 0;

function newFile(size = SIZE): string {
  const path = join(dir, `file-${++made}`);
  writeContent(path, size);
  return path;
}

/** Runs with a descriptor, which is closed before the map is used. */
function mapOf(path: string, flags: string, length: number, options?: MemoryMapOptions): MemoryMap {
  const fd = openSync(path, flags);
  try {
    return new MemoryMap(fd, length, options);
  } finally {
    closeSync(fd);
  }
}

describe('a map by descriptor', () => {
  test('needs the descriptor no longer, and has the whole file with length 0', () => {
    const path = newFile();
    using map = mapOf(path, 'r', 0, { access: 'read' });
    assert.equal(map.length, SIZE);
    assert.ok(map.bytes.equals(contentBytes(0, SIZE)));
    assert.equal(map.size(), SIZE);
  });

  test('writes through without options, as Python’s', () => {
    const path = newFile();
    using map = mapOf(path, 'r+', 0);
    assert.deepEqual([map.access, map.readonly], ['default', false]);
    map.set(7, 99);
    assert.equal(readFileSync(path)[7], 99);
  });

  test('takes a FileHandle for its descriptor', async () => {
    const handle = await open(newFile());
    using map = new MemoryMap(handle, 10, { access: 'read' });
    await handle.close();
    assert.deepEqual(map.slice(), contentBytes(0, 10));
  });

  for (const offset of [
    0,
    1,
    7,
    PAGE_SIZE - 1,
    PAGE_SIZE,
    PAGE_SIZE + 1,
    3 * PAGE_SIZE + 8,
    SIZE - 1,
  ]) {
    test(`begins at any offset: ${offset}`, () => {
      const path = newFile();
      using map = mapOf(path, 'r+', 0, { offset, access: 'write' });
      assert.deepEqual([map.offset, map.length], [offset, SIZE - offset]);
      assert.ok(map.bytes.equals(contentBytes(offset, SIZE - offset)));
      assert.equal(map.at(0), contentByte(offset));
      assert.equal(map.at(-1), contentByte(SIZE - 1));
      assert.equal(map.at(map.length), undefined);
      assert.ok(Buffer.concat([...map.chunks()]).equals(contentBytes(offset, SIZE - offset)));
      map.set(0, contentByte(offset) ^ 0xff);
      const wanted = contentBytes(0, SIZE);
      wanted[offset] = contentByte(offset) ^ 0xff;
      assert.ok(readFileSync(path).equals(wanted));
      if (offset % PAGE_SIZE === 0) assert.equal(map.arrayBuffer.byteLength, SIZE - offset);
      else
        assert.throws(() => map.arrayBuffer, { code: 'ERR_INVALID_STATE', message: /use bytes/ });
    });
  }

  test('ends where its length says, inside a page, and so does its ArrayBuffer', () => {
    using map = mapOf(newFile(), 'r', PAGE_SIZE + 5, { offset: PAGE_SIZE, access: 'read' });
    assert.equal(map.length, PAGE_SIZE + 5);
    assert.deepEqual(Buffer.from(map.arrayBuffer), contentBytes(PAGE_SIZE, PAGE_SIZE + 5));
  });
});

describe('access', () => {
  test('reads back as it was asked for', posix, () => {
    const path = newFile();
    const asked: [MemoryMapOptions, string, boolean][] = [
      [{ access: 'write' }, 'write', false],
      [{ access: ACCESS_WRITE }, 'write', false],
      [{ access: 'copy' }, 'copy', false],
      [{ access: ACCESS_COPY }, 'copy', false],
      [{ access: 'read' }, 'read', true],
      [{ access: 'default' }, 'default', false],
      [{ prot: PROT_READ as number }, 'read', true],
      [{ prot: (PROT_READ as number) | (PROT_EXEC as number) }, 'read', true],
      [{ prot: PROT_WRITE as number }, 'write', false],
      [{ prot: (PROT_READ as number) | (PROT_WRITE as number) }, 'default', false],
      [{ flags: MAP_PRIVATE as number }, 'default', false],
      [{ access: 'default', flags: MAP_SHARED as number }, 'default', false],
    ];
    for (const [options, access, readonly] of asked) {
      using map = mapOf(path, 'r+', 0, options);
      assert.deepEqual([map.access, map.readonly], [access, readonly], JSON.stringify(options));
    }
  });

  test(
    'copy, and MAP_PRIVATE, keep stores to themselves, of a file opened for reading',
    posix,
    () => {
      const path = newFile();
      for (const options of [{ access: 'copy' }, { flags: MAP_PRIVATE as number }] as const) {
        using map = mapOf(path, 'r', 0, options);
        map.set(0, contentByte(0) ^ 0xff);
        assert.equal(map.get(0), contentByte(0) ^ 0xff);
        assert.ok(readFileSync(path).equals(contentBytes(0, SIZE)));
      }
    },
  );

  test('two maps of one file see each other’s stores', () => {
    const path = newFile();
    using first = MemoryMap.open(path, { access: 'write' });
    using second = MemoryMap.open(path, { offset: PAGE_SIZE });
    first.set(PAGE_SIZE + 3, contentByte(PAGE_SIZE + 3) ^ 0xff);
    assert.equal(second.get(3), contentByte(PAGE_SIZE + 3) ^ 0xff);
  });

  test('writing needs a descriptor that may write', () => {
    const path = newFile();
    assert.throws(() => mapOf(path, 'r', 0), { code: 'EACCES' });
    assert.throws(() => mapOf(path, 'r', 0, { access: 'write' }), { code: 'EACCES' });
  });

  test('a descriptor for writing alone is none for reading', posix, () => {
    const path = newFile();
    const fd = openSync(path, constants.O_WRONLY);
    try {
      for (const access of ['read', 'write', 'copy'] as const) {
        assert.throws(() => new MemoryMap(fd, 0, { access }), { code: 'EACCES' });
      }
    } finally {
      closeSync(fd);
    }
  });
});

describe('open', () => {
  test('reads, by path, URL and Buffer', () => {
    const path = newFile();
    for (const given of [path, pathToFileURL(path), Buffer.from(path)]) {
      using map = MemoryMap.open(given, { offset: 5, length: 20 });
      assert.equal(map.access, 'read');
      assert.deepEqual(map.slice(), contentBytes(5, 20));
    }
  });

  test('an empty file is an empty map that can grow', () => {
    const path = newFile(0);
    using map = MemoryMap.open(path, { access: 'write' });
    assert.deepEqual([map.length, map.bytes.length, map.arrayBuffer.byteLength], [0, 0, 0]);
    assert.deepEqual([map.at(0), map.find('x'), map.read().length], [undefined, -1, 0]);
    map.flush();
    map.madvise('normal');
    assert.equal(map.residentBytes, 0);
    map.resize(10);
    map.write(Buffer.from('0123456789'));
    assert.equal(readFileSync(path, 'latin1'), '0123456789');
  });

  test('keeps the file when its name is gone or stands for another', () => {
    const path = newFile();
    using removed = MemoryMap.open(path, { access: 'write' });
    unlinkSync(path);
    removed.resize(SIZE + 10);
    assert.deepEqual([removed.size(), removed.get(SIZE + 9)], [SIZE + 10, 0]);

    const other = newFile(10);
    const replaced = newFile();
    using map = MemoryMap.open(replaced);
    renameSync(other, replaced);
    assert.equal(map.size(), SIZE);
  });

  test('what cannot be mapped is said, and nothing is left open', linux, () => {
    const before = descriptorsOn(dir);
    const empty = newFile(0);
    const path = newFile();
    assert.throws(() => MemoryMap.open(join(dir, 'none')), {
      code: 'ENOENT',
      path: join(dir, 'none'),
    });
    assert.throws(() => MemoryMap.open(dir), { code: 'EISDIR' });
    assert.throws(() => MemoryMap.open('/dev/zero', { length: 10 }), {
      code: 'ERR_SMMAP_NOT_MAPPABLE',
    });
    assert.throws(() => MemoryMap.open('/proc/self/maps'), { code: 'ERR_SMMAP_NOT_MAPPABLE' });
    assert.throws(() => mapOf(empty, 'r+', 0), /cannot mmap an empty file/);
    assert.throws(() => MemoryMap.open(empty, { offset: 1 }), /cannot mmap an empty file/);
    assert.throws(() => MemoryMap.open(path, { offset: SIZE }), /offset is greater than file size/);
    assert.throws(
      () => MemoryMap.open(path, { length: SIZE + 1 }),
      /length is greater than file size/,
    );
    assert.throws(() => MemoryMap.open(path, { offset: 1, length: SIZE }), {
      code: 'ERR_OUT_OF_RANGE',
      message: new RegExp(`at most ${SIZE - 1}`),
    });
    assert.equal(descriptorsOn(dir), before);
    assert.equal(mapped(dir).bytes, 0);
  });
});

describe('memory of no file', () => {
  test('is zeros, as long as it is asked to be, and a descriptor of -1', () => {
    using map = MemoryMap.anonymous(10_000);
    using same = new MemoryMap(-1, 10_000);
    for (const each of [map, same]) {
      assert.deepEqual([each.length, each.offset, each.size()], [10_000, 0, 10_000]);
      assert.ok(each.bytes.every((byte) => byte === 0));
      for (let i = 0; i < each.length; i++) each.set(i, i % 251);
      assert.ok(each.bytes.every((byte, i) => byte === i % 251));
    }
  });

  test('is what MAP_ANONYMOUS means, whatever descriptor comes with it', posix, () => {
    const path = newFile();
    const flags = (MAP_ANONYMOUS as number) | (MAP_PRIVATE as number);
    using map = mapOf(path, 'r', 100, { flags });
    assert.ok(map.bytes.every((byte) => byte === 0));
    map.set(0, 1);
    assert.equal(readFileSync(path)[0], contentByte(0));
  });

  test('of no bytes there is none', () => {
    assert.throws(() => MemoryMap.anonymous(0), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => new MemoryMap(-1, 0), { code: 'ERR_OUT_OF_RANGE' });
  });
});

describe('trackFd: false', () => {
  test('keeps no descriptor, and refuses what would need one', linux, () => {
    const path = newFile();
    const before = descriptorsOn(dir);
    using map = MemoryMap.open(path, { access: 'write', trackFd: false });
    assert.equal(descriptorsOn(dir), before);
    map.set(0, 5);
    map.flush();
    assert.equal(readFileSync(path)[0], 5);
    assert.throws(() => map.size(), { code: 'ERR_INVALID_STATE', message: /trackFd/ });
    assert.throws(() => map.resize(10), { code: 'ERR_INVALID_STATE', message: /trackFd/ });
    assert.equal(map.residentBytes === undefined, false);
  });

  test('true keeps one of its own until it is closed', linux, () => {
    const path = newFile();
    const before = descriptorsOn(dir);
    const map = MemoryMap.open(path);
    assert.equal(descriptorsOn(dir), before + 1);
    map.close();
    map.close();
    assert.equal(descriptorsOn(dir), before);
    assert.equal(mapped(path).bytes, 0);
    assert.throws(() => map.get(0), MapClosedError);
  });
});

describe('flags', () => {
  test('that are harmless are passed on', posix, () => {
    const flags = (MAP_PRIVATE as number) | (MAP_NORESERVE ?? 0) | (MAP_POPULATE ?? 0);
    using map = mapOf(newFile(), 'r', 0, { flags });
    assert.ok(map.bytes.equals(contentBytes(0, SIZE)));
  });

  test('MAP_POPULATE brings a file into memory and copies none of it', linux, () => {
    const path = newFile();
    using map = mapOf(path, 'r', 0, {
      prot: PROT_READ as number,
      flags: (MAP_SHARED as number) | (MAP_POPULATE as number),
    });
    assert.equal(map.residentBytes, SIZE);
    writeFileSync(path, Buffer.alloc(SIZE, 1), { flag: 'r+' });
    assert.ok(
      map.bytes.every((byte) => byte === 1),
      'what is written later is seen',
    );
  });

  test('that could harm the process, and unknown ones, are refused', posix, () => {
    const path = newFile();
    const shared = MAP_SHARED as number;
    const refused = [
      0,
      3,
      shared | 0x10,
      shared | 0x100,
      shared | 0x40000,
      shared | 0x100000,
      shared | (2 ** 30),
    ];
    for (const flags of refused) {
      assert.throws(
        () => mapOf(path, 'r+', 0, { flags }),
        { code: 'ERR_INVALID_ARG_VALUE' },
        `${flags}`,
      );
    }
    for (const prot of [0, 8, 16, (PROT_READ as number) | 0x1000000]) {
      assert.throws(
        () => mapOf(path, 'r+', 0, { prot }),
        { code: 'ERR_INVALID_ARG_VALUE' },
        `${prot}`,
      );
    }
  });
});
