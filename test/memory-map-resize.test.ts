/** Resizing: the map and its file change together, or neither does. */

import assert from 'node:assert/strict';
import { readFileSync, statSync, truncateSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MapClosedError, MapFaultError, MemoryMap, PAGE_SIZE, processCounts } from 'smmap';
import { native } from '#src/native.js';
import { descriptorsOn } from './support/descriptors.js';
import { contentByte, contentBytes, tempDir, writeContent } from './support/files.js';
import { mapped } from './support/proc-maps.js';

const SIZE = 3 * PAGE_SIZE + 50;
const dir = tempDir();
const linux = { skip: process.platform !== 'linux' && 'looks into /proc' };
let made = 0;

function newFile(size = SIZE): string {
  const path = join(dir, `file-${++made}`);
  writeContent(path, size);
  return path;
}

/** Content up to `size` bytes of it, then zeros up to `length`. */
function grown(size: number, length: number): Buffer {
  return Buffer.concat([
    contentBytes(0, Math.min(size, length)),
    Buffer.alloc(Math.max(0, length - size)),
  ]);
}

test('map and file have the new size, at every offset', () => {
  const size = fc.integer({ min: 1, max: 6 * PAGE_SIZE });
  const offset = fc.constantFrom(0, 1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 7);
  fc.assert(
    fc.property(offset, fc.array(size, { minLength: 1, maxLength: 5 }), (at, sizes) => {
      const path = newFile();
      using map = MemoryMap.open(path, { access: 'write', offset: at });
      let kept = SIZE;
      for (const next of sizes) {
        map.resize(next);
        kept = Math.min(kept, at + next);
        const wanted = grown(kept, at + next);
        assert.deepEqual(
          [map.length, map.size(), statSync(path).size],
          [next, at + next, at + next],
        );
        assert.ok(map.bytes.equals(wanted.subarray(at)));
        assert.ok(readFileSync(path).equals(wanted));
      }
    }),
    { numRuns: 40 },
  );
});

test('views are empty, and the position stays, also past the end', () => {
  using map = MemoryMap.open(newFile(), { access: 'write' });
  const { bytes } = map;
  map.seek(100);
  map.resize(50);
  assert.equal(bytes.length, 0);
  assert.equal(map.tell(), 100);
  assert.deepEqual([map.read().length, map.read(5).length, map.readline().length], [0, 0, 0]);
  for (const call of [
    () => map.readByte(),
    () => map.writeByte(1),
    () => map.write(Buffer.of(1)),
    () => map.write(Buffer.alloc(0)),
    () => map.seek(0, 1),
  ]) {
    assert.throws(call, { code: 'ERR_OUT_OF_RANGE' });
  }
  assert.equal(map.find('x'), -1);
  map.seek(0);
  assert.equal(map.readByte(), contentByte(0));
});

test('a file that has more than the map ends with the map, as in Python', () => {
  const path = newFile();
  using map = MemoryMap.open(path, { access: 'write', length: 100 });
  map.resize(200);
  assert.ok(readFileSync(path).equals(contentBytes(0, 200)));
  assert.ok(map.bytes.equals(contentBytes(0, 200)));
});

test('new blocks are there before the map is', linux, () => {
  const path = newFile();
  using map = MemoryMap.open(path, { access: 'write' });
  map.resize(100 * PAGE_SIZE);
  assert.ok(statSync(path).blocks * 512 >= 100 * PAGE_SIZE);
});

test('nothing is left mapped or open', linux, () => {
  const path = newFile();
  const before = processCounts().maps;
  const map = MemoryMap.open(path, { access: 'write' });
  for (let i = 1; i <= 50; i++) map.resize(i * 1_000);
  assert.equal(processCounts().maps, before + 1);
  assert.equal(mapped(path).bytes, 13 * PAGE_SIZE);
  map.close();
  assert.equal(processCounts().maps, before);
  assert.deepEqual([mapped(path).bytes, descriptorsOn(path)], [0, 0]);
  assert.throws(() => map.resize(10), MapClosedError);
});

