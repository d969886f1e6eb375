/** `test_buf` of smmap's own suite. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  InvalidCursorError,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
  WindowCursor,
} from 'smmap';
import { mapped } from './support/proc-maps.js';
import { randomFrom } from './support/random.js';
import {
  data,
  forPathAndDescriptor,
  LIMITS,
  path,
  SIZE,
  SMALL_WINDOW,
} from './support/suite-file.js';

test('construction, access begun and ended again and again, negative indices', () => {
  using manager = new SlidingWindowMapManager();
  const cursor = manager.makeCursor(path);
  assert.throws(() => new SlidingWindowMapBuffer(new WindowCursor()), InvalidCursorError);
  assert.throws(() => new SlidingWindowMapBuffer(cursor, SIZE), RangeError);

  const buf = new SlidingWindowMapBuffer();
  assert.equal(buf.cursor ?? undefined, undefined);
  buf.endAccess();
  buf.endAccess();
  assert.equal(buf.length, 0);

  assert.equal(buf.beginAccess(cursor, SIZE), false);
  assert.equal(buf.beginAccess(cursor, 100), true);
  assert.equal(buf.cursor, cursor);
  assert.equal(buf.length, SIZE - 100);
  assert.equal(cursor.isValid, true);
  assert.equal(buf.at(0), data[100]);
  assert.deepEqual(buf.slice(0, 100), data.subarray(100, 200));

  assert.equal(buf.beginAccess(), true);
  assert.equal(buf.length, SIZE);
  assert.equal(cursor.isValid, true);
  assert.equal(buf.at(-1), data[SIZE - 1]);
  assert.deepEqual(buf.slice(-10), data.subarray(SIZE - 10));

  buf.endAccess();
  assert.equal(cursor.isValid, false);
  assert.equal(cursor.isAssociated, true);
  assert.equal(buf.beginAccess(), true);
  assert.equal(cursor.isValid, true);
  buf.endAccess();
  assert.equal(manager.numFileHandles, 1);
});

const managers = {
  optimal: () => new SlidingWindowMapManager(),
  'worst case': () => new SlidingWindowMapManager({ windowSize: SMALL_WINDOW, ...LIMITS }),
  'static optimal': () => new StaticWindowMapManager(),
};
for (const [name, make] of Object.entries(managers)) {
  test(`random bytes and random slices: ${name}`, () => {
    using manager = make();
    const random = randomFrom(7);
    forPathAndDescriptor((item) => {
      const buf = new SlidingWindowMapBuffer(manager.makeCursor(item));
      assert.equal(manager.numFileHandles, 1);
      for (const read of [readByte, readSlice]) {
        buf.beginAccess();
        for (let left = 100; left > 0; left--) read(buf, random);
        buf.endAccess();
        assert.ok(manager.numFileHandles > 0);
        assert.ok(manager.collect() > 0);
        assert.equal(manager.numFileHandles, 0);
        assert.equal(mapped(path).bytes, 0);
      }
    });
  });
}

type Random = ReturnType<typeof randomFrom>;

function readByte(buf: SlidingWindowMapBuffer, random: Random): void {
  const position = random(0, SIZE);
  assert.equal(buf.at(position), data[position]);
}

function readSlice(buf: SlidingWindowMapBuffer, random: Random): void {
  const start = random(0, SIZE + 1);
  const end = random(start, SIZE + 1);
  const slice = buf.slice(start, end);
  assert.equal(slice.length, end - start);
  assert.ok(slice.equals(data.subarray(start, end)));
}
