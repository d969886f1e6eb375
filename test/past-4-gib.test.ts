/** Bytes more than 4 GiB into one view, where engines begin to count wrong. */

import assert from 'node:assert/strict';
import { constants } from 'node:buffer';
import { join } from 'node:path';
import { buffer as collect } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import {
  MemoryMap,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
} from 'smmap';
import { createReadStream, readableWebStream } from 'smmap/clients';
import { contentByte, contentBytes, tempDir, writeIslands } from './support/files.js';

const GIB = 2 ** 30;
const SIZE = 5 * GIB + 77;
const path = join(tempDir(), 'large.bin');
const PLACES = [GIB + 3, 4 * GIB - 9, 4 * GIB, 4 * GIB + 7, SIZE - 40];
writeIslands(
  path,
  SIZE,
  PLACES.map((offset) => ({ offset, length: 40 })),
);

/** Whoever holds the whole file in one window, and has looked at both of its ends. */
const SOURCES = {
  'a static manager’s buffer': () => bufferOf(new StaticWindowMapManager()),
  'a buffer over one large window': () =>
    bufferOf(
      new SlidingWindowMapManager({ windowSize: 0, maxMemorySize: Number.POSITIVE_INFINITY }),
    ),
  'a map': () => MemoryMap.open(path),
  'a region’s map': () => new StaticWindowMapManager().makeCursor(path).useRegion(0).map(),
} satisfies Record<string, () => MemoryMap | SlidingWindowMapBuffer>;

function bufferOf(manager: StaticWindowMapManager): SlidingWindowMapBuffer {
  return new SlidingWindowMapBuffer(manager.makeCursor(path));
}

for (const [name, open] of Object.entries(SOURCES)) {
  describe(name, () => {
    const bytes = open();
    bytes.at(0);
    bytes.at(-1);
    if (bytes instanceof MemoryMap && SIZE <= constants.MAX_LENGTH) assert.ok(bytes.bytes);

    for (const place of PLACES) {
      test(`at ${place}`, async () => {
        for (const length of [1, 3, 33]) {
          const wanted = contentBytes(place + 5, length);
          const [start, end] = [place + 5, place + 5 + length];
          const copy = Buffer.alloc(length);
          assert.equal(bytes.copy(copy, 0, start, end), length);
          assert.deepEqual(copy, wanted, 'copy');
          assert.deepEqual(bytes.slice(start, end), wanted, 'slice');
          assert.deepEqual(bytes.subarray(start, end), wanted, 'subarray');
          assert.equal(bytes.toString('hex', start, end), wanted.toString('hex'));
          assert.deepEqual(await bytes.readAsync(start, length), wanted, 'readAsync');
          if (!(bytes instanceof MemoryMap)) continue;
          bytes.seek(start);
          assert.deepEqual(bytes.read(length), wanted, 'read');
        }
        assert.equal(bytes.at(place), contentByte(place));
        assert.equal(bytes.indexOf(contentBytes(place + 3, 30), place), place + 3);
        assert.equal(bytes.readUInt32LE(place), contentBytes(place, 4).readUInt32LE());
      });
    }
  });
}

test('a copy to a place past 4 GiB', {
  skip: SIZE > constants.MAX_LENGTH && 'too large here',
}, () => {
  const target = Buffer.allocUnsafeSlow(4 * GIB + 100);
  target.fill(0, 0, 100);
  for (const open of Object.values(SOURCES)) {
    const bytes = open();
    bytes.at(0);
    for (const at of [4 * GIB - 10, 4 * GIB, 4 * GIB + 5]) {
      for (const place of PLACES) {
        target.fill(0, 4 * GIB - 20);
        assert.equal(bytes.copy(target, at, place + 1, place + 31), 30);
        assert.deepEqual(target.subarray(at, at + 30), contentBytes(place + 1, 30));
        assert.deepEqual(target.subarray(0, 100), Buffer.alloc(100), 'nothing elsewhere');
      }
    }
  }
});

test('streams', async () => {
  for (const start of PLACES) {
    const manager = new StaticWindowMapManager();
    new SlidingWindowMapBuffer(manager.makeCursor(path)).slice(-3); // with a view of all of it
    const end = start + 19;
    const wanted = contentBytes(start, 20);
    assert.deepEqual(await collect(createReadStream(manager, path, { start, end })), wanted);
    assert.deepEqual(await collect(readableWebStream(manager, path, { start, end })), wanted);
  }
});
