/** Faults of smmap's that cost: what nobody lets go, what is looked through, what is held besides memory. */

import assert from 'node:assert/strict';
import { MapRegion, MapRegionList, PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { descriptorsOn } from './support/descriptors.js';
import { contentBytes } from './support/files.js';
import {
  books,
  both,
  byNameAndNumber,
  newFile,
  pagesOf,
  rows,
  same,
} from './support/smmap-rows.js';

/** The numbers `0` to `count - 1`. */
function upTo(count: number): number[] {
  return [...Array(count).keys()];
}

/** A manager whose windows are one page. */
function sliding(maxMemorySize = Number.POSITIVE_INFINITY): SlidingWindowMapManager {
  return new SlidingWindowMapManager({ windowSize: PAGE_SIZE, maxMemorySize });
}

/** What every look at a region or at the regions of a file goes through. */
const LOOKS: readonly [object, PropertyKey][] = [
  [MapRegion.prototype, 'ofsEnd'],
  [MapRegion.prototype, 'includesOfs'],
  [MapRegion.prototype, 'hasPrivateStores'],
  [MapRegionList.prototype, 'length'],
  [MapRegionList.prototype, Symbol.iterator],
];

/** Runs a call and counts how often it looks at a region. */
function looksOf(call: () => unknown): number {
  let looks = 0;
  const restore = LOOKS.map(([prototype, name]) => {
    const was = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
    const part = was.get === undefined ? 'value' : 'get';
    const real = was[part] as (...given: unknown[]) => unknown;
    function counted(this: unknown, ...given: unknown[]): unknown {
      looks++;
      return real.apply(this, given);
    }
    Object.defineProperty(prototype, name, { ...was, [part]: counted });
    return () => Object.defineProperty(prototype, name, was);
  });
  try {
    call();
    return looks;
  } finally {
    for (const each of restore) each();
  }
}

/** Looks at regions for mapping one more, for mapping when one has to go, and for counting files. */
function looks(files: number, windows: number): number[] {
  using manager = sliding((files * windows + 1) * PAGE_SIZE);
  const paths = upTo(files).map(() => newFile(40 * PAGE_SIZE));
  for (const path of paths) {
    using cursor = manager.makeCursor(path);
    for (const page of upTo(windows)) cursor.useRegion(page * PAGE_SIZE);
  }
  const cursor = manager.makeCursor(paths[0] as string);
  const counts = [
    looksOf(() => cursor.useRegion(35 * PAGE_SIZE)),
    looksOf(() => cursor.useRegion(37 * PAGE_SIZE)),
    looksOf(() => assert.equal(manager.numOpenFiles, files)),
  ];
  assert.deepEqual(books(manager), [files * windows + 1, files * windows + 1]);
  return counts;
}

rows('costs', {
  'row 38: cursors that were forgotten are found when there is need of room': {
    right: same([2, 2]),
    smmap: same([10, 10]),
    ours: () =>
      both((make) => {
        using manager = make({ windowSize: PAGE_SIZE, maxMemorySize: 2 * PAGE_SIZE });
        const standOn = pagesOf(manager);
        const forget = (page: number) => {
          const owner: Record<string, unknown> = { cursor: standOn(page) };
          owner.itself = owner;
        };
        for (const page of upTo(10)) forget(page);
        assert.ok(manager.stats().leaked >= 8, `${manager.stats().leaked} found`);
        return books(manager);
      }),
  },

  'row 41: mapping, making room and counting files look at no more regions when there are more': {
    right: [false, false, false],
    smmap: [true, true, true],
    ours: () => {
      const few = looks(2, 2);
      return looks(16, 16).map((many, k) => many > (few[k] as number));
    },
  },

  'row 42: a file has one descriptor, however many regions it has': {
    right: { path: [10, 1], descriptor: [10, 1] },
    smmap: { path: [10, 10], descriptor: [10, 10] },
    ours: () =>
      byNameAndNumber((nameOf) => {
        const path = newFile(10 * PAGE_SIZE);
        using manager = sliding();
        const name = nameOf(path);
        const own = descriptorsOn(path);
        const held = upTo(10).map((page) => manager.makeCursor(name).useRegion(page * PAGE_SIZE));
        for (const [page, cursor] of held.entries()) {
          assert.deepEqual(cursor.buffer(), contentBytes(page * PAGE_SIZE, PAGE_SIZE));
        }
        return [books(manager)[0], descriptorsOn(path) - own];
      }),
  },
});
