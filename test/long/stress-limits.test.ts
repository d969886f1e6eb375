/** More addresses, windows and threads than the process has room for: all is read, nothing leaks, nothing dies. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  BudgetExceededError,
  PAGE_SIZE,
  processCounts,
  SlidingWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { contentBytes, tempDir, writeIslands } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';
import { randomFrom } from '../support/random.js';
import { scaled } from '../support/scale.js';
import type { CeilingOrder, CeilingReport } from './stress/ceiling-worker.js';
import { assertNothingLeft } from './stress/leaks.js';
import { assertPage, writePages } from './stress/pages.js';

const MIB = 2 ** 20;
const GIB_IN_KIB = 2 ** 20;
const dir = tempDir();
const path = join(dir, 'file.bin');

/** A sparse file of large windows, with content at the beginning, in the middle and at the end of each. */
const LARGE = 256 * MIB;
const LARGE_COUNT = 64;
const PLACES = [0, LARGE / 2 - 50, LARGE - 100];

function writeLargeWindows(): void {
  const islands = Array.from({ length: LARGE_COUNT }, (_, k) =>
    PLACES.map((place) => ({ offset: k * LARGE + place, length: 100 })),
  );
  writeIslands(path, LARGE_COUNT * LARGE, islands.flat());
}

/** Stands on a large window, and compares what is in it. */
function readLarge(cursor: WindowCursor, window: number): void {
  cursor.useRegion(window * LARGE);
  assert.equal(cursor.size, LARGE);
  const view = cursor.buffer();
  for (const place of PLACES) {
    const wanted = contentBytes(window * LARGE + place, 100);
    assert.deepEqual(view.subarray(place, place + 100), wanted, `window ${window}`);
  }
  assert.equal(view[LARGE / 4], 0);
}

/** Walks forwards, backwards and at random over more windows than there are addresses for. */
function walkLarge(cursorFor: (manager: SlidingWindowMapManager) => WindowCursor): void {
  writeLargeWindows();
  const manager = new SlidingWindowMapManager({ windowSize: LARGE });
  const random = randomFrom(1);
  for (let k = 0; k < LARGE_COUNT; k++) readLarge(cursorFor(manager), k);
  for (let k = LARGE_COUNT - 1; k >= 0; k--) readLarge(cursorFor(manager), k);
  for (let i = 0; i < scaled(300, 10_000); i++)
    readLarge(cursorFor(manager), random(0, LARGE_COUNT));
  const { evictionsBy, mappedBytes } = manager.stats();
  assert.ok(evictionsBy.ENOMEM > 0);
  assert.equal(mapped(path).bytes, mappedBytes);
  manager.close();
  assertNothingLeft(dir);
}

const forgetful = (manager: SlidingWindowMapManager) => manager.makeCursor(path);

function oneCursor(): (manager: SlidingWindowMapManager) => WindowCursor {
  let cursor: WindowCursor | undefined;
  return (manager) => {
    cursor ??= manager.makeCursor(path);
    return cursor;
  };
}

/** More than any process can have mapped here. */
const PAGES = Math.max(70_000, processCounts().ceiling + 1_000);

/** A manager of one-page windows that may have as many as it likes. */
function pageManager(): SlidingWindowMapManager {
  return new SlidingWindowMapManager({
    windowSize: PAGE_SIZE,
    maxMemorySize: Number.POSITIVE_INFINITY,
  });
}

/** What a healthy process can do: have a large heap, start a thread, map a file. */
async function assertHealthy(): Promise<void> {
  const heap = Array.from({ length: 200 }, (_, i) => new Array(2 ** 17).fill(i));
  assert.equal(heap.length, 200);
  const worker = new Worker('', { eval: true });
  assert.deepEqual(await once(worker, 'exit'), [0]);
  using manager = pageManager();
  assertPage(manager.makeCursor(path).useRegion(32 * PAGE_SIZE), 32);
}

/** Its name is to be found in stacks. */
function takeWindow(manager: SlidingWindowMapManager, k: number): WindowCursor {
  return manager.makeCursor(path).useRegion(k * PAGE_SIZE);
}

const WORKERS = 8;
/** Regions that every manager has whatever others do. */
const GUARANTEED = 64;

/** Starts workers that are ready to map; their heaps lower the ceiling from now on. */
async function startWorkers(order: Pick<CeilingOrder, 'pages' | 'wanted'>): Promise<Worker[]> {
  const program = new URL('./stress/ceiling-worker.js', import.meta.url);
  const all = { ...order, path, guaranteed: GUARANTEED, reads: scaled(5_000, 20_000) };
  const workers = Array.from({ length: WORKERS }, (_, seed) => {
    const workerData: CeilingOrder = { ...all, seed, closes: seed % 2 === 0 };
    return new Worker(program, { workerData });
  });
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return workers;
}

