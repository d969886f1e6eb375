/** Maps at the edges: of one view, of a page, of the file, of what the system gives. */

import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { inspect } from 'node:util';
import { MemoryMap, PAGE_SIZE } from 'smmap';
import { native } from '#src/native.js';
import { contentBytes, tempDir, writeContent, writeIslands } from './support/files.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const dir = tempDir();
const linuxOnly = process.platform !== 'linux' && 'Linux alone has it';

/** A new file of position-dependent content, or of one hole. */
function fileOf(size: number, content = true): string {
  const path = join(dir, `${size}-${content}.bin`);
  if (content) writeContent(path, size);
  else writeIslands(path, size, []);
  return path;
}

/** Bytes 1, 2, … */
function counted(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => i + 1));
}

test('subarray is a view, however many bytes it has and wherever they lie', () => {
  for (const [start, end] of [
    [0, 17 * MIB],
    [16 * MIB - 1, 16 * MIB + 1],
    [5, -1],
  ] as const) {
    using map = MemoryMap.open(fileOf(17 * MIB, false), { access: 'write' });
    const view = map.subarray(start, end);
    view[view.length - 1] = 7;
    assert.equal(map.at(end - 1), 7, `${start} to ${end}`);
    map.resize(PAGE_SIZE);
    assert.equal(view.length, 0);
  }
});

test('a store whose bytes are the map itself is done as if they had been copied before', () => {
  for (const border of [16 * MIB, GIB]) {
    using map = MemoryMap.open(fileOf(border + PAGE_SIZE, false), { access: 'write' });
    map.setSlice(counted(20), border - 10, border + 10);
    map.setSlice(map.subarray(border - 10, border + 10), border - 9, border + 11);
    assert.deepEqual(map.slice(border - 9, border + 11), counted(20), 'forwards');
    map.seek(border - 11);
    map.write(map.subarray(border - 9, border + 11));
    assert.deepEqual(map.slice(border - 11, border + 9), counted(20), 'backwards');
    map.copy(map.subarray(border - 10, border + 10), 0, border - 11, border + 9);
    assert.deepEqual(map.slice(border - 10, border + 10), counted(20), 'copy');
  }
});

test('bytes and arrayBuffer are the same objects while nothing changed', () => {
  const path = fileOf(3 * PAGE_SIZE);
  for (const offset of [0, 100, PAGE_SIZE]) {
    using map = MemoryMap.open(path, { offset });
    assert.equal(map.bytes, map.bytes, `at offset ${offset}`);
    assert.equal(map.bytes.length, map.length);
    if (offset % PAGE_SIZE === 0) assert.equal(map.arrayBuffer, map.arrayBuffer);
  }
  using empty = MemoryMap.open(fileOf(0), { access: 'write' });
  assert.equal(empty.bytes, empty.bytes);
  assert.equal(empty.arrayBuffer, empty.arrayBuffer);
  empty.resize(5);
  assert.equal(empty.bytes.length, 5);
});

test('a FileHandle that is closed is a bad descriptor, not memory of no file', async () => {
  const handle = await open(fileOf(PAGE_SIZE), 'r+');
  await handle.close();
  assert.throws(() => new MemoryMap(handle, PAGE_SIZE), { code: 'EBADF' });
});

test('a hole is made of no byte beside the map', { skip: linuxOnly }, () => {
  const path = fileOf(4 * PAGE_SIZE);
  {
    using map = MemoryMap.open(path, { access: 'write', offset: 100, length: 2 * PAGE_SIZE });
    map.madvise('remove');
    assert.deepEqual(map.slice(0, PAGE_SIZE - 100), contentBytes(100, PAGE_SIZE - 100));
    assert.equal(map.get(PAGE_SIZE - 100), 0); // of the one page that is the map's alone
    assert.equal(map.get(2 * PAGE_SIZE - 101), 0);
  }
  const after = readFileSync(path);
  assert.deepEqual(after.subarray(0, PAGE_SIZE), contentBytes(0, PAGE_SIZE));
  assert.deepEqual(after.subarray(2 * PAGE_SIZE), contentBytes(2 * PAGE_SIZE, 2 * PAGE_SIZE));
});

