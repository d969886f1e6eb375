/** CPython's `test_mmap`: the object itself, from its making to its end. See `mmap-suite.test.ts`. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { ALLOCATION_GRANULARITY, MemoryMap } from 'smmap';
import { descriptorsOn } from './support/descriptors.js';
import { contentByte, contentBytes, tempDir, writeContent, writeIslands } from './support/files.js';
import { mapPath } from './support/maps.js';
import { mapped } from './support/proc-maps.js';

const dir = tempDir();

test('test_double_close', () => {
  const path = join(dir, 'closed.bin');
  writeContent(path, 2 ** 16);
  const map = mapPath(path, 'r', 2 ** 16, { access: 'read' });
  assert.equal(mapped(path).bytes, 2 ** 16);
  assert.equal(descriptorsOn(path), 1);
  map.close();
  assert.equal(mapped(path).lines, 0);
  assert.equal(descriptorsOn(path), 0);
  map.close();
  assert.equal(map.closed, true);
});

test('test_context_manager', () => {
  let kept: MemoryMap;
  {
    using map = new MemoryMap(-1, 10);
    kept = map;
    assert.equal(map.closed, false);
  }
  assert.equal(kept.closed, true);
});

test('test_context_manager_exception', () => {
  const failure = new Error('of the block');
  let kept: MemoryMap | undefined;
  const block = () => {
    using map = new MemoryMap(-1, 10);
    kept = map;
    throw failure;
  };
  assert.throws(block, (error) => error === failure);
  assert.equal(kept?.closed, true);
});

test('test_weakref', async () => {
  const path = join(dir, 'forgotten.bin');
  writeContent(path, 16);
  const forgotten = (() => {
    const map = mapPath(path, 'r+', 16);
    const weak = new WeakRef(map);
    assert.equal(weak.deref(), map);
    assert.equal(map.get(15), contentByte(15));
    return weak;
  })();
  // What a program does anyway: it makes things and drops them, until the engine collects.
  let made: unknown[] = [];
  const held = () => mapped(path).lines + descriptorsOn(path);
  assert.equal(held(), 2);
  for (let turns = 0; held() > 0 && turns < 5_000; turns++) {
    made.push(new Array(50_000).fill(turns));
    if (made.length > 100) made = [];
    await turn();
  }
  assert.equal(held(), 0);
  assert.equal(forgotten.deref(), undefined);
});

test('test_repr', () => {
  const OPEN =
    /^MemoryMap \{ closed: false, access: '(\w+)', length: (\d+), position: (\d+), offset: (\d+) \}$/;
  for (const size of [50, 100, 1_000, 1_000_000, 10_000_000]) {
    const half = Math.floor(size / 2);
    for (const offset of [half - (half % ALLOCATION_GRANULARITY), half]) {
      const path = join(dir, `repr-${size}-${offset}.bin`);
      const length = size - offset;
      const positions = [0, 10, 5, 4].map((part) => (part === 0 ? 0 : Math.floor(length / part)));
      writeIslands(
        path,
        size,
        positions.map((position) => ({ offset: offset + position, length: 1 })),
      );
      for (const access of ['default', 'read', 'copy', 'write'] as const) {
        for (const position of positions) {
          const map = mapPath(path, 'r+', length, { access, offset });
          map.seek(position);
          const shown = OPEN.exec(inspect(map, { breakLength: Infinity }));
          assert.deepEqual(shown?.slice(1), [access, `${length}`, `${position}`, `${offset}`]);
          assert.deepEqual(map.read(1), contentBytes(offset + position, 1));
          map.close();
          assert.match(inspect(map, { breakLength: Infinity }), /^MemoryMap \{ closed: true\b/);
        }
      }
    }
  }
});