/** Lets a worker go, and waits for its end. */
async function finish(worker: Worker): Promise<CeilingReport> {
  worker.postMessage('go');
  const [[report], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  assert.equal(code, 0);
  return report as CeilingReport;
}

/** Takes all that one thread can have; gives the cursors. */
function fill(manager: SlidingWindowMapManager, leaves: boolean): WindowCursor[] {
  const cursors: WindowCursor[] = [];
  const take = () => {
    while (manager.stats().evictions === 0) {
      const cursor = manager.makeCursor(path).useRegion(cursors.length * PAGE_SIZE);
      assertPage(cursor, cursors.length);
      if (leaves) cursor.unuseRegion();
      cursors.push(cursor);
    }
  };
  if (leaves) take();
  else assert.throws(take, BudgetExceededError);
  return cursors;
}

await hazards(import.meta.url, {
  ...Object.fromEntries(
    [2, 3, 4].map((gib) => [
      `${gib} GiB of addresses (ulimit -v), 16 GiB in windows of 256 MiB`,
      { ulimit: [`-v ${gib * GIB_IN_KIB}`], run: () => walkLarge(oneCursor()) },
    ]),
  ),

  '2 GiB of addresses, every cursor forgotten': {
    ulimit: [`-v ${2 * GIB_IN_KIB}`],
    run: () => walkLarge(forgetful),
  },

  '4 GiB of addresses, windows held: the error names the limit, and what is held stays': {
    ulimit: [`-v ${4 * GIB_IN_KIB}`],
    run: () => {
      writeLargeWindows();
      const manager = new SlidingWindowMapManager({ windowSize: LARGE });
      const held: WindowCursor[] = [];
      const hold = () => {
        for (let k = 0; k < LARGE_COUNT; k++) {
          const cursor = manager.makeCursor(path);
          readLarge(cursor, k);
          held.push(cursor);
        }
      };
      assert.throws(hold, { code: 'ENOMEM', message: /ulimit -v is 4294967296 bytes/ });
      assert.ok(held.length >= 4);
      for (const [k, cursor] of held.entries()) readLarge(cursor, k);
      for (const cursor of held) cursor.close();
      for (let k = 0; k < LARGE_COUNT; k++) readLarge(manager.makeCursor(path), k);
      manager.close();
      assertNothingLeft(dir);
    },
  },

  '70,000 windows of one page, held: an error that names the ceiling, and the process is well':
    async () => {
      writePages(path, PAGES);
      const manager = pageManager();
      const held: WindowCursor[] = [];
      for (let round = 0; round < 2; round++) {
        const hold = () => {
          for (let page = held.length; page < PAGES; page++) {
            const cursor = manager.makeCursor(path).useRegion(page * PAGE_SIZE);
            held.push(cursor);
          }
        };
        assert.throws(hold, (error: Error) => {
          assert.ok(error instanceof BudgetExceededError, String(error));
          assert.match(error.message, /ceiling of \d+ mappings/);
          assert.equal(error.holders.length, held.length);
          return true;
        });
        for (const [page, cursor] of held.entries()) assertPage(cursor, page);
        await assertHealthy();
        assert.equal(mapped(path).bytes, manager.stats().mappedBytes);
        for (const cursor of held.splice(held.length / 2)) cursor.close();
      }
      manager.close();
      assertNothingLeft(dir);
    },

  '70,000 windows of one page, left or forgotten: every one is read': async () => {
    writePages(path, PAGES);
    for (const forgets of [false, true]) {
      const manager = pageManager();
      for (let page = 0; page < PAGES; page++) {
        const cursor = manager.makeCursor(path).useRegion(page * PAGE_SIZE);
        assertPage(cursor, page);
        if (!forgets) cursor.close();
      }
      const { ceiling, maps } = processCounts();
      assert.equal(manager.stats().misses, PAGES);
      assert.ok(maps <= ceiling);
      await assertHealthy();
      manager.close();
      assertNothingLeft(dir);
    }
  },

  'eight workers, each with a manager, at the ceiling: what is idle gives way to them':
    async () => {
      const { ceiling: pages } = processCounts();
      writePages(path, pages);
      const workers = await startWorkers({ pages, wanted: 10 * GUARANTEED });
      const manager = pageManager();
      fill(manager, true);
      const before = manager.numFileHandles;
      const reports = await Promise.all(workers.map(finish));
      assert.ok(reports.some(({ refused }) => refused > 0));
      assert.ok(manager.numFileHandles < before, 'this thread was asked to give way');
      assert.equal(processCounts().maps, manager.numFileHandles, 'the workers left nothing');
      await assertHealthy();
      manager.close();
      assertNothingLeft(dir);
    },

  'eight workers that come when everything is in use have what is guaranteed': async () => {
    const { ceiling: pages } = processCounts();
    writePages(path, pages);
    const manager = pageManager();
    const held = fill(manager, false);
    const workers = await startWorkers({ pages, wanted: GUARANTEED });
    await Promise.all(workers.map(finish));
    assert.equal(processCounts().maps, held.length, 'the workers left nothing');
    for (const [page, cursor] of held.entries()) assertPage(cursor, page);
    await assertHealthy();
    manager.close();
    assertNothingLeft(dir);
  },

  'a thousand windows held under a hard limit: the error says by whom, and where it was asked for':
    () => {
      const most = 1_000;
      writePages(path, most + 1);
      const manager = new SlidingWindowMapManager({
        windowSize: PAGE_SIZE,
        maxMemorySize: most * PAGE_SIZE,
        hardLimit: true,
        debug: true,
      });
      const held = Array.from({ length: most }, (_, k) => takeWindow(manager, k));
      const twice = takeWindow(manager, 7);
      assert.throws(
        () => manager.makeCursor(path).useRegion(most * PAGE_SIZE),
        (error: Error) => {
          assert.ok(error instanceof BudgetExceededError, String(error));
          const offsets = error.holders.map(({ offset }) => offset).sort((a, b) => a - b);
          assert.deepEqual(
            offsets,
            Array.from({ length: most }, (_, k) => k * PAGE_SIZE),
          );
          for (const { file, offset, size, users, stacks } of error.holders) {
            assert.deepEqual(
              [file, size, users],
              [path, PAGE_SIZE, offset === 7 * PAGE_SIZE ? 2 : 1],
            );
            assert.equal(stacks?.length, users);
            for (const stack of stacks ?? []) assert.match(stack, /^\s+at takeWindow /);
          }
          return true;
        },
      );
      for (const [k, cursor] of held.entries()) assertPage(cursor, k);
      assertPage(twice, 7);
      assert.equal(mapped(path).bytes, most * PAGE_SIZE);
      manager.close();
      assertNothingLeft(dir);
    },
});
