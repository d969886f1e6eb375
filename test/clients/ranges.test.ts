/** `ranges`: a file as `ArrayBuffer.prototype.slice` would cut it. */

import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MapFaultError, PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { ranges } from 'smmap/clients';
import { contentBytes } from '../support/files.js';
import { assertNothingLeft, MANAGERS, newFile, SIZE } from '../support/lifetimes.js';

const all = new Uint8Array(contentBytes(0, SIZE)).buffer;

/** A bound as a caller may give it: inside, outside, from the end, or left out. */
const bound = fc.oneof(
  fc.integer({ min: -2 * SIZE, max: 2 * SIZE }),
  fc.constantFrom(undefined, 0, -0, SIZE, -SIZE, SIZE - 1, SIZE + 1),
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);

for (const [kind, make] of Object.entries(MANAGERS)) {
  describe(`ranges of a file, ${kind}`, () => {
    test('are those of ArrayBuffer.prototype.slice', () => {
      using manager = make();
      using file = ranges(manager, newFile());
      assert.equal(file.byteLength, SIZE);
      fc.assert(
        fc.property(bound, bound, (start, end) => {
          assert.deepEqual(file.slice(start, end), all.slice(start as number, end));
        }),
        { numRuns: 500 },
      );
      assert.deepEqual(file.slice(), all);
    });

    test('stay when the file is let go, and are nobody else’s', () => {
      const manager = make();
      const file = ranges(manager, newFile());
      const one = file.slice(10, 20);
      new Uint8Array(one).fill(0);
      assert.deepEqual(file.slice(10, 20), all.slice(10, 20));
      const kept = file.slice(10, 20);
      file.close();
      file.close();
      assert.throws(() => file.slice(10, 20), { code: 'ERR_SMMAP_CLOSED' });
      manager.close();
      assert.deepEqual(kept, all.slice(10, 20));
      assertNothingLeft(manager);
    });
  });
}

test('a fraction is refused, where an ArrayBuffer would cut it off', () => {
  using manager = new SlidingWindowMapManager();
  using file = ranges(manager, newFile());
  assert.throws(() => file.slice(0.5), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => file.slice(0, Number.NaN), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => file.slice('1' as never), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('a missing file fails at once, an empty one is empty', () => {
  using manager = new SlidingWindowMapManager();
  const path = `${newFile()}-missing`;
  assert.throws(() => ranges(manager, path), { code: 'ENOENT', path });
  using empty = ranges(manager, newFile(0));
  assert.equal(empty.byteLength, 0);
  assert.deepEqual(empty.slice(), new ArrayBuffer(0));
  assert.deepEqual(empty.slice(5, 10), new ArrayBuffer(0));
});

test('twenty files within a hard limit of one window, also across windows', () => {
  using manager = new SlidingWindowMapManager({
    windowSize: PAGE_SIZE,
    maxMemorySize: PAGE_SIZE,
    hardLimit: true,
  });
  const files = Array.from({ length: 20 }, () => ranges(manager, newFile()));
  for (const file of files) {
    assert.deepEqual(file.slice(100, 3 * PAGE_SIZE), all.slice(100, 3 * PAGE_SIZE));
  }
  for (const file of files) file.close();
  assert.equal(manager.stats().peakMappedBytes, PAGE_SIZE);
});

test('a file that is cut is a MapFaultError, never zeros', () => {
  using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
  const path = newFile();
  using file = ranges(manager, path);
  file.slice();
  truncateSync(path, PAGE_SIZE);
  assert.throws(() => file.slice(2 * PAGE_SIZE), MapFaultError);
});
