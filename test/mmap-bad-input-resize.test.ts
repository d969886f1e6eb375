/** Maps of another size than a moment ago, and what was begun before. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { PAGE_SIZE } from 'smmap';
import { contentByte, contentBytes, tempDir, writeContent } from './support/files.js';
import { mapPath } from './support/maps.js';
import { RANGE } from './support/refusals.js';

const SIZE = 4 * PAGE_SIZE;
const dir = tempDir();
let made = 0;

/** A new file, of which each test has its own. */
function newFile(): string {
  const path = join(dir, `file-${++made}`);
  writeContent(path, SIZE);
  return path;
}

describe('after a resize', () => {
  for (const [size, name] of [
    [2 * SIZE + 3, 'larger'],
    [PAGE_SIZE + 3, 'smaller'],
    [SIZE, 'the same size'],
  ] as const) {
    test(`to ${name}, views of before are empty or still the map’s, new ones are right`, () => {
      const path = newFile();
      using map = mapPath(path, 'r+');
      const old = [map.bytes, map.subarray(SIZE - 10), new Uint8Array(map.arrayBuffer)];
      const data = new DataView(map.arrayBuffer);
      assert.equal(map.get(SIZE - 1), contentByte(SIZE - 1)); // the window read last
      map.resize(size);
      for (const [i, view] of old.entries()) {
        if (size === SIZE && view.length > 0) continue;
        assert.deepEqual([view.length, view[0]], [0, undefined], `view ${i}`);
        view[0] = (contentByte(0) + 1) & 0xff;
        assert.throws(() => view.fill(1), TypeError);
      }
      if (size !== SIZE) assert.throws(() => data.getUint8(0), TypeError);

      const wanted = Buffer.alloc(size);
      contentBytes(0, Math.min(size, SIZE)).copy(wanted);
      assert.equal(map.length, size);
      assert.ok(map.slice().equals(wanted));
      assert.ok(map.bytes.equals(wanted));
      assert.equal(map.arrayBuffer.byteLength, size);
      assert.equal(map.at(size), undefined);
      assert.equal(map.at(SIZE - 1), wanted[SIZE - 1]);
      assert.throws(() => map.get(size), RANGE);
      assert.throws(() => map.readUInt32LE(size - 3), RANGE);
      assert.equal(map.readUInt32LE(size - 4), wanted.readUInt32LE(size - 4));
      map.set(size - 1, 77);
      wanted[size - 1] = 77;
      assert.ok(readFileSync(path).equals(wanted));
    });
  }

  test('in the middle of a walk, the walk goes on with what there is', () => {
    const path = newFile();
    using map = mapPath(path, 'r+');
    let seen = 0;
    for (const byte of map) {
      assert.equal(byte, contentByte(seen));
      if (++seen === 10) map.resize(PAGE_SIZE);
    }
    assert.equal(seen, PAGE_SIZE);
    let lines = 0;
    map.forEachLine((start, end) => {
      lines++;
      assert.ok(start <= end && end <= map.length);
      if (lines === 2) map.resize(2 * SIZE);
      if (lines === 3) map.resize(PAGE_SIZE / 2);
    });
    assert.ok(lines >= 2);
    const lengths: number[] = [];
    for (const chunk of map.chunks()) {
      lengths.push(chunk.length);
      if (lengths.length === 1) map.resize(100);
    }
    assert.deepEqual(lengths, [PAGE_SIZE / 2]);
    assert.deepEqual(readFileSync(path), contentBytes(0, 100));
  });

  test('that is refused, map and file are as they were', () => {
    const path = newFile();
    using map = mapPath(path, 'r+');
    const view = map.bytes;
    for (const bad of [0, -1, 0.5, 2 ** 53]) assert.throws(() => map.resize(bad), RANGE);
    assert.ok(view.equals(contentBytes(0, SIZE))); // what is no size changes nothing at all
    assert.throws(() => map.resize(2 ** 52), { code: /^(EFBIG|ENOSPC|ENOMEM)$/ });
    assert.deepEqual([map.length, map.size()], [SIZE, SIZE]);
    assert.ok(map.slice().equals(contentBytes(0, SIZE)));
    assert.ok(map.bytes.equals(contentBytes(0, SIZE)));
    map.set(3, 9);
    assert.equal(map.bytes[3], 9);
    const file = readFileSync(path);
    assert.deepEqual([file.length, file[3]], [SIZE, 9]);
  });
});
