/** What is stored through a manager made for writing reaches the file, and no byte is lost on the way. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type MapManagerOptions,
  PAGE_SIZE,
  SlidingWindowMapManager,
  StaticWindowMapManager,
} from 'smmap';
import { checkout } from './support/checkout.js';
import { contentBytes, tempDir, writeContent, writeIslands } from './support/files.js';
import { mapped } from './support/proc-maps.js';

const WINDOW = 2 * PAGE_SIZE;
const COUNT = 40;
const SIZE = COUNT * WINDOW;
const dir = tempDir();
let made = 0;

/** A new file, of which each test has its own. */
function newFile(size = SIZE): string {
  const path = join(dir, `file-${++made}`);
  writeContent(path, size);
  return path;
}

function writer(options: MapManagerOptions = {}): SlidingWindowMapManager {
  return new SlidingWindowMapManager({ windowSize: WINDOW, access: 'write', ...options });
}

/** Content that differs from `contentBytes` in every byte. */
function otherBytes(offset: number, length: number): Buffer {
  return Buffer.from(contentBytes(offset, length).map((byte) => byte ^ 0xff));
}

describe('stores', () => {
  test('are the file’s at once, for whoever reads it', () => {
    const path = newFile();
    using manager = writer();
    using cursor = manager.makeCursor(path).useRegion(3 * WINDOW + 5, 100);
    otherBytes(3 * WINDOW + 5, 100).copy(cursor.buffer());
    const wanted = contentBytes(0, SIZE);
    otherBytes(3 * WINDOW + 5, 100).copy(wanted, 3 * WINDOW + 5);
    assert.ok(readFileSync(path).equals(wanted));
    assert.ok(execFileSync('cat', [path]).equals(wanted), 'another process');
  });

  test('reach it through every view of the region', () => {
    const path = newFile();
    using manager = writer();
    using cursor = manager.makeCursor(path).useRegion(WINDOW + 100);
    cursor.buffer()[0] = 1;
    const region = cursor.region?.buffer() as Buffer;
    region[101] = 2;
    cursor.map().bytes[102] = 3;
    cursor.clone().buffer()[3] = 4;
    const at = WINDOW + 100;
    assert.deepEqual([...readFileSync(path).subarray(at, at + 4)], [1, 2, 3, 4]);
    assert.deepEqual([...cursor.buffer().subarray(0, 4)], [1, 2, 3, 4]);
  });

  for (const windows of [1, 2, 7]) {
    test(`outlive eviction with room for ${windows} windows`, () => {
      const path = newFile();
      const budget = windows * WINDOW;
      using manager = writer({ maxMemorySize: budget, hardLimit: true });
      using cursor = manager.makeCursor(path);
      for (let i = 0; i < COUNT; i++) {
        const offset = ((i * 17) % COUNT) * WINDOW;
        otherBytes(offset, WINDOW).copy(cursor.useRegion(offset).buffer());
        assert.ok(mapped(path).bytes <= budget);
      }
      assert.equal(manager.stats().evictions, COUNT - windows);
      assert.ok(readFileSync(path).equals(otherBytes(0, SIZE)));
      for (let offset = 0; offset < SIZE; offset += WINDOW) {
        assert.deepEqual(cursor.useRegion(offset).buffer(), otherBytes(offset, WINDOW));
      }
    });
  }

  test('outlive the end of everything: unuse, collect, close, closeUnder, forgetting', () => {
    const path = newFile();
    const at = (k: number) => k * WINDOW + k;
    const ways: ((k: number) => void)[] = [
      (k) => {
        using manager = writer();
        const cursor = manager.makeCursor(path).useRegion(at(k));
        cursor.buffer()[0] = k;
        cursor.unuseRegion();
        assert.equal(manager.collect(), 1);
      },
      (k) => {
        const manager = writer();
        manager.makeCursor(path).useRegion(at(k)).buffer()[0] = k;
        manager.close();
      },
      (k) => {
        using manager = writer();
        manager.makeCursor(path).useRegion(at(k)).buffer()[0] = k;
        assert.equal(manager.closeUnder(dir), 1);
      },
      (k) => {
        writer().makeCursor(path).useRegion(at(k)).buffer()[0] = k;
      },
    ];
    for (const [k, way] of ways.entries()) {
      way(k);
      assert.equal(readFileSync(path)[at(k)], k, `way ${k}`);
    }
  });

  test('of a process that ends without closing anything are kept', () => {
    const path = newFile();
    const program = `
      import { SlidingWindowMapManager } from 'smmap';
      const manager = new SlidingWindowMapManager({ windowSize: ${WINDOW}, access: 'write' });
      manager.makeCursor(${JSON.stringify(path)}).useRegion(${5 * WINDOW}).buffer().fill(7);
      process.kill(process.pid, 'SIGKILL');`;
    assert.throws(
      () =>
        execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: checkout }),
      { signal: 'SIGKILL' },
    );
    const wanted = contentBytes(0, SIZE).fill(7, 5 * WINDOW, 6 * WINDOW);
    assert.ok(readFileSync(path).equals(wanted));
  });

  test('land where they belong beyond 4 GiB', () => {
    const path = join(dir, 'huge');
    const places = [2 ** 32 - 3, 2 ** 33 + 12_345, 2 ** 40];
    writeIslands(path, 2 ** 40 + 100, []);
    using manager = writer({ maxMemorySize: WINDOW });
    using cursor = manager.makeCursor(path);
    for (const offset of places) {
      cursor.useRegion(offset, 8, { whole: true });
      contentBytes(offset, 8).copy(cursor.buffer());
    }
    using reader = new SlidingWindowMapManager({ windowSize: WINDOW });
    for (const offset of places) {
      const seen = reader.makeCursor(path).useRegion(offset, 8, { whole: true });
      assert.deepEqual(seen.buffer(), contentBytes(offset, 8));
    }
  });

  test('of a static manager', () => {
    const path = newFile(SIZE + 77);
    using manager = new StaticWindowMapManager({ access: 'write' });
    manager.makeCursor(path).useRegion(SIZE).buffer().fill(9);
    const wanted = Buffer.concat([contentBytes(0, SIZE), Buffer.alloc(77, 9)]);
    assert.ok(readFileSync(path).equals(wanted));
  });
});

