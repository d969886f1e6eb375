/** CPython's `test_mmap`: a map read and written like a file. See `mmap-suite.test.ts`. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemoryMap, PAGE_SIZE } from 'smmap';
import { contentByte, contentBytes, tempDir, writeContent } from './support/files.js';
import { mapPath } from './support/maps.js';
import { RANGE, TYPE } from './support/refusals.js';

const dir = tempDir();

test('test_read_all', () => {
  const bytes = contentBytes(0, 16);
  using map = new MemoryMap(-1, 16);
  assert.equal(map.write(bytes), 16);
  map.seek(0);
  assert.deepEqual(map.read(), bytes);
  map.seek(8);
  assert.deepEqual(map.read(), bytes.subarray(8));
  map.seek(16);
  assert.deepEqual(map.read(), Buffer.alloc(0));
  for (const [position, all] of [
    [3, null],
    [4, -1],
    [5, -2],
    [9, -42],
    [10, undefined],
    [11, 5],
    [12, 1000],
  ] as const) {
    map.seek(position);
    assert.deepEqual(map.read(all), bytes.subarray(position), `read(${all})`);
    assert.equal(map.tell(), 16);
  }
});

test('test_read_invalid_arg', () => {
  using map = new MemoryMap(-1, 16);
  for (const bad of ['foo', '5', [1, 2, 3], {}, true, 5n] as unknown as number[]) {
    assert.throws(() => map.read(bad), TYPE);
  }
  assert.throws(() => map.read(5.5), RANGE);
  assert.equal(map.tell(), 0);
});

test('test_io_methods', () => {
  const path = join(dir, 'io.bin');
  writeContent(path, 10);
  const digits = Buffer.from('0123456789');
  using map = mapPath(path, 'r+', digits.length);

  for (const [i, digit] of digits.entries()) {
    assert.equal(map.tell(), i);
    map.writeByte(digit);
    assert.equal(map.tell(), i + 1);
    if (i < 9) assert.equal(map.get(i + 1), contentByte(i + 1));
  }
  assert.throws(() => map.writeByte(120), RANGE);
  assert.deepEqual(map.slice(), digits);

  map.seek(0);
  for (const [i, digit] of digits.entries()) {
    assert.equal(map.tell(), i);
    assert.equal(map.readByte(), digit);
    assert.equal(map.tell(), i + 1);
  }
  assert.throws(() => map.readByte(), RANGE);

  map.seek(3);
  assert.equal(map.read(3).toString(), '345');
  assert.equal(map.tell(), 6);

  map.seek(3);
  map.write(Buffer.from('bar'));
  assert.equal(map.tell(), 6);
  assert.equal(map.slice().toString(), '012bar6789');
  map.write(new Uint8Array(Buffer.from('baz')));
  assert.equal(map.tell(), 9);
  assert.equal(map.slice().toString(), '012barbaz9');
  assert.throws(() => map.write(Buffer.from('ba')), RANGE);
  assert.equal(map.tell(), 9);
  assert.equal(readFileSync(path, 'latin1'), '012barbaz9');
});

test('test_non_ascii_byte', () => {
  for (const byte of [129, 200, 255]) {
    using map = new MemoryMap(-1, 1);
    map.writeByte(byte);
    assert.equal(map.get(0), byte);
    assert.equal(map.seek(0), 0);
    assert.equal(map.readByte(), byte);
  }
});

test('test_write_returning_the_number_of_bytes_written', () => {
  using map = new MemoryMap(-1, 16);
  for (const text of ['', 'x', 'yz', 'python']) {
    assert.equal(map.write(Buffer.from(text)), text.length);
  }
  assert.equal(map.toString('latin1', 0, 10), 'xyzpython\0');
});

test('test_resize_past_pos', () => {
  const path = join(dir, 'resize.bin');
  writeContent(path, 2 * PAGE_SIZE);
  for (const map of [new MemoryMap(-1, 2 * PAGE_SIZE), mapPath(path, 'r+')]) {
    const read = PAGE_SIZE + 904;
    assert.equal(map.read(read).length, read);
    map.resize(PAGE_SIZE);
    assert.equal(map.tell(), read);
    assert.deepEqual(map.read(14), Buffer.alloc(0));
    assert.deepEqual(map.readline(), Buffer.alloc(0));
    assert.equal(map.tell(), read);
    assert.throws(() => map.readByte(), RANGE);
    assert.throws(() => map.writeByte(42), RANGE);
    assert.throws(() => map.write(Buffer.from('abc')), RANGE);
    assert.equal(map.seek(-1, 2), PAGE_SIZE - 1);
    map.close();
  }
  assert.deepEqual(readFileSync(path), contentBytes(0, PAGE_SIZE));
});