test("the file's last page goes with the map's", { skip: linuxOnly }, () => {
  const path = fileOf(2 * PAGE_SIZE + 5);
  {
    using map = MemoryMap.open(path, { access: 'write' });
    map.madvise('remove', PAGE_SIZE);
  }
  const expected = Buffer.concat([contentBytes(0, PAGE_SIZE), Buffer.alloc(PAGE_SIZE + 5)]);
  assert.deepEqual(readFileSync(path), expected);
});

test('bytes that were moved away are refused, and nothing is stored', () => {
  using map = MemoryMap.anonymous(10);
  const view = new Uint8Array(5).fill(1);
  const data = new DataView(new ArrayBuffer(5));
  structuredClone([view, data], { transfer: [view.buffer, data.buffer] });
  const told = { name: 'TypeError', code: 'ERR_INVALID_STATE', message: /moved away/ };
  for (const gone of [view, view.buffer, data]) {
    assert.throws(() => map.write(gone), told);
    assert.throws(() => map.setSlice(gone, 0, 0), told);
  }
  assert.throws(() => map.find(view), told);
  assert.equal(map.tell(), 0);
});

/** Options of which one, looked at for the `nth` time, does something. */
function trap(name: string, nth: number, spring: () => void): object {
  let looks = 0;
  const get = () => {
    if (++looks === nth) spring();
  };
  return Object.defineProperty({}, name, { get, enumerable: true });
}

test('options that close the map when they are looked at', async () => {
  const path = fileOf(4 * PAGE_SIZE);
  const told = { code: 'ERR_SMMAP_CLOSED' };
  for (const nth of [1, 2]) {
    for (const call of ['prefetch', 'readAsync'] as const) {
      const map = MemoryMap.open(path, { access: 'copy' });
      const options = trap('signal', nth, () => map.close());
      await assert.rejects(map[call](0, PAGE_SIZE, options), told, `${call}, look ${nth}`);
    }
  }
  const map = MemoryMap.open(path, { access: 'write' });
  const options = trap('async', 1, () => map.close());
  assert.throws(() => map.flush(0, undefined, options), told);
});

test('zeros of private memory stay no memory when it is resized', { skip: linuxOnly }, () => {
  using map = MemoryMap.anonymous(256 * MIB, { access: 'copy' });
  map.set(100 * MIB, 7);
  map.resize(300 * MIB);
  assert.equal(map.get(100 * MIB), 7);
  assert.ok((map.residentBytes as number) <= 8 * MIB, `${map.residentBytes} bytes are resident`);
});

test('a map that cannot be had leaves the file as it was, even one that may not be cut', (t) => {
  const path = fileOf(PAGE_SIZE);
  using map = MemoryMap.open(path, { access: 'write' });
  const fail = (errno: number, syscall: string) => () => {
    throw Object.assign(new Error(), { errno: -errno, syscall });
  };
  t.after(() => mock.restoreAll());
  mock.method(native, 'mapLike', fail(constants.errno.ENOMEM, 'mmap'));
  mock.method(native, 'truncate', fail(constants.errno.EPERM, 'ftruncate')); // as F_SEAL_SHRINK has it
  assert.throws(() => map.resize(2 * PAGE_SIZE), { code: 'ENOMEM' });
  assert.equal(statSync(path).size, PAGE_SIZE);
  assert.deepEqual(map.slice(), contentBytes(0, PAGE_SIZE));
});

test('at the ceiling it is maps that are told of', (t) => {
  const path = fileOf(PAGE_SIZE);
  t.after(() => mock.restoreAll());
  mock.method(native, 'mapLike', () => false);
  assert.throws(() => MemoryMap.open(path), { code: 'ERR_SMMAP_BUDGET', message: /close maps/ });
});

test('a map that lost a page can be looked at', { skip: linuxOnly }, () => {
  const path = fileOf(2 * PAGE_SIZE);
  using map = MemoryMap.open(path);
  const fd = openSync(path, 'r+');
  ftruncateSync(fd, 0);
  closeSync(fd);
  map.at(PAGE_SIZE);
  assert.match(inspect(map), /faulted: true/);
});
