/** CPython's `test_mmap`: flushing, advice, names, and sizes of anonymous memory. See `mmap-suite.test.ts`. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  MADV_NORMAL,
  MAP_PRIVATE,
  MAP_SHARED,
  MemoryMap,
  MS_ASYNC,
  MS_INVALIDATE,
  MS_SYNC,
  PAGE_SIZE,
} from 'smmap';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapOfBytes, mapPath } from './support/maps.js';
import { mapsLines } from './support/proc-maps.js';
import { RANGE, STATE, TYPE } from './support/refusals.js';

const dir = tempDir();
const windows = process.platform === 'win32' && 'Windows has nothing of the kind';

test('test_flush_return_value', () => {
  using map = new MemoryMap(-1, 16);
  map.write(Buffer.from('python'));
  assert.equal(map.flush(), undefined);
  assert.equal(map.flush(1, 6), undefined); // Python leaves the rounding to its caller
  assert.equal(map.slice(0, 7).toString(), 'python\0');
  assert.throws(() => map.flush(1, 16), RANGE);
  assert.throws(() => map.flush(17), RANGE);
  assert.throws(() => map.flush(-1), RANGE);
  assert.throws(() => map.flush(0, -1), RANGE);
});

test('test_flush_parameters', { skip: windows }, () => {
  const path = join(dir, 'flushed.bin');
  const size = 2 * PAGE_SIZE + 100;
  writeContent(path, size);
  using map = mapPath(path, 'r+');
  const ways: ((map: MemoryMap) => void)[] = [
    (map) => map.flush(),
    (map) => map.flush(PAGE_SIZE),
    (map) => map.flush(PAGE_SIZE, PAGE_SIZE),
    (map) => map.flush(size),
    (map) => map.flush(0, size, { flags: MS_SYNC as number }),
    (map) => map.flush(0, size, { flags: MS_ASYNC as number }),
    (map) => map.flush(0, size, { flags: MS_INVALIDATE as number }),
    (map) => map.flush(0, size, { flags: (MS_ASYNC as number) | (MS_INVALIDATE as number) }),
    (map) => map.flush(PAGE_SIZE + 1, 5, { async: true }),
  ];
  const wanted = contentBytes(0, size);
  for (const [i, flush] of ways.entries()) {
    const place = PAGE_SIZE + i;
    map.set(place, i);
    wanted[place] = i;
    flush(map);
    assert.ok(readFileSync(path).equals(wanted), `way ${i}`);
  }
});

test('test_madvise', { skip: windows }, () => {
  const size = 2 * PAGE_SIZE;
  const bytes = contentBytes(0, size);
  using map = mapOfBytes(bytes);
  for (const normal of ['normal', MADV_NORMAL as number] as const) {
    assert.throws(() => map.madvise(normal, size), RANGE);
    assert.throws(() => map.madvise(normal, -1), RANGE);
    assert.throws(() => map.madvise(normal, 0, -1), RANGE);
    for (const range of [
      [],
      [PAGE_SIZE],
      [PAGE_SIZE, size],
      [0, 2],
      [0, size],
      [PAGE_SIZE, Number.MAX_SAFE_INTEGER], // Python: OverflowError
      [1, 2], // Python: EINVAL
    ]) {
      assert.equal(map.madvise(normal, ...range), undefined, `${range}`);
    }
  }
  assert.deepEqual(map.slice(), bytes);
});

test('advice that throws contents away is for whole pages in its range', { skip: windows }, () => {
  const size = 3 * PAGE_SIZE - 7;
  const bytes = contentBytes(0, size);
  using map = mapOfBytes(bytes, { access: 'copy' }); // private: what is thrown away is zeros
  map.madvise('dontneed', 1, 2 * PAGE_SIZE - 2);
  map.madvise('dontneed', PAGE_SIZE + 1);
  const wanted = Buffer.from(bytes).fill(0, 2 * PAGE_SIZE); // the map's end is the end of a page
  assert.deepEqual(map.slice(), wanted);
  map.madvise('dontneed', PAGE_SIZE - 1, PAGE_SIZE + 1);
  assert.deepEqual(map.slice(), wanted.fill(0, PAGE_SIZE, 2 * PAGE_SIZE));
  map.madvise('willneed', 1, 2);
  assert.deepEqual(map.slice(), wanted);
});

test('test_set_name', { skip: process.platform !== 'linux' && 'Linux alone has names' }, (t) => {
  const path = join(dir, 'unnamed.bin');
  writeContent(path, 10);
  using file = mapPath(path, 'r+');
  assert.throws(() => file.setName('of a file'), STATE);
  for (const flags of [MAP_SHARED as number, MAP_PRIVATE as number]) {
    using map = new MemoryMap(-1, 3 * PAGE_SIZE, { flags });
    const tooLong = 'x'.repeat(81);
    assert.throws(() => map.setName(tooLong), { code: /^(EINVAL|ERR_OUT_OF_RANGE)$/ });
    assert.throws(() => map.setName(5 as unknown as string), TYPE);
    const name = `the test of memory ${flags}`;
    try {
      assert.equal(map.setName(name), undefined);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EINVAL');
      t.skip('this kernel was built without names');
      return;
    }
    const [line, ...more] = mapsLines().filter((each) => each.path.includes(name));
    assert.deepEqual([line?.size, more.length], [3 * PAGE_SIZE, 0]);
  }
});

describe('resizing what has no file', () => {
  const bytes = contentBytes(0, PAGE_SIZE);

  test('test_resize_up_anonymous_mapping', () => {
    using map = mapOfBytes(bytes);
    assert.throws(() => map.resize(2 * PAGE_SIZE), RANGE);
    assert.equal(map.length, PAGE_SIZE);
    assert.deepEqual(map.slice(), bytes);
  });

  test('test_resize_up_private_anonymous_mapping', { skip: windows }, () => {
    for (const options of [{ flags: MAP_PRIVATE as number }, { access: 'copy' as const }]) {
      using map = mapOfBytes(bytes, options);
      map.resize(2 * PAGE_SIZE);
      assert.equal(map.length, 2 * PAGE_SIZE);
      assert.deepEqual(map.slice(0, PAGE_SIZE), bytes);
      assert.deepEqual(map.slice(PAGE_SIZE), Buffer.alloc(PAGE_SIZE));
      map.set(2 * PAGE_SIZE - 1, 9);
      assert.equal(map.get(2 * PAGE_SIZE - 1), 9);
    }
  });

  test('test_resize_down_anonymous_mapping', () => {
    for (const smaller of [PAGE_SIZE, PAGE_SIZE / 2]) {
      const whole = contentBytes(0, 2 * PAGE_SIZE);
      using map = mapOfBytes(whole);
      map.resize(smaller);
      assert.equal(map.length, smaller);
      assert.deepEqual(map.slice(), whole.subarray(0, smaller));
      assert.throws(() => map.resize(2 * PAGE_SIZE), RANGE);
      assert.equal(map.length, smaller);
      assert.deepEqual(map.slice(), whole.subarray(0, smaller));
    }
  });
});
