/** CPython's `test_mmap`: sizes and offsets past 2 and 4 GiB, on files of holes. See `mmap-suite.test.ts`. */

import assert from 'node:assert/strict';
import { constants } from 'node:buffer';
import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemoryMap } from 'smmap';
import { contentByte, contentBytes, tempDir, writeIslands } from './support/files.js';
import { mapPath } from './support/maps.js';
import { RANGE } from './support/refusals.js';

const GIB = 2 ** 30;
const dir = tempDir();

/** A file of holes that ends with 12 bytes of content. */
function tailed(name: string, size: number): string {
  const path = join(dir, name);
  writeIslands(path, size, [{ offset: size - 12, length: 12 }]);
  return path;
}

test('test_large_offset', () => {
  const path = tailed('offset.bin', 5 * GIB + 0x1000_0000);
  using map = mapPath(path, 'r', 0, { offset: 5 * GIB, access: 'read' });
  assert.equal(map.length, 0x1000_0000);
  assert.equal(map.offset, 5 * GIB);
  assert.equal(map.get(0xfff_ffff), contentByte(5 * GIB + 0xfff_ffff));
  assert.deepEqual(map.slice(-12), contentBytes(5 * GIB + 0x1000_0000 - 12, 12));
  assert.equal(map.get(0x1000_0000 - 13), 0);
});

test('test_large_filesize', () => {
  const size = 6 * GIB;
  const path = tailed('size.bin', size);
  using part = mapPath(path, 'r', 0x10000, { access: 'read' });
  assert.equal(part.size(), size);
  assert.equal(part.length, 0x10000);

  using whole = MemoryMap.open(path);
  assert.equal(whole.length, size);
  assert.equal(whole.get(size - 1), contentByte(size - 1));
  assert.equal(whole.at(-12), contentByte(size - 12));
  if (size > constants.MAX_LENGTH) {
    assert.throws(() => whole.bytes, RANGE);
    assert.throws(() => whole.arrayBuffer, RANGE);
  } else {
    assert.equal(whole.bytes.length, size);
  }
});

function aroundBoundary(boundary: number): void {
  const path = join(dir, `boundary-${boundary}.bin`);
  const [start, end] = [boundary - 6, boundary + 6];
  writeIslands(path, end, [{ offset: start, length: 12 }]);
  const tail = contentBytes(start, 12);

  const read = mapPath(path, 'r', 0, { access: 'read' });
  assert.equal(read.length, end);
  assert.deepEqual(read.slice(start, end), tail);
  assert.deepEqual(read.subarray(start, end), tail);
  assert.equal(read.find(tail, start - 100), start);
  assert.equal(read.readUInt32LE(boundary - 2), tail.readUInt32LE(4));
  assert.equal(read.seek(-12, 2), start);
  assert.deepEqual(read.read(), tail);
  read.close();

  const write = mapPath(path, 'r+', 0, { access: 'write' });
  const other = Buffer.from(tail.map((byte) => byte ^ 0xff));
  write.seek(start);
  assert.equal(write.write(other), 12);
  assert.equal(write.tell(), end);
  write.move(start - 12, start, 12);
  write.flush(start - 12);
  write.close();
  const fd = openSync(path, 'r');
  const found = Buffer.alloc(24);
  assert.equal(readSync(fd, found, 0, 24, start - 12), 24);
  closeSync(fd);
  assert.deepEqual(found, Buffer.concat([other, other]));
  rmSync(path);
}

test('test_around_2GB', () => aroundBoundary(2 * GIB));

test('test_around_4GB', () => aroundBoundary(4 * GIB));
