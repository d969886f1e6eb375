/** Offsets and lengths around 2 GiB, 4 GiB and 2^53 in every method that takes them: exact, or refused. */

import assert from 'node:assert/strict';
import { constants } from 'node:buffer';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MemoryMap, PAGE_SIZE } from 'smmap';
import { native } from '#src/native.js';
import { contentByte, contentBytes, tempDir, writeIslands } from './support/files.js';
import { mapPath } from './support/maps.js';
import { RANGE } from './support/refusals.js';

const GIB = 2 ** 30;
const SIZE = 4 * GIB + 3 * PAGE_SIZE + 5;
const BOUNDARIES = [2 * GIB, 4 * GIB];
const dir = tempDir();
let made = 0;

/** A file of holes, with 200 bytes of content around each boundary. */
function newFile(): string {
  const path = join(dir, `large-${++made}.bin`);
  const islands = BOUNDARIES.map((boundary) => ({ offset: boundary - 100, length: 200 }));
  writeIslands(path, SIZE, islands);
  return path;
}

function bytesOf(path: string, offset: number, length: number): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    assert.equal(readSync(fd, bytes, 0, length, offset), length);
    return bytes;
  } finally {
    closeSync(fd);
  }
}

describe('a map that passes both boundaries', () => {
  const path = newFile();

  for (const boundary of BOUNDARIES) {
    const name = `${boundary / GIB} GiB`;

    test(`reads are exact: ${name}`, async () => {
      using map = MemoryMap.open(path);
      for (const index of [boundary - 1, boundary, boundary + 1]) {
        assert.equal(map.get(index), contentByte(index));
        assert.equal(map.at(index), contentByte(index));
        assert.equal(map.at(index - SIZE), contentByte(index));
        assert.equal(map.readUInt8(index), contentByte(index));
        assert.equal(map.readDoubleLE(index - 4), contentBytes(index - 4, 8).readDoubleLE());
        assert.equal(map.readUIntBE(index - 3, 6), contentBytes(index - 3, 6).readUIntBE(0, 6));
      }
      const [start, end] = [boundary - 50, boundary + 50];
      const wanted = contentBytes(start, 100);
      assert.deepEqual(map.slice(start, end), wanted);
      assert.deepEqual(map.slice(start - SIZE, end - SIZE), wanted);
      assert.deepEqual(map.slice(end - 1, start - 1, -1), Buffer.from(wanted).reverse());
      assert.deepEqual(map.subarray(start, end), wanted);
      assert.equal(map.slice(boundary - 100, boundary + 100, 100)[1], contentByte(boundary));
      const target = Buffer.alloc(100);
      assert.equal(map.copy(target, 0, start, end), 100);
      assert.deepEqual(target, wanted);
      assert.equal(map.find(wanted, start - 1000, end), start);
      assert.equal(map.find(wanted, start - 1000, end - 1), -1);
      assert.equal(map.rfind(wanted, start, end + 1000), start);
      assert.equal(map.indexOf(wanted, start - 1000), start);
      assert.equal(map.lastIndexOf(wanted, end + 1000), start);
      map.seek(start);
      assert.deepEqual(map.read(100), wanted);
      assert.equal(map.tell(), end);
      assert.equal(map.seek(-100, 1), start);
      assert.equal(map.readByte(), wanted[0]);
      assert.deepEqual(await map.readAsync(start, 100), wanted);
      await map.prefetch(start, 100);
      map.madvise('willneed', start, 100);
    });

    test(`stores are exact: ${name}`, async () => {
      const own = newFile();
      using map = mapPath(own, 'r+');
      const [start, end] = [boundary - 50, boundary + 50];
      const wanted = Buffer.from(contentBytes(start, 100).map((byte) => byte ^ 0xff));
      map.setSlice(wanted, start, end);
      assert.deepEqual(bytesOf(own, start, 100), wanted);
      for (const [i, index] of [boundary - 1, boundary, boundary + 1].entries()) map.set(index, i);
      map.writeUInt32BE(0x01020304, boundary - 30);
      map.writeDoubleLE(1.5, boundary + 10);
      Buffer.of(0, 1, 2).copy(wanted, 49);
      wanted.writeUInt32BE(0x01020304, 20);
      wanted.writeDoubleLE(1.5, 60);
      map.seek(boundary - 2);
      map.writeByte(200);
      assert.equal(map.write(Buffer.of(201, 202, 203)), 3);
      assert.equal(map.tell(), boundary + 2);
      Buffer.of(200, 201, 202, 203).copy(wanted, 48);
      assert.deepEqual(bytesOf(own, start, 100), wanted);
      map.move(boundary + 100, start, 100);
      map.move(end + 50, end + 50, 0);
      assert.deepEqual(bytesOf(own, boundary + 100, 100), wanted);
      map.flush(start, 100);
      await map.flushAsync(boundary, 1);
      assert.equal(statSync(own).size, SIZE);
    });

    test(`what is one byte too far is refused: ${name}`, () => {
      const own = newFile();
      using map = mapPath(own, 'r+', boundary);
      assert.equal(map.length, boundary);
      assert.equal(map.get(boundary - 1), contentByte(boundary - 1));
      assert.throws(() => map.get(boundary), RANGE);
      assert.throws(() => map.set(boundary, 1), RANGE);
      assert.throws(() => map.readUInt16LE(boundary - 1), RANGE);
      assert.throws(() => map.writeUInt16LE(1, boundary - 1), RANGE);
      assert.throws(() => map.seek(boundary + 1), RANGE);
      assert.throws(() => map.move(boundary - 1, 0, 2), RANGE);
      assert.throws(() => map.move(0, boundary - 1, 2), RANGE);
      assert.throws(() => map.flush(boundary, 1), RANGE);
      assert.throws(() => map.madvise('normal', boundary), RANGE);
      assert.throws(() => map.setSlice(Buffer.of(1, 2), boundary - 1), RANGE);
      map.seek(boundary - 1);
      assert.throws(() => map.write(Buffer.of(1, 2)), RANGE);
      assert.equal(map.write(Buffer.of(1)), 1);
      assert.throws(() => map.writeByte(1), RANGE);
      const wanted = contentBytes(boundary - 2, 4);
      wanted[1] = 1;
      assert.deepEqual(bytesOf(own, boundary - 2, 4), wanted);
    });

    test(`begun there, mapped exactly: ${name}`, () => {
      for (const offset of [boundary - 1, boundary, boundary + 1]) {
        using map = mapPath(path, 'r', 90, { offset, access: 'read' });
        assert.equal(map.offset, offset);
        assert.deepEqual(map.slice(), contentBytes(offset, 90));
        using rest = mapPath(path, 'r', 0, { offset, access: 'read' });
        assert.equal(rest.length, SIZE - offset);
        assert.deepEqual(rest.slice(0, 90), contentBytes(offset, 90));
      }
    });

    test(`cut there and a byte beside it: ${name}`, () => {
      const own = newFile();
      using map = mapPath(own, 'r+');
      for (const size of [boundary + 1, boundary, boundary - 1]) {
        map.resize(size);
        assert.equal(map.length, size);
        assert.equal(statSync(own).size, size);
        assert.deepEqual(map.slice(-50), contentBytes(size - 50, 50));
        assert.throws(() => map.get(size), RANGE);
      }
      map.resize(boundary + 1);
      assert.deepEqual(map.slice(-3), Buffer.of(contentByte(boundary - 2), 0, 0));
    });
  }

  test('begun anywhere: every seam of its views is right', () => {
    for (const offset of [77, PAGE_SIZE - 1, 2 ** 20 + 3]) {
      // Views begin at multiples of powers of 2, counted from the page in which the map begins.
      const page = offset - (offset % PAGE_SIZE);
      const sizes = [2 ** 24, GIB, 2 * GIB, 3 * GIB, 4 * GIB];
      const places = sizes.flatMap((size) => [size, page + size, offset + size]);
      const inside = places.filter((place) => place + 200 < SIZE);
      const own = join(dir, `seams-${offset}.bin`);
      writeIslands(
        own,
        SIZE,
        inside.map((place) => ({ offset: place - 200, length: 400 })),
      );
      using map = mapPath(own, 'r+', 0, { offset });
      for (const place of inside) {
        const index = place - offset;
        assert.deepEqual(map.slice(index - 20, index + 20), contentBytes(place - 20, 40));
        for (let i = -2; i <= 2; i++) assert.equal(map.get(index + i), contentByte(place + i));
        map.setSlice(Buffer.of(1, 2, 3, 4), index - 2, index + 2);
        map.writeUInt16LE(0x0605, index - 1);
        assert.deepEqual(bytesOf(own, place - 2, 4), Buffer.of(1, 5, 6, 4));
        map.setSlice(contentBytes(place - 2, 4), index - 2, index + 2);
        assert.deepEqual(bytesOf(own, place - 50, 100), contentBytes(place - 50, 100));
      }
    }
  });

  test('copies over a seam of its views make no view each', (t) => {
    using map = MemoryMap.open(path);
    map.at(3 * GIB); // no single view of 16 MiB any more
    const target = Buffer.alloc(40);
    const view = t.mock.method(native, 'view');
    for (let i = 0; i < 1_000; i++) {
      for (const boundary of [GIB, ...BOUNDARIES]) {
        const start = boundary - 20 - (i % 15);
        map.copy(target, 0, start, start + target.length);
        assert.deepEqual(map.slice(start, start + 40), target);
        if (boundary > GIB) assert.deepEqual(target, contentBytes(start, 40));
      }
    }
    assert.ok(view.mock.callCount() < 10, `${view.mock.callCount()} views`);
  });

  test('a view of all of it: as far as the engine can', () => {
    using map = MemoryMap.open(path);
    if (SIZE > constants.MAX_LENGTH) {
      assert.throws(() => map.bytes, { ...RANGE, message: new RegExp(`${constants.MAX_LENGTH}`) });
      assert.throws(() => map.arrayBuffer, RANGE);
      assert.throws(() => map.slice(), RANGE);
    } else {
      assert.equal(map.bytes.length, SIZE);
      assert.equal(map.bytes[4 * GIB], contentByte(4 * GIB));
    }
    assert.equal(map.get(SIZE - 1), 0);
  });

  test('around 2^53 nothing wraps', () => {
    using map = mapPath(path, 'r+');
    const most = Number.MAX_SAFE_INTEGER;
    for (const index of [most, 2 ** 52, 2 ** 40, SIZE]) {
      assert.throws(() => map.get(index), RANGE);
      assert.throws(() => map.set(index, 1), RANGE);
      assert.throws(() => map.move(index, 0, 1), RANGE);
      assert.throws(() => map.move(0, 0, index + 1), RANGE);
      assert.throws(() => map.flush(index, 1), RANGE);
      assert.throws(() => map.flush(1, index), RANGE);
      assert.throws(() => map.readBigUInt64LE(index), RANGE);
      assert.equal(map.at(index), undefined);
      assert.equal(map.slice(index, most).length, 0);
      assert.deepEqual(map.slice(index, -most, -most), Buffer.of(0));
      assert.equal(map.find('a', index), -1);
      assert.equal(map.find('a', -index, -index), -1);
    }
    assert.throws(() => map.seek(most), RANGE);
    map.seek(SIZE);
    assert.throws(() => map.seek(most, 1), RANGE);
    assert.throws(() => map.seek(most, 2), RANGE);
    assert.equal(map.read(most).length, 0);
    assert.equal(map.tell(), SIZE);
  });
});
