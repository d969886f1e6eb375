/** CPython's `test_mmap`: bytes by index and by slice, stores, moves. See `mmap-suite.test.ts`. */

import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MemoryMap, PAGE_SIZE } from 'smmap';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { backdrop, mapOfBytes, mapPath } from './support/maps.js';
import { RANGE, range, TYPE } from './support/refusals.js';

const dir = tempDir();

test('test_basic', () => {
  const path = join(dir, 'basic.bin');
  const size = 2 * PAGE_SIZE;
  const wanted = backdrop(0, size);
  wanted.write('foo', PAGE_SIZE);
  writeFileSync(path, wanted);
  using map = mapPath(path, 'r+', size);
  assert.equal(map.find('foo'), PAGE_SIZE);
  assert.equal(map.length, size);
  assert.equal(map.get(0), wanted[0]);
  assert.deepEqual(map.slice(0, 3), wanted.subarray(0, 3));
  assert.throws(() => map.get(size), RANGE);
  assert.throws(() => map.set(size, 0), RANGE);

  map.set(0, 51);
  map.setSlice(Buffer.from('bar'), PAGE_SIZE + 3, PAGE_SIZE + 6);
  wanted[0] = 51;
  wanted.write('bar', PAGE_SIZE + 3);
  assert.equal(map.get(0), 51);
  assert.deepEqual(map.slice(0, 3), wanted.subarray(0, 3));
  const around = wanted.subarray(PAGE_SIZE - 1, PAGE_SIZE + 7);
  assert.deepEqual(map.slice(PAGE_SIZE - 1, PAGE_SIZE + 7), around);
  map.flush();
  assert.ok(readFileSync(path).equals(wanted));

  const matches = [...map.matchAll(/[A-Za-z]+/g)];
  assert.deepEqual(
    matches.map((match) => [match.index, match[0]]),
    [[PAGE_SIZE, 'foobar']],
  );

  assert.equal(map.seekable(), true);
  assert.deepEqual([map.seek(0, 0), map.tell()], [0, 0]);
  assert.deepEqual([map.seek(42, 1), map.tell()], [42, 42]);
  assert.deepEqual([map.seek(0, 2), map.tell()], [size, size]);
  assert.throws(() => map.seek(-1), RANGE);
  assert.throws(() => map.seek(1, 2), RANGE);
  assert.throws(() => map.seek(-size - 1, 2), RANGE);
  assert.equal(map.tell(), size);

  map.resize(512);
  assert.equal(map.length, 512);
  assert.throws(() => map.seek(513, 0), RANGE);
  assert.equal(statSync(path).size, 512);
  assert.equal(map.size(), 512);
  assert.ok(map.slice().equals(wanted.subarray(0, 512)));
});

/** The indices that Python's `[start:end:step]` selects, each tried as its documentation defines them. */
function selected(length: number, start?: number, end?: number, step = 1): number[] {
  const index = (bound: number) => (bound < 0 ? bound + length : bound);
  const down = step < 0;
  const from = start === undefined ? (down ? length - 1 : 0) : index(start);
  const to = end === undefined ? (down ? -1 : length) : index(end);
  const all = Array.from({ length }, (_, i) => (down ? length - 1 - i : i));
  const between = all.filter((i) => (down ? i <= from && i > to : i >= from && i < to));
  return between.filter((i) => (i - (between[0] as number)) % step === 0);
}

describe('slices with a step', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => 255 - i));
  const bounds = [0, undefined, 1, 3, 19, 300, Number.MAX_SAFE_INTEGER, -1, -2, -31, -300];

  type Slice = [start: number | undefined, end: number | undefined, step: number | undefined];

  /** Calls `visit` for every slice of three of the bounds, with the indices that it selects. */
  function eachSlice(visit: (slice: Slice, indices: readonly number[]) => void): void {
    for (const start of bounds) {
      for (const end of bounds) {
        for (const step of bounds.slice(1)) {
          visit([start, end, step], selected(bytes.length, start, end, step));
        }
      }
    }
  }

  test('test_extended_getslice', () => {
    using map = mapOfBytes(bytes);
    assert.deepEqual(map.slice(), bytes);
    eachSlice((slice, indices) => {
      const wanted = Buffer.from(indices.map((i) => bytes[i] as number));
      assert.deepEqual(map.slice(...slice), wanted, `[${slice}]`);
    });
    assert.throws(() => map.slice(0, 5, 0), RANGE);
  });

  test('test_extended_set_del_slice', () => {
    using map = new MemoryMap(-1, bytes.length);
    eachSlice((slice, indices) => {
      map.setSlice(bytes);
      assert.deepEqual(map.slice(), bytes);
      const stored = Buffer.from(indices.map((i) => bytes[i] as number)).reverse();
      const wanted = Buffer.from(bytes);
      for (const [k, i] of indices.entries()) wanted[i] = stored[k] as number;
      map.setSlice(stored, ...slice);
      assert.deepEqual(map.slice(), wanted, `[${slice}]`);

      const refused = range(/slice assignment is wrong size/);
      const longer = Buffer.concat([stored, stored.subarray(0, 1), Buffer.of(1)]);
      assert.throws(() => map.setSlice(longer, ...slice), refused, `[${slice}]`);
      if (stored.length > 0) {
        assert.throws(() => map.setSlice(stored.subarray(1), ...slice), refused, `[${slice}]`);
      }
      assert.deepEqual(map.slice(), wanted, `[${slice}] is as it was`);
    });
    assert.throws(() => map.setSlice(bytes, 0, 256, 0), RANGE);
  });
});

