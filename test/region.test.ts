import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import {
  ALLOCATION_GRANULARITY,
  MapClosedError,
  MapRegion,
  MapRegionList,
  SlidingWindowMapManager,
} from 'smmap';
import { collectAll } from '#src/garbage.js';
import { descriptorsOn } from './support/descriptors.js';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapped } from './support/proc-maps.js';

const GRANULE = ALLOCATION_GRANULARITY;
const SIZE = 5 * GRANULE + 77;
const path = join(tempDir(), 'region.bin');
writeContent(path, SIZE);
const data = contentBytes(0, SIZE);

test('a region covers what was asked, cut at the end of the file', () => {
  for (let ofs = 0; ofs < SIZE; ofs += GRANULE) {
    for (const size of [1, GRANULE - 1, GRANULE, GRANULE + 1, SIZE, 2 ** 50]) {
      using region = new MapRegion(path, ofs, size);
      const expected = Math.min(size, SIZE - ofs);
      assert.deepEqual([region.ofsBegin, region.size], [ofs, expected]);
      assert.equal(region.ofsEnd, ofs + expected);
      assert.deepEqual(region.buffer(), data.subarray(ofs, ofs + expected));
      assert.equal(mapped(path).bytes, Math.ceil(expected / GRANULE) * GRANULE);
      for (const [offset, inside] of [
        [ofs - 1, false],
        [ofs, true],
        [ofs + expected - 1, true],
        [ofs + expected, false],
      ] as const) {
        assert.equal(region.includesOfs(offset), inside);
      }
    }
  }
  assert.equal(mapped(path).bytes, 0);
});

test('a region of a descriptor needs the descriptor no longer, and does not close it', () => {
  const fd = openSync(path, 'r');
  using kept = new MapRegion(fd, 0, 10);
  kept.close();
  using region = new MapRegion(fd, GRANULE, 10);
  closeSync(fd);
  assert.deepEqual(region.buffer(), data.subarray(GRANULE, GRANULE + 10));
});

test('the holder is one client; a manager and each cursor count', () => {
  using alone = new MapRegion(path, 0, 10);
  assert.equal(alone.clientCount, 1);
  using manager = new SlidingWindowMapManager({ windowSize: GRANULE });
  const cursor = manager.makeCursor(path).useRegion(0);
  const region = cursor.region;
  assert.ok(region instanceof MapRegion);
  assert.equal(region.clientCount, 2);
  const second = manager.makeCursor(path).useRegion(10);
  assert.equal(region.clientCount, 3);
  second.close();
  cursor.unuseRegion();
  assert.equal(region.clientCount, 1);
});

test('the map of a region reads the same bytes', () => {
  using region = new MapRegion(path, GRANULE, 100);
  const map = region.map();
  assert.equal(region.map(), map);
  assert.equal(map.length, 100);
  assert.deepEqual(map.slice(), data.subarray(GRANULE, GRANULE + 100));
});

test('closed: nothing is mapped, and it says so', () => {
  const region = new MapRegion(path, 0, SIZE);
  region.close();
  region.close();
  assert.deepEqual(mapped(path), { lines: 0, bytes: 0 });
  assert.throws(() => region.buffer(), MapClosedError);
  assert.throws(() => region.map(), MapClosedError);
});

test('a list knows its file and holds no region of its own', () => {
  const fd = openSync(path, 'r');
  for (const item of [path, fd]) {
    const list = new MapRegionList(item);
    assert.equal(list.pathOrFd, item);
    assert.equal(list.length, 0);
    assert.equal(list.fileSize, SIZE);
  }
  closeSync(fd);
});

test('a list of a missing file asks the system only for the size', () => {
  const list = new MapRegionList(`${path}-missing`);
  assert.equal(list.length, 0);
  assert.throws(() => list.fileSize, { code: 'ENOENT', path: `${path}-missing` });
});

test('forgotten regions leave no descriptor that their maps had opened', async () => {
  (() => {
    for (let i = 0; i < 20; i++) assert.equal(new MapRegion(path, 0, 10).map().size(), SIZE);
  })();
  using kept = new MapRegion(path, 0, 10);
  kept.map().size();
  for (let i = 0; i < 100 && descriptorsOn(path) > 1; i++) {
    collectAll();
    await setImmediate();
  }
  assert.equal(descriptorsOn(path), 1);
  kept.close();
  assert.equal(descriptorsOn(path), 0);
});