describe('memory of no file', () => {
  test('that is private grows and shrinks, and keeps its bytes', () => {
    using map = MemoryMap.anonymous(SIZE, { access: 'copy' });
    map.setSlice(contentBytes(0, SIZE));
    map.resize(SIZE * 3);
    assert.ok(map.bytes.equals(grown(SIZE, SIZE * 3)));
    map.resize(100);
    assert.ok(map.bytes.equals(contentBytes(0, 100)));
    map.resize(SIZE);
    assert.ok(map.bytes.equals(grown(100, SIZE)));
    assert.equal(map.size(), SIZE);
  });

  test('that is shared shrinks only', () => {
    using map = MemoryMap.anonymous(SIZE);
    map.setSlice(contentBytes(0, SIZE));
    assert.throws(() => map.resize(SIZE + 1), { code: 'ERR_OUT_OF_RANGE', message: /cannot grow/ });
    assert.equal(map.length, SIZE);
    map.resize(100);
    assert.ok(map.bytes.equals(contentBytes(0, 100)));
    assert.throws(() => map.resize(101), { code: 'ERR_OUT_OF_RANGE' });
  });
});

describe('is refused', () => {
  test('for sizes that are none', () => {
    const path = newFile();
    using map = MemoryMap.open(path, { access: 'write' });
    for (const size of [0, -1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      assert.throws(() => map.resize(size), { code: 'ERR_OUT_OF_RANGE' }, `${size}`);
    }
    assert.throws(() => map.resize('10' as never), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.ok(map.bytes.equals(contentBytes(0, SIZE)));
    assert.equal(statSync(path).size, SIZE);
  });

  test('for maps that do not write to their file', () => {
    const path = newFile();
    using reader = MemoryMap.open(path);
    using copy = MemoryMap.open(path, { access: 'copy' });
    assert.throws(() => reader.resize(10), { code: 'ERR_SMMAP_READ_ONLY' });
    assert.throws(() => copy.resize(10), { code: 'ERR_INVALID_STATE' });
  });

  test('once a page was lost', linux, () => {
    const path = newFile();
    const map = MemoryMap.open(path, { access: 'write' });
    truncateSync(path, 10);
    map.bytes[2 * PAGE_SIZE] = 1;
    assert.throws(() => map.resize(100), MapFaultError);
    assert.throws(() => map.close(), MapFaultError);
    map.close();
    assert.deepEqual([mapped(path).bytes, descriptorsOn(path)], [0, 0]);
  });
});

describe('when the system says no, map and file are as they were:', () => {
  /** Runs `body` while a call of the addon fails with an error of the system. */
  function failing(
    name: 'extend' | 'mapLike' | 'truncate' | 'status',
    code: string,
    body: () => void,
  ): void {
    const real = native[name] as (...given: unknown[]) => unknown;
    const errno = -((osConstants.errno as Record<string, number>)[code] as number);
    Object.assign(native, {
      [name]: () => {
        throw Object.assign(new Error(), { errno, syscall: name });
      },
    });
    try {
      body();
    } finally {
      Object.assign(native, { [name]: real });
    }
  }

  const cases = [
    ['blocks cannot be had', 'extend', 'ENOSPC', 2 * SIZE],
    ['no mapping can be had to grow', 'mapLike', 'ENOMEM', 2 * SIZE],
    ['no mapping can be had to shrink', 'mapLike', 'ENOMEM', 10],
    ['the file cannot be cut', 'truncate', 'EPERM', 10],
    ['the file cannot be asked', 'status', 'EIO', 10],
  ] as const;
  for (const [name, call, code, size] of cases) {
    test(name, linux, () => {
      const path = newFile();
      const before = processCounts().maps;
      using map = MemoryMap.open(path, { access: 'write', offset: 5 });
      failing(call, code, () => assert.throws(() => map.resize(size), { code }));
      assert.deepEqual([map.length, map.size(), statSync(path).size], [SIZE - 5, SIZE, SIZE]);
      assert.ok(map.bytes.equals(contentBytes(5, SIZE - 5)));
      map.set(0, contentByte(5) ^ 0xff);
      assert.equal(readFileSync(path)[5], contentByte(5) ^ 0xff);
      assert.equal(processCounts().maps, before + 1);
      map.resize(size);
      assert.deepEqual([map.length, statSync(path).size], [size, size + 5]);
    });
  }

  test('nothing for memory of no file', () => {
    using map = MemoryMap.anonymous(SIZE, { access: 'copy' });
    map.setSlice(contentBytes(0, SIZE));
    failing('mapLike', 'ENOMEM', () => {
      assert.throws(() => map.resize(2 * SIZE), { code: 'ENOMEM', message: /vm.max_map_count/ });
    });
    assert.ok(map.bytes.equals(contentBytes(0, SIZE)));
  });
});
