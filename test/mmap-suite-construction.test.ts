/** CPython's `test_mmap`: what can be mapped and how, refusals in Python's order. See `mmap-suite.test.ts`. */

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  ALLOCATION_GRANULARITY,
  MAP_PRIVATE,
  MemoryMap,
  PAGE_SIZE,
  PROT_EXEC,
  PROT_READ,
  SmmapError,
} from 'smmap';
import { contentByte, contentBytes, tempDir, writeContent } from './support/files.js';
import { mapPath } from './support/maps.js';
import { NOT_MAPPABLE, RANGE, READ_ONLY, range, STATE, TYPE, VALUE } from './support/refusals.js';

const dir = tempDir();
let made = 0;

/** A new file of position-dependent content. */
function newFile(size: number): string {
  const path = join(dir, `file-${++made}`);
  writeContent(path, size);
  return path;
}

test('test_access_parameter', () => {
  const size = 10;
  const path = newFile(size);
  const was = contentBytes(0, size);
  const letters = Buffer.from('bcdefghijk');

  const read = mapPath(path, 'r', size, { access: 'read' });
  assert.deepEqual(read.slice(), was);
  assert.throws(() => read.setSlice(letters), READ_ONLY);
  assert.throws(() => read.set(0, 98), READ_ONLY);
  read.seek(0);
  assert.throws(() => read.write(letters.subarray(0, 3)), READ_ONLY);
  assert.throws(() => read.writeByte(100), READ_ONLY);
  assert.throws(() => read.resize(2 * size), READ_ONLY);
  assert.equal(read.tell(), 0);
  assert.deepEqual(readFileSync(path), was);
  read.close();

  assert.throws(
    () => mapPath(path, 'r+', size + 1),
    range(/mmap length is greater than file size/),
  );
  assert.equal(statSync(path).size, size);

  const write = mapPath(path, 'r+', size, { access: 'write' });
  write.setSlice(letters);
  assert.deepEqual(write.slice(), letters);
  write.flush();
  write.close();
  assert.deepEqual(readFileSync(path), letters);

  const copy = mapPath(path, 'r+', size, { access: 'copy' });
  copy.setSlice(was);
  assert.deepEqual(copy.slice(), was);
  copy.flush();
  assert.deepEqual(readFileSync(path), letters);
  assert.throws(() => copy.resize(2 * size), STATE);
  copy.close();
  assert.deepEqual(readFileSync(path), letters);

  assert.throws(() => mapPath(path, 'r+', size, { access: 4 as unknown as 'read' }), {
    name: 'TypeError',
    code: /^ERR_INVALID_ARG_(VALUE|TYPE)$/,
  });
  const [flags, prot] = [MAP_PRIVATE as number, PROT_READ as number];
  assert.throws(() => mapPath(path, 'r+', size, { flags, prot, access: 'write' }), VALUE);
  assert.throws(() => mapPath(path, 'r+', size, { flags, access: 'write' }), VALUE);
  assert.throws(() => mapPath(path, 'r+', size, { prot, access: 'write' }), VALUE);

  const unwritable = mapPath(path, 'r+', size, { prot: prot | (PROT_EXEC as number) });
  assert.throws(() => unwritable.write(was), READ_ONLY);
  assert.throws(() => unwritable.writeByte(0), READ_ONLY);
  assert.equal(unwritable.access, 'read');
  unwritable.close();
  assert.deepEqual(readFileSync(path), letters);
});

test('test_trackfd_parameter', () => {
  const size = 64;
  for (const closeFirst of [true, false]) {
    const path = newFile(size);
    const fd = openSync(path, 'r+');
    const map = new MemoryMap(fd, size, { trackFd: false });
    if (closeFirst) closeSync(fd);
    assert.equal(map.length, size);
    assert.throws(() => map.size(), STATE);
    assert.throws(() => map.resize(2 * size), STATE);
    assert.throws(() => map.resize(size / 2), STATE);
    assert.equal(map.closed, false);
    assert.equal(map.length, size);

    map.writeByte(88);
    map.set(2, 89);
    map.flush();
    const wanted = Buffer.from([88, contentByte(1), 89, contentByte(3)]);
    assert.deepEqual(readFileSync(path).subarray(0, 4), wanted);
    assert.equal(map.tell(), 1);
    assert.equal(map.seek(0), 0);
    assert.equal(map.readByte(), 88);

    map.close();
    if (!closeFirst) closeSync(fd);
    assert.equal(map.closed, true);
    assert.equal(statSync(path).size, size);
  }
});

test('test_trackfd_neg1', () => {
  const size = 64;
  using map = new MemoryMap(-1, size, { trackFd: false });
  assert.throws(() => map.size(), STATE);
  assert.throws(() => map.resize(size / 2), STATE);
  assert.equal(map.length, size);
  map.set(7, 97);
  assert.deepEqual([map.get(6), map.get(7)], [0, 97]);
});

test('test_bad_file_desc', () => {
  assert.throws(() => new MemoryMap(-2, PAGE_SIZE), { name: 'Error', code: 'EBADF' });
});

test('test_entire_file', () => {
  const size = 2 ** 16;
  using map = mapPath(newFile(size), 'r+', 0);
  assert.equal(map.length, size);
  assert.ok(map.read(size).equals(contentBytes(0, size)));
});

test('test_length_0_offset', () => {
  const half = 65_536;
  using map = mapPath(newFile(2 * half), 'r', 0, { offset: half, access: 'read' });
  assert.throws(() => map.get(80_000), RANGE);
  assert.equal(map.length, half);
  assert.equal(map.get(half - 1), contentByte(2 * half - 1));
});