/** One step of a random walk: everything that can happen between two stores. */
const step = fc.record({
  act: fc.constantFrom('store', 'store', 'store', 'read', 'flush', 'leave', 'collect', 'extend'),
  who: fc.nat(2),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: WINDOW }),
  byte: fc.nat(255),
  whole: fc.boolean(),
});

test('whatever is stored, wherever, with however little room, is what the file holds', () => {
  const property = fc.property(
    fc.array(step, { minLength: 20, maxLength: 150, size: 'max' }),
    fc.integer({ min: 1, max: 4 }),
    (steps, windows) => {
      const path = newFile(10 * WINDOW + 100);
      let model = contentBytes(0, 10 * WINDOW + 100);
      using manager = writer({ maxMemorySize: windows * WINDOW });
      const cursors = [0, 1, 2].map(() => manager.makeCursor(path));
      for (const { act, who, at, length, byte, whole } of steps) {
        const cursor = cursors[who] as (typeof cursors)[0];
        if (act === 'leave') cursor.unuseRegion();
        else if (act === 'collect') manager.collect();
        else if (act === 'extend') {
          const size = model.length + (at % PAGE_SIZE);
          cursor.extendFile(size);
          model = Buffer.concat([model, Buffer.alloc(size - model.length)]);
        } else {
          const offset = at % model.length;
          cursor.useRegion(offset, length, { whole });
          if (whole) assert.equal(cursor.size, Math.min(length, model.length - offset));
          if (act === 'store') {
            cursor.buffer().fill(byte);
            model.fill(byte, offset, cursor.ofsEnd);
          }
          if (act === 'flush') cursor.flush();
          assert.deepEqual(cursor.buffer(), model.subarray(offset, cursor.ofsEnd));
        }
      }
      assert.ok(readFileSync(path).equals(model));
      manager.close();
      assert.ok(readFileSync(path).equals(model));
      assert.equal(mapped(path).lines, 0);
      unlinkSync(path);
    },
  );
  fc.assert(property, { numRuns: 60, seed: 7 });
});

describe('two who write', () => {
  test('see each other’s stores at once, whichever windows they use', () => {
    const path = newFile();
    using one = writer();
    using other = writer({ windowSize: 5 * PAGE_SIZE });
    using mine = one.makeCursor(path);
    using theirs = other.makeCursor(path);
    for (let offset = 10; offset < SIZE; offset += 3 * PAGE_SIZE) {
      mine.useRegion(offset, 4, { whole: true }).buffer().writeUInt32LE(offset);
      theirs.useRegion(offset, 4, { whole: true });
      assert.equal(theirs.buffer().readUInt32LE(), offset);
      theirs.buffer().writeUInt32BE(offset);
      assert.equal(mine.buffer().readUInt32BE(), offset);
    }
  });

  test('readers see them too, also in windows that they had mapped before', () => {
    const path = newFile();
    using reader = new SlidingWindowMapManager({ windowSize: WINDOW });
    using seen = reader.makeCursor(path).useRegion(0, 10);
    assert.deepEqual(seen.buffer(), contentBytes(0, 10));
    using manager = writer();
    manager.makeCursor(path).useRegion(0, 10).buffer().fill(3);
    assert.deepEqual(seen.buffer(), Buffer.alloc(10, 3));
  });

  test('in two processes', () => {
    const path = newFile();
    using manager = writer();
    using cursor = manager.makeCursor(path).useRegion(0, 16);
    cursor.buffer().writeUInt32LE(123_456);
    const program = `
      import { SlidingWindowMapManager } from 'smmap';
      const manager = new SlidingWindowMapManager({ access: 'write' });
      const bytes = manager.makeCursor(${JSON.stringify(path)}).useRegion(0, 16).buffer();
      bytes.writeUInt32LE(2 * bytes.readUInt32LE(0), 4);`;
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: checkout });
    assert.equal(cursor.buffer().readUInt32LE(4), 246_912);
  });
});
