/** Bytes that are handed to a map, to be stored or to be looked for. What is refused leaves map and position as they were. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { MemoryMap, PAGE_SIZE } from 'smmap';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapPath } from './support/maps.js';
import { RANGE, range, TYPE } from './support/refusals.js';

const SIZE = 2 * PAGE_SIZE + 5;
const POSITION = 100;
const bytes = contentBytes(0, SIZE);
const path = join(tempDir(), 'file.bin');
writeContent(path, SIZE);
const map = mapPath(path, 'r+');
map.seek(POSITION);

afterEach(() => {
  assert.equal(map.closed, false);
  assert.equal(map.length, SIZE);
  assert.equal(map.tell(), POSITION);
  assert.ok(map.slice().equals(bytes));
});

describe('bytes', () => {
  test('to be written: no strings, numbers or arrays', () => {
    for (const bad of [
      undefined,
      null,
      5,
      true,
      [1, 2],
      {},
      { length: 3 },
    ] as unknown as Buffer[]) {
      assert.throws(() => map.write(bad), TYPE);
      assert.throws(() => map.setSlice(bad), TYPE);
    }
    const text = 'text' as unknown as Buffer;
    assert.throws(() => map.write(text), { ...TYPE, message: /Buffer\.from/ });
    assert.throws(() => map.setSlice(text, 0, 4), { ...TYPE, message: /Buffer\.from/ });
  });

  test('to be written: too many, and none of them is', () => {
    assert.throws(() => map.write(Buffer.alloc(SIZE - POSITION + 1)), RANGE);
    assert.throws(() => map.write(new Float64Array(SIZE)), RANGE);
    const refused = range(/slice assignment is wrong size/);
    const slices: [size: number, start?: number, end?: number, step?: number][] = [
      [4, 0, 5],
      [6, 0, 5],
      [1, 5, 0],
      [1, 0, 0],
      [SIZE + 1],
      [SIZE, 1],
      [3, 0, 5, 2 ** 52],
      [3, 4, 0, -3],
    ];
    for (const [size, ...slice] of slices) {
      const assign = () => map.setSlice(Buffer.alloc(size), ...slice);
      assert.throws(assign, refused, `${size} bytes into [${slice}]`);
    }
    assert.throws(() => map.setSlice(Buffer.alloc(1), 0, 1, 0), RANGE);
  });

  test('of any kind are taken: their memory is what counts', () => {
    const twelve = contentBytes(500, 12);
    const memory = new Uint8Array(twelve).buffer;
    const shared = new SharedArrayBuffer(12);
    new Uint8Array(shared).set(twelve);
    for (const source of [
      twelve,
      new Uint8Array(memory),
      memory,
      shared,
      new DataView(memory),
      new Uint16Array(memory),
      new Int32Array(shared),
      new Float32Array(memory),
    ]) {
      using other = new MemoryMap(-1, 40);
      other.seek(3);
      assert.equal(other.write(source), 12, source.constructor.name);
      other.setSlice(source, 20, 32);
      other.setSlice(source, 39, 15, -2);
      assert.deepEqual(other.slice(3, 15), twelve);
      assert.deepEqual(other.slice(39, 15, -2), twelve);
    }
  });

  test('of the map itself are taken as they were before', () => {
    const was = contentBytes(0, 100);
    for (const [from, to, start, end, step] of [
      [0, 50, 10, 60, 1],
      [10, 60, 0, 50, 1],
      [0, 50, 99, 49, -1],
      [0, 50, 0, 100, 2],
      [50, 100, 99, undefined, -2],
    ] as const) {
      using other = new MemoryMap(-1, 100);
      other.setSlice(was);
      const wanted = Buffer.from(was);
      for (let k = 0; k < to - from; k++) wanted[start + k * step] = was[from + k] as number;
      other.setSlice(other.subarray(from, to), start, end, step);
      assert.deepEqual(other.slice(), wanted, `${from} to ${to}, step ${step}`);

      other.setSlice(was);
      other.seek(20);
      other.write(other.subarray(0, 60));
      assert.deepEqual(other.slice(20, 80), was.subarray(0, 60));
    }
  });

  test('to be looked for: a byte, text or bytes', () => {
    for (const bad of [undefined, null, true, 1n, {}, [], /a/] as unknown as string[]) {
      assert.throws(() => map.find(bad), TYPE);
      assert.throws(() => map.rfind(bad), TYPE);
    }
  });
});
