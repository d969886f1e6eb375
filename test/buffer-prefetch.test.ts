import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { appendFileSync, statfsSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  BudgetExceededError,
  MapClosedError,
  MapFaultError,
  MemoryMap,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
} from 'smmap';
import { tempDir, writeContent, writeIslands } from './support/files.js';

const WINDOW = 2 * PAGE_SIZE;
const MIB = 2 ** 20;
const TMPFS = 0x01021994;
const dir = tempDir();
let made = 0;

function newFile(size: number): string {
  const path = join(dir, `${++made}`);
  writeContent(path, size);
  return path;
}

/** Fills the last window of a file, which the manager gets to know. */
function grow(manager: SlidingWindowMapManager | StaticWindowMapManager, path: string): void {
  appendFileSync(path, Buffer.alloc(WINDOW / 2));
  assert.equal(manager.makeCursor(path).fileSize, 2 * WINDOW);
}

/** Why it cannot be seen which bytes of a hole were read: there is no device to bring them from. */
function noDevice(): string | false {
  if (process.platform !== 'linux') return 'asks which pages are in memory';
  return statfsSync(dir).type === TMPFS && 'a hole of a tmpfs file is never in memory';
}

describe('prefetching through a buffer where all is in use', () => {
  for (const [limit, options] of Object.entries({
    'memory, bending': { maxMemorySize: 2 * WINDOW },
    'memory, refusing': { maxMemorySize: 2 * WINDOW, hardLimit: true },
    'handles, bending': { maxOpenHandles: 2 },
    'handles, refusing': { maxOpenHandles: 2, hardLimit: true },
  })) {
    test(`passes no limit, and reads what has no room: ${limit}`, {
      skip: noDevice(),
    }, async () => {
      using manager = new SlidingWindowMapManager({ windowSize: WINDOW, ...options });
      const path = join(dir, `never read, ${limit}`);
      writeIslands(path, 40 * MIB, []); // more than is read ahead by itself
      using watch = MemoryMap.open(path);
      assert.equal(watch.residentBytes, 0);
      const buf = new SlidingWindowMapBuffer(manager.makeCursor(path), 10);
      using other = manager.makeCursor(path).useRegion(WINDOW);
      await buf.prefetch();
      assert.equal(watch.residentBytes, watch.length);
      assert.deepEqual(manager.stats(), { ...manager.stats(), maps: 2, regions: 2, bent: 0 });
      other.close();
      await buf.prefetch(0, MIB);
      assert.ok(manager.stats().maps > 2, 'it maps where there is room');
      assert.equal(manager.stats().bent, 0);
      assert.equal(manager.stats().peakMappedBytes, 2 * WINDOW);
    });
  }

  test('a lost file, a signal and closing end it', async () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: WINDOW });
    const path = newFile(3 * MIB);
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
    const abort = new AbortController();
    const aborted = buf.prefetch(WINDOW, 1, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await assert.rejects(aborted, /enough/);
    const ended = buf.prefetch(WINDOW);
    buf.endAccess(); // of what follows, the error tells as of what was asked for
    buf.beginAccess();
    truncateSync(path, MIB);
    await assert.rejects(ended, {
      code: 'ERR_SMMAP_FAULT',
      file: path,
      offset: MIB,
      size: 2 * MIB,
    });
    await assert.rejects(buf.prefetch(WINDOW), MapFaultError);
    const other = newFile(3 * MIB);
    buf.beginAccess(manager.makeCursor(other));
    const closed = buf.prefetch(WINDOW);
    manager.close();
    await assert.rejects(closed, MapClosedError);
  });

  test('an error tells of the file and the range that were asked for', async () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: WINDOW });
    const path = newFile(3 * MIB);
    using cursor = manager.makeCursor(path).useRegion();
    for (const call of ['prefetch', 'readAsync'] as const) {
      writeContent(path, 3 * MIB);
      const buf = new SlidingWindowMapBuffer(cursor.refresh());
      const lost = buf[call](WINDOW, 3 * MIB - WINDOW);
      buf.endAccess();
      truncateSync(path, 2 * MIB);
      const expected = { code: 'ERR_SMMAP_FAULT', file: path, offset: 2 * MIB, size: MIB };
      await assert.rejects(lost, expected, call);
    }
  });
});

