/** Small reads where nothing is mapped: straight from the file, until the place proves itself. */

import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type MapManagerOptions,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
} from 'smmap';
import { DirectReads } from '#src/direct-reads.js';
import { contentByte, contentBytes, tempDir, writeContent } from './support/files.js';

const WINDOW = 4 * PAGE_SIZE;
const COUNT = 50;
const SIZE = COUNT * WINDOW;
const dir = tempDir();
const path = join(dir, 'file');
writeContent(path, SIZE);

/** A buffer over the file, by a manager with room for two windows, both of them taken. */
function crowded(options: MapManagerOptions = {}): {
  manager: SlidingWindowMapManager;
  buffer: SlidingWindowMapBuffer;
} {
  const manager = new SlidingWindowMapManager({
    windowSize: WINDOW,
    maxMemorySize: 2 * WINDOW,
    ...options,
  });
  const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
  manager.makeCursor(path).useRegion(WINDOW).close();
  assert.equal(manager.stats().regions, 2);
  return { manager, buffer };
}

describe('a few bytes at a place that is not mapped', () => {
  test('are read from the file when a window would have to go for them', () => {
    const { manager, buffer } = crowded();
    const before = manager.stats();
    const at = 10 * WINDOW + 77;
    assert.equal(buffer.at(at), contentByte(at));
    assert.equal(buffer.get(at + WINDOW), contentByte(at + WINDOW));
    assert.equal(buffer.at(-1), contentByte(SIZE - 1));
    assert.equal(
      buffer.readUInt32LE(at + 3 * WINDOW),
      contentBytes(at + 3 * WINDOW, 4).readUInt32LE(),
    );
    assert.equal(
      buffer.readDoubleBE(at + 4 * WINDOW),
      contentBytes(at + 4 * WINDOW, 8).readDoubleBE(),
    );
    assert.deepEqual(
      buffer.slice(at + 5 * WINDOW, at + 5 * WINDOW + 4096),
      contentBytes(at + 5 * WINDOW, 4096),
    );
    const now = manager.stats();
    assert.deepEqual([now.maps, now.evictions, now.misses], [before.maps, 0, before.misses]);
    assert.equal(now.directReads, 6);
    assert.equal(buffer.cursor?.ofsBegin, 0, 'the cursor stays where it is');
    manager.close();
  });

  test('are mapped when they are many, when there is room, and once the place proved itself', () => {
    const { manager, buffer } = crowded();
    const { maps } = manager.stats();
    buffer.slice(10 * WINDOW, 10 * WINDOW + 4097);
    assert.equal(manager.stats().maps, maps + 1);
    for (let i = 0; i < 8; i++)
      assert.equal(buffer.at(20 * WINDOW + 100 * i), contentByte(20 * WINDOW + 100 * i));
    assert.equal(manager.stats().maps, maps + 2);
    assert.equal(manager.stats().directReads, 3);
    manager.close();

    using roomy = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: 100 * WINDOW });
    const free = new SlidingWindowMapBuffer(roomy.makeCursor(path));
    for (let k = 0; k < COUNT; k++) free.at(k * WINDOW);
    assert.deepEqual([roomy.stats().maps, roomy.stats().directReads], [COUNT, 0]);
  });

  test('are read from the window that is mapped, whoever mapped it', () => {
    const { manager, buffer } = crowded();
    assert.equal(buffer.at(WINDOW + 5), contentByte(WINDOW + 5));
    assert.equal(manager.stats().directReads, 0);
    manager.close();
  });

  test('are always mapped where that was asked for, and where stores are private', () => {
    for (const options of [{ directReads: 'never' }, { access: 'copy' }] as const) {
      const { manager, buffer } = crowded(options);
      const { maps } = manager.stats();
      assert.equal(buffer.at(10 * WINDOW), contentByte(10 * WINDOW));
      assert.deepEqual([manager.stats().maps, manager.stats().directReads], [maps + 1, 0]);
      manager.close();
    }
    assert.throws(() => new SlidingWindowMapManager({ directReads: 'no' as never }), {
      code: 'ERR_INVALID_ARG_VALUE',
      message: /directReads/,
    });
  });

  test('see what was written a moment ago', () => {
    const other = join(dir, 'changing');
    writeContent(other, SIZE);
    const { manager } = crowded();
    const buffer = new SlidingWindowMapBuffer(manager.makeCursor(other), 0);
    const changed = contentBytes(0, SIZE).map((byte) => byte ^ 0xff);
    assert.equal(buffer.at(10 * WINDOW), contentByte(10 * WINDOW));
    writeFileSync(other, changed, { flag: 'r+' });
    assert.equal(buffer.at(10 * WINDOW), contentByte(10 * WINDOW) ^ 0xff);
    assert.equal(manager.stats().directReads, 2);
    manager.close();
  });

  test('behind the end of a file that was cut are no bytes', () => {
    const cut = join(dir, 'cut');
    writeContent(cut, SIZE);
    const { manager } = crowded();
    const buffer = new SlidingWindowMapBuffer(manager.makeCursor(cut));
    truncateSync(cut, 5 * WINDOW);
    assert.throws(() => buffer.get(10 * WINDOW), { code: 'ERR_SMMAP_FAULT' });
    assert.equal(buffer.at(4 * WINDOW), contentByte(4 * WINDOW));
    manager.close();
    assert.throws(() => buffer.get(3 * WINDOW), { code: 'ERR_SMMAP_CLOSED' });
  });

  test('of many small files are read without mapping them whole', () => {
    using manager = new StaticWindowMapManager({ maxOpenHandles: 1 });
    const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
    buffer.cursor?.unuseRegion();
    const second = join(dir, 'second');
    writeContent(second, 100);
    using used = manager.makeCursor(second).useRegion();
    const { maps } = manager.stats();
    assert.equal(buffer.get(5), contentByte(5));
    assert.deepEqual(
      [used.size, manager.stats().maps, manager.stats().directReads],
      [100, maps, 1],
    );
  });
});

test('any mixture of reads gives the bytes of the file, within the budget', () => {
  const place = fc.nat(SIZE - 1);
  const read = fc.tuple(fc.constantFrom(1, 2, 4, 8, 100, 4096, 5000), place);
  fc.assert(
    fc.property(
      fc.array(read, { maxLength: 60, size: 'max' }),
      fc.boolean(),
      (reads, hardLimit) => {
        const { manager, buffer } = crowded({ hardLimit });
        for (const [size, at] of reads) {
          const wanted = contentBytes(at, Math.min(size, SIZE - at));
          assert.ok(buffer.slice(at, at + size).equals(wanted));
          if (size === 1) assert.equal(buffer.at(at), wanted[0]);
          if (size === 8 && wanted.length === 8)
            assert.equal(buffer.readBigUInt64LE(at), wanted.readBigUInt64LE());
        }
        assert.ok(manager.stats().peakMappedBytes <= 2 * WINDOW);
        manager.close();
      },
    ),
    { numRuns: 100 },
  );
});

test('a window proves itself by reads between which none of its rivals is read', () => {
  const reads = new DirectReads(16);
  const proved = (cells: number[]) => cells.map((cell) => reads.proves(cell));
  assert.deepEqual(proved([3, 3, 3, 3, 3]), [false, false, false, true, false]);
  assert.deepEqual(proved([5, 21, 5, 21, 5, 21, 5, 21, 5, 21]), new Array(10).fill(false));
  assert.deepEqual(proved([7, 8, 7, 8, 7, 8, 7, 8]), [...new Array(6).fill(false), true, true]);
});
