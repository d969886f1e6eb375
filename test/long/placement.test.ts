/**
 * Where windows lie, as counted here and by Python's smmap on the same requests:
 * see docs/decisions/placement.md.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { checkout } from '../support/checkout.js';
import { tempDir, writeIslands } from '../support/files.js';
import { mapped } from '../support/proc-maps.js';
import { publish } from '../support/proof.js';
import { pythonWithSmmap } from '../support/python-rows.js';
import { randomFrom } from '../support/random.js';
import { scaled } from '../support/scale.js';

const PROGRAM = join(checkout, 'test/long/differential/walks.py');
const path = join(tempDir(), 'file');
const python = pythonWithSmmap();
const skip = python === undefined && 'python3-smmap is not installed';

/** One cursor's way through the file. Sizes in bytes. */
interface Walk {
  window: number;
  memory: number;
  requests: readonly (readonly [offset: number, size: number])[];
}

/** What a walk came to: regions mapped, and the least mean size that was seen in a hundred looks. */
interface Walked {
  maps: number;
  leastMean: number;
}

function walkHere({ window, memory, requests }: Walk, whole = (_: number) => false): Walked {
  using manager = new SlidingWindowMapManager({ windowSize: window, maxMemorySize: memory });
  const cursor = manager.makeCursor(path);
  const every = Math.max(1, Math.floor(requests.length / 100));
  let leastMean = Number.POSITIVE_INFINITY;
  for (const [index, [offset, size]] of requests.entries()) {
    assert.ok(cursor.useRegion(offset, size, { whole: whole(index) }).isValid);
    if ((index + 1) % every > 0) continue;
    leastMean = Math.min(leastMean, manager.mappedMemorySize / manager.numFileHandles);
  }
  assert.equal(mapped(path).bytes, manager.stats().mappedBytes);
  return { maps: manager.stats().maps, leastMean };
}

function walkWithSmmap(walks: readonly Walk[]): Walked[] {
  const input = walks.map((walk) => `${JSON.stringify({ path, ...walk })}\n`).join('');
  const { stdout, stderr, status } = spawnSync(python as string, [PROGRAM], { input });
  assert.equal(status, 0, stderr.toString());
  return stdout
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const ACCESSES = scaled(200_000, 1_000_000);
const WINDOW = 16 * PAGE_SIZE;
/** Many times the budget, and the last window holds 5 bytes. */
const LARGE = 64 * WINDOW + 5;

function randomWalk(): Walk {
  const random = randomFrom(1);
  const sizes = [0, 1, 100, PAGE_SIZE, WINDOW];
  const requests = Array.from({ length: ACCESSES }, () => {
    return [random(0, LARGE), sizes[random(0, sizes.length)] as number] as const;
  });
  return { window: WINDOW, memory: 16 * WINDOW, requests };
}

test('random accesses with eviction leave windows, and no slivers', (t) => {
  writeIslands(path, LARGE, []);
  const walk = randomWalk();
  const here = walkHere(walk);
  const asWhole = walkHere(walk, (index) => index % 10 === 0);
  const figures = {
    accesses: ACCESSES,
    mapped: here.maps,
    'least mean, in windows': here.leastMean / WINDOW,
    'with each tenth { whole: true }': asWhole.leastMean / WINDOW,
    'smmap, in windows': skip ? undefined : (walkWithSmmap([walk])[0] as Walked).leastMean / WINDOW,
  };
  t.diagnostic(JSON.stringify(figures));
  assert.ok(here.maps > ACCESSES / 2, 'there were hardly any evictions');
  assert.ok(here.leastMean >= 0.9 * WINDOW);
  assert.ok(asWhole.leastMean >= 0.9 * WINDOW);
  publish('placement', figures);
});

/** A file of ten windows of four pages. */
const PAGES = 40;
const SMALL_WINDOW = 4 * PAGE_SIZE;
const forward = Array.from({ length: PAGES }, (_, page) => page);

/** Reads page by page, asking each time for so many bytes. */
function pageByPage(pages: readonly number[], size: number, windows: number): Walk {
  const requests = pages.map((page) => [page * PAGE_SIZE, size] as const);
  return { window: SMALL_WINDOW, memory: windows * SMALL_WINDOW, requests };
}

test('page by page, forward and backward, from any page, each window is mapped once', () => {
  writeIslands(path, PAGES * PAGE_SIZE, []);
  for (const start of forward) {
    for (const pages of [forward.slice(start), forward.slice(0, start + 1).reverse()]) {
      const windows = new Set(pages.map((page) => Math.floor(page / 4))).size;
      for (const size of [0, 1, PAGE_SIZE]) {
        for (const memory of [1, 2, 10]) {
          assert.equal(walkHere(pageByPage(pages, size, memory)).maps, windows);
        }
      }
    }
  }
});

test('smmap maps nearly each page where its window lies behind the reader', { skip }, () => {
  writeIslands(path, PAGES * PAGE_SIZE, []);
  const walks = [
    pageByPage(forward, PAGE_SIZE, 1),
    pageByPage(forward, 0, 1),
    pageByPage(forward.toReversed(), PAGE_SIZE, 10),
    pageByPage(forward.toReversed(), 0, 10),
  ];
  const maps = walkWithSmmap(walks).map((walked) => walked.maps);
  assert.deepEqual(maps, [37, 10, 10, 40]);
});