describe('prefetching through a buffer', () => {
  test('of the window it stands on does not count as coming to it again', async () => {
    using manager = new SlidingWindowMapManager({
      windowSize: WINDOW,
      maxMemorySize: 8 * WINDOW,
      directReads: 'never',
    });
    const path = newFile(64 * WINDOW);
    using hot = manager.makeCursor(path);
    for (const window of [0, 1, 2, 0, 1, 2]) hot.useRegion(window * WINDOW);
    hot.unuseRegion();
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path), 10 * WINDOW);
    for (let at = 0; at < buf.length; at += PAGE_SIZE) {
      buf.at(at);
      await buf.prefetch(at, 100);
    }
    const { maps } = manager.stats();
    for (const window of [0, 1, 2]) hot.useRegion(window * WINDOW);
    assert.equal(manager.stats().maps, maps, 'one pass displaced what is used again and again');
  });

  for (const [kind, manage] of Object.entries({
    windows: () => new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: 2 * WINDOW }),
    'whole files': () => new StaticWindowMapManager({ maxMemorySize: 2 * WINDOW }),
  })) {
    test(`stays on its region when the file has grown: ${kind}`, async () => {
      using manager = manage();
      const path = newFile(1.5 * WINDOW);
      const buf = new SlidingWindowMapBuffer(manager.makeCursor(path), WINDOW);
      using other = manager.makeCursor(path).useRegion(0);
      grow(manager, path);
      await buf.prefetch();
      assert.equal(manager.stats().bent, 0);
      assert.ok(other.isValid);
    });
  }

  test('does not count on a region that is shorter than its window has become', async () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: 2 * WINDOW });
    const path = newFile(1.5 * WINDOW);
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
    using other = manager.makeCursor(path).useRegion(WINDOW);
    grow(manager, path);
    await buf.prefetch(WINDOW - 1);
    assert.equal(manager.stats().bent, 0);
    assert.ok(other.isValid);
  });

  test('keeps the room that it made from who hears of the eviction', async () => {
    using manager = new SlidingWindowMapManager({
      windowSize: WINDOW,
      maxMemorySize: 2 * WINDOW,
      hardLimit: true,
    });
    const path = newFile(4 * WINDOW);
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
    using other = manager.makeCursor(path).useRegion(WINDOW);
    other.unuseRegion();
    let heard = 0;
    const listener = () => {
      heard++;
      assert.throws(() => other.useRegion(3 * WINDOW), BudgetExceededError);
    };
    subscribe('smmap:evict', listener);
    try {
      await buf.prefetch(2 * WINDOW, 10);
    } finally {
      unsubscribe('smmap:evict', listener);
    }
    assert.equal(heard, 1);
  });

  test('says that a listener closed the manager', async () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW });
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(newFile(4 * WINDOW)));
    const listener = () => manager.close();
    subscribe('smmap:map', listener);
    try {
      await assert.rejects(buf.prefetch(2 * WINDOW, 10), MapClosedError);
    } finally {
      unsubscribe('smmap:map', listener);
    }
  });

  test('does not count on room that stores keep', async () => {
    using manager = new SlidingWindowMapManager({
      windowSize: WINDOW,
      maxMemorySize: 2 * WINDOW,
      access: 'copy',
    });
    const path = newFile(4 * WINDOW);
    using cursor = manager.makeCursor(path).useRegion(0);
    cursor.buffer()[5] = 77;
    cursor.unuseRegion();
    const buf = new SlidingWindowMapBuffer(manager.makeCursor(path), WINDOW);
    await buf.prefetch();
    assert.equal(manager.stats().bent, 0);
    assert.equal(cursor.useRegion(0).buffer()[5], 77);
  });

  test('reckons with whole pages, and with as much as the last window has', async () => {
    const small = () => newFile(PAGE_SIZE + 100);
    using whole = new StaticWindowMapManager({ maxMemorySize: 3.5 * PAGE_SIZE });
    const buf = new SlidingWindowMapBuffer(whole.makeCursor(small()));
    buf.cursor?.unuseRegion();
    whole.collect();
    using first = whole.makeCursor(small()).useRegion();
    await buf.prefetch();
    assert.deepEqual([whole.stats().bent, whole.stats().regions], [0, 1]);
    assert.ok(first.isValid);

    using sliding = new SlidingWindowMapManager({
      windowSize: 8 * PAGE_SIZE,
      maxMemorySize: 10 * PAGE_SIZE,
    });
    const short = new SlidingWindowMapBuffer(sliding.makeCursor(newFile(9 * PAGE_SIZE)));
    await short.prefetch();
    assert.equal(sliding.stats().regions, 2);
  });
});
