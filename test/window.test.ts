import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ALLOCATION_GRANULARITY, MapRegion, MapWindow } from 'smmap';
import { tempDir, writeContent } from './support/files.js';

const REACH = 8;

/** Every window that lies within `from` to `to`, empty ones included. */
function* windowsWithin(from: number, to: number): Generator<MapWindow> {
  for (let ofs = from; ofs <= to; ofs++) {
    for (let size = 0; ofs + size <= to; size++) yield new MapWindow(ofs, size);
  }
}

test('a window is two numbers and their sum', () => {
  for (const window of windowsWithin(0, REACH)) {
    assert.equal(window.ofsEnd, window.ofs + window.size);
  }
  const window = new MapWindow(3, 4);
  window.ofs = 10;
  window.size = 20;
  assert.equal(window.ofsEnd, 30);
});

test('extending left grows byte by byte to the left window, or to the largest size', () => {
  for (const window of windowsWithin(0, REACH)) {
    for (const left of windowsWithin(0, window.ofs)) {
      for (let maxSize = window.size; maxSize <= REACH + 1; maxSize++) {
        let begin = window.ofs;
        while (begin > left.ofsEnd && window.ofsEnd - begin < maxSize) begin--;
        const extended = new MapWindow(window.ofs, window.size);
        extended.extendLeftTo(left, maxSize);
        assert.deepEqual([extended.ofs, extended.ofsEnd], [begin, window.ofsEnd]);
      }
    }
  }
});

test('extending right grows byte by byte to the right window, or to the largest size', () => {
  for (const window of windowsWithin(0, REACH)) {
    for (const right of windowsWithin(window.ofsEnd, REACH)) {
      for (let maxSize = window.size; maxSize <= REACH + 1; maxSize++) {
        let end = window.ofsEnd;
        while (end < right.ofs && end - window.ofs < maxSize) end++;
        const extended = new MapWindow(window.ofs, window.size);
        extended.extendRightTo(right, maxSize);
        assert.deepEqual([extended.ofs, extended.ofsEnd], [window.ofs, end]);
      }
    }
  }
});

test('the neighbour that limits an extension stays as it was', () => {
  const left = new MapWindow(0, 2);
  const right = new MapWindow(10, 2);
  const window = new MapWindow(5, 1);
  window.extendLeftTo(left, Infinity);
  window.extendRightTo(right, Infinity);
  assert.deepEqual([left.ofs, left.size, right.ofs, right.size], [0, 2, 10, 2]);
  assert.deepEqual([window.ofs, window.ofsEnd], [2, 10]);
});

test('alignment makes the smallest run of whole granules that holds the window', () => {
  const g = ALLOCATION_GRANULARITY;
  const edges = [0, 1, g / 2, g - 1, g, g + 1, 2 * g - 1, 2 * g, 2 * g + 1];
  for (const ofs of edges) {
    for (const end of edges.filter((edge) => edge > ofs)) {
      const window = new MapWindow(ofs, end - ofs);
      window.align();
      let begin = 0;
      while (begin + g <= ofs) begin += g;
      let reach = begin;
      while (reach < end) reach += g;
      assert.deepEqual([window.ofs, window.ofsEnd], [begin, reach]);
    }
  }
});

test('alignment far beyond 4 GiB loses nothing', () => {
  const far = 2 ** 52;
  const window = new MapWindow(far + 1, 1);
  window.align();
  assert.deepEqual([window.ofs, window.size], [far, ALLOCATION_GRANULARITY]);
});

test('a window made from a region covers it', () => {
  const path = join(tempDir(), 'window.bin');
  writeContent(path, 3 * ALLOCATION_GRANULARITY + 7);
  using region = new MapRegion(path, ALLOCATION_GRANULARITY, 2 ** 40);
  const window = MapWindow.fromRegion(region);
  assert.deepEqual([window.ofs, window.ofsEnd], [region.ofsBegin, region.ofsEnd]);
});

test('a window refuses what is no byte count', () => {
  for (const bad of [-1, 1.5, Number.NaN, 2 ** 53]) {
    assert.throws(() => new MapWindow(bad, 1), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => new MapWindow(0, bad), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
  }
  const text = '1' as unknown as number;
  assert.throws(() => new MapWindow(text, 1), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => new MapWindow(0, text), { code: 'ERR_INVALID_ARG_TYPE' });
});