test('test_move', () => {
  const path = join(dir, 'move.bin');
  writeContent(path, 10);
  const was = contentBytes(0, 10);
  const moving = mapPath(path, 'r+', 10);
  moving.move(5, 0, 5);
  assert.deepEqual(moving.slice(), Buffer.concat([was.subarray(0, 5), was.subarray(0, 5)]));
  moving.close();

  using small = mapOfBytes(was);
  for (let dest = 0; dest <= 10; dest++) {
    for (let src = 0; src <= 10; src++) {
      for (let count = 0; count <= 10 - Math.max(dest, src); count++) {
        small.setSlice(was);
        small.move(dest, src, count);
        const wanted = Buffer.from(was);
        wanted.set(was.subarray(src, src + count), dest);
        assert.deepEqual(small.slice(), wanted, `move(${dest}, ${src}, ${count})`);
      }
    }
  }

  using map = new MemoryMap(-1, 100);
  const numbers = [-100, -1, 0, 1, 99, 100, 101, 2 ** 32, Number.MAX_SAFE_INTEGER];
  for (const dest of numbers) {
    for (const src of numbers) {
      for (const count of numbers) {
        const fits = Math.min(dest, src, count) >= 0 && Math.max(dest, src) + count <= 100;
        const move = () => map.move(dest, src, count);
        if (fits) assert.doesNotThrow(move, `move(${dest}, ${src}, ${count})`);
        else assert.throws(move, RANGE, `move(${dest}, ${src}, ${count})`);
      }
    }
  }

  using single = mapOfBytes(Buffer.of(7));
  assert.throws(() => single.move(0, 0, 2), RANGE);
  assert.throws(() => single.move(1, 0, 1), RANGE);
  assert.throws(() => single.move(0, 1, 1), RANGE);
  single.move(0, 0, 1);
  single.move(0, 0, 0);
  assert.equal(single.get(0), 7);
});

test('test_concat_repeat_exception', () => {
  using map = mapOfBytes(Buffer.from('ab'));
  // Python refuses both. The operators of JavaScript take any object, and take this one as its text.
  assert.equal(`${map}` + `${map}`, 'abab');
  assert.ok(Number.isNaN(Number(map) * 2));
  assert.equal(map.length, 2);
});

describe('test_mmap_closed_by_int_scenarios', () => {
  const SIZE = 100;
  const bytes = Buffer.from('1'.repeat(10));
  let made = 0;

  type Use = (map: MemoryMap, ten: number) => unknown;
  const reads: Record<string, Use> = {
    get: (map, ten) => map.get(ten),
    slice: (map, ten) => map.slice(ten, 20),
    'slice with a step': (map, ten) => map.slice(ten, 20, 2),
    'slice downwards': (map, ten) => map.slice(20, ten, -2),
    read: (map, ten) => map.read(ten),
    find: (map, ten) => map.find('1', 1, ten),
  };
  const stores: Record<string, Use> = {
    setSlice: (map, ten) => map.setSlice(bytes, ten, 20),
    'setSlice with a step': (map, ten) => map.setSlice(bytes.subarray(5), ten, 20, 2),
    'setSlice downwards': (map, ten) => map.setSlice(bytes.subarray(5), 20, ten, -2),
    move: (map, ten) => map.move(1, 2, ten),
    writeByte: (map, ten) => map.writeByte(ten),
    set: (map, ten) => map.set(0, ten),
  };

  for (const access of ['read', 'write', 'copy', 'default'] as const) {
    for (const [name, use] of Object.entries({ ...reads, ...(access !== 'read' && stores) })) {
      test(`${name}, ${access}`, () => {
        const path = join(dir, `closed-by-number-${++made}.bin`);
        writeContent(path, SIZE);
        using map = mapPath(path, 'r+', SIZE, { access });
        const close = () => {
          map.close();
          return 10;
        };
        const ten = { valueOf: close, toString: close, [Symbol.toPrimitive]: close };
        assert.throws(() => use(map, ten as unknown as number), TYPE);
        assert.equal(map.closed, false); // nobody asked the object for its number
        assert.deepEqual(map.slice(), contentBytes(0, SIZE));
        assert.equal(map.tell(), 0);
        assert.doesNotThrow(() => use(map, 10));
      });
    }
  }
});