test('test_length_0_large_offset', () => {
  const path = newFile(115_699);
  const refused = range(/mmap offset is greater than file size/);
  assert.throws(() => mapPath(path, 'r+', 0, { offset: 2_147_418_112 }), refused);
  truncateSync(path, 0);
  assert.throws(() => mapPath(path, 'r+', 0, { offset: 2_147_418_112 }), RANGE);
});

test('test_anonymous', () => {
  using map = new MemoryMap(-1, PAGE_SIZE);
  for (let i = 0; i < PAGE_SIZE; i++) assert.equal(map.get(i), 0);
  for (let i = 0; i < PAGE_SIZE; i++) map.set(i, contentByte(i));
  for (let i = 0; i < PAGE_SIZE; i++) assert.equal(map.get(i), contentByte(i));
  assert.equal(map.size(), PAGE_SIZE); // since Python 3.15
});

test('test_empty_file', () => {
  const refused = range(/cannot mmap an empty file/);
  assert.throws(() => mapPath(newFile(0), 'r', 0, { access: 'read' }), refused);
});

test('test_offset', () => {
  const half = ALLOCATION_GRANULARITY;
  const path = newFile(2 * half);
  for (const offset of [-2, -1]) {
    assert.throws(() => mapPath(path, 'r+', half, { offset }), RANGE);
  }
  assert.throws(() => mapPath(path, 'r+', half, { offset: null as unknown as number }), TYPE);

  using map = mapPath(path, 'r+', half, { offset: half });
  assert.deepEqual(map.slice(0, 3), contentBytes(half, 3));
  map.resize(512);
  assert.equal(map.length, 512);
  assert.throws(() => map.seek(513), RANGE);
  assert.deepEqual(map.slice(), contentBytes(half, 512));
  assert.ok(readFileSync(path).equals(contentBytes(0, half + 512)));
  assert.equal(map.size(), half + 512);
});

test('an offset that Python refuses: every byte is in its place, whoever asks for it', () => {
  for (const offset of [1, 77, ALLOCATION_GRANULARITY - 1, ALLOCATION_GRANULARITY + 1]) {
    const size = 3 * ALLOCATION_GRANULARITY;
    const path = newFile(size);
    const wanted = contentBytes(0, size);
    using map = mapPath(path, 'r+', 2 * ALLOCATION_GRANULARITY - 5, { offset });
    const end = offset + map.length;
    assert.ok(map.slice().equals(wanted.subarray(offset, end)));
    assert.ok(map.bytes.equals(wanted.subarray(offset, end)));
    assert.ok(map.subarray(5, -5).equals(wanted.subarray(offset + 5, end - 5)));
    assert.ok(Buffer.concat([...map.chunks()]).equals(wanted.subarray(offset, end)));
    assert.throws(() => map.arrayBuffer, STATE);
    assert.deepEqual([map.get(0), map.at(-1)], [wanted[offset], wanted[end - 1]]);

    map.set(3, 0);
    map.writeUInt16BE(0x0102, map.length - 2);
    map.move(100, 10, 50);
    wanted[offset + 3] = 0;
    wanted.writeUInt16BE(0x0102, end - 2);
    wanted.copyWithin(offset + 100, offset + 10, offset + 60);
    map.flush(9, 99);
    assert.ok(readFileSync(path).equals(wanted));
    map.resize(20);
    assert.deepEqual(map.slice(), wanted.subarray(offset, offset + 20));
    assert.deepEqual(readFileSync(path), wanted.subarray(0, offset + 20));
    map.resize(ALLOCATION_GRANULARITY);
    map.set(ALLOCATION_GRANULARITY - 1, 9);
    const grown = readFileSync(path);
    assert.deepEqual([grown.length, grown.at(-1)], [offset + ALLOCATION_GRANULARITY, 9]);
  }
});

test('test_subclass', () => {
  class Anonymous extends MemoryMap {
    constructor(length: number) {
      super(-1, length);
    }
    fill(byte: number): void {
      for (let i = 0; i < this.length; i++) this.set(i, byte);
    }
  }
  using map = new Anonymous(PAGE_SIZE);
  assert.ok(map instanceof MemoryMap);
  map.fill(7);
  assert.equal(map.count(7), PAGE_SIZE);
});

test('test_prot_readonly', () => {
  const path = newFile(10);
  using map = mapPath(path, 'r', 10, { prot: PROT_READ as number });
  assert.throws(() => map.write('foo' as unknown as Buffer), TypeError);
  assert.throws(() => map.write(Buffer.from('foo')), READ_ONLY);
  assert.deepEqual(readFileSync(path), contentBytes(0, 10));
});

test('test_error', () => {
  assert.throws(
    () => new MemoryMap(-2, PAGE_SIZE),
    (error: NodeJS.ErrnoException) => {
      assert.ok(error instanceof Error && !(error instanceof SmmapError));
      assert.deepEqual([error.code, error.errno, typeof error.syscall], ['EBADF', -9, 'string']);
      return true;
    },
  );
});

const noDescriptors = process.platform === 'win32' && 'sockets of Node have no descriptor there';
test('test_invalid_descriptor', { skip: noDescriptors }, async () => {
  const server = createServer();
  after(() => server.close());
  await new Promise<void>((resolve) => server.listen(join(dir, 'socket'), resolve));
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  assert.ok(fd > 2);
  assert.throws(() => new MemoryMap(fd, 10), NOT_MAPPABLE);
});
