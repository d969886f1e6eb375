/** Faults of smmap's limits: who goes, what is counted, what happens when nothing can go. */

import assert from 'node:assert/strict';
import {
  type BudgetExceededError,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
} from 'smmap';
import { contentByte, contentBytes } from './support/files.js';
import {
  books,
  both,
  newFile,
  outcome,
  pagesMapped,
  pagesOf,
  rows,
  same,
} from './support/smmap-rows.js';

const WINDOW = PAGE_SIZE;

type Limits = ConstructorParameters<typeof SlidingWindowMapManager>[0];

/** A manager whose windows are one page. */
function sliding(limits: Limits = {}): SlidingWindowMapManager {
  return new SlidingWindowMapManager({ windowSize: WINDOW, ...limits });
}

/** Pages that are read after page 0. */
const PAGES = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** The numbers `0` to `count - 1`. */
function upTo(count: number): number[] {
  return [...Array(count).keys()];
}

/** The pages that are left when those were entered and left one after the other. */
function visited(limits: Limits, pages: readonly number[]): number[] {
  using manager = sliding(limits);
  const path = newFile(40 * PAGE_SIZE);
  visit(manager, path, pages);
  books(manager);
  return pagesMapped(path);
}

function visit(manager: SlidingWindowMapManager, path: string, pages: readonly number[]): void {
  const cursor = manager.makeCursor(path);
  for (const page of pages) {
    cursor.useRegion(page * PAGE_SIZE);
    assert.equal(cursor.buffer()[9], contentByte(page * PAGE_SIZE + 9));
  }
  cursor.unuseRegion();
}

/** Which of four files are left mapped when only three can be, and all were read in this order. */
function filesVisited(order: readonly number[]): number[] {
  using manager = new StaticWindowMapManager({ maxMemorySize: 3 * PAGE_SIZE });
  const paths = upTo(4).map(() => newFile(PAGE_SIZE));
  for (const k of order) {
    manager
      .makeCursor(paths[k] as string)
      .useRegion(0)
      .close();
  }
  books(manager);
  return upTo(4).filter((k) => pagesMapped(paths[k] as string).length > 0);
}

/** Uses twelve pages at once: how many were refused, and what is mapped. */
function useTwelve(manager: SlidingWindowMapManager | StaticWindowMapManager): unknown[] {
  const standOn = pagesOf(manager);
  const uses = upTo(12).map((page) => outcome(() => standOn(page)));
  return [uses.filter((use) => use === 'ERR_SMMAP_BUDGET').length, books(manager)];
}

rows('limits', {
  'row 1: of what is idle, what was left longest ago goes first': {
    right: { sliding: [0, 20, 30], static: [0, 2, 3] },
    smmap: { sliding: [10, 20, 30], static: [1, 2, 3] },
    ours: () => ({
      sliding: visited({ maxMemorySize: 3 * PAGE_SIZE }, [0, 10, 20, 0, 30]),
      static: filesVisited([0, 1, 2, 0, 3]),
    }),
  },

  'row 12: whoever keeps a slice or a view keeps nobody else from reading': {
    right: same(PAGES.map((page) => contentByte(page * PAGE_SIZE))),
    smmap: same(PAGES.map((page) => (page === 2 ? 'BufferError' : contentByte(page * PAGE_SIZE)))),
    ours: () =>
      both((make) => {
        using manager = make({ windowSize: WINDOW, maxMemorySize: 2 * PAGE_SIZE });
        const standOn = pagesOf(manager);
        const buffer = new SlidingWindowMapBuffer(standOn(0));
        const slice = buffer.slice(0, 10);
        const view = buffer.subarray(0, 10);
        assert.deepEqual(view, contentBytes(0, 10));
        buffer.endAccess();
        const read = PAGES.map((page) =>
          outcome(() => {
            using cursor = standOn(page);
            return cursor.buffer()[0];
          }),
        );
        assert.deepEqual(slice, contentBytes(0, 10));
        assert.equal(view.length, 0);
        assert.deepEqual(books(manager), [2, 2]);
        return read;
      }),
  },

  'row 13: a view that is kept leaves the books as they should be': {
    right: same([1, 0, [0, 0]]),
    smmap: same(['BufferError', 0, [1, 1]]),
    ours: () =>
      both((make) => {
        using manager = make();
        using cursor = manager.makeCursor(newFile(PAGE_SIZE)).useRegion();
        const view = cursor.buffer();
        cursor.unuseRegion();
        const collected = outcome(() => manager.collect());
        assert.equal(view.length, 0);
        return [collected, manager.inspect()[0]?.windows.length, books(manager)];
      }),
  },

  'row 25: the limit of regions holds for a static manager': {
    right: 1,
    smmap: 3,
    ours: () => {
      using manager = new StaticWindowMapManager({ maxOpenHandles: 1 });
      for (const _ of upTo(3)) manager.makeCursor(newFile(PAGE_SIZE)).useRegion(0).close();
      assert.deepEqual(books(manager), [1, 1]);
      return manager.numFileHandles;
    },
  },

  'row 26: a limit that is hit while everything is in use is named': {
    right: ['BudgetExceededError', true, 2],
    smmap: ['Exception', false, 2],
    ours: () => {
      using manager = sliding({ maxOpenHandles: 2, hardLimit: true });
      const path = newFile(10 * PAGE_SIZE);
      const held = upTo(2).map((page) => manager.makeCursor(path).useRegion(page * PAGE_SIZE));
      try {
        return manager.makeCursor(path).useRegion(5 * PAGE_SIZE).isValid;
      } catch (error) {
        const { name, message, holders } = error as BudgetExceededError;
        assert.equal(holders.length, held.length);
        return [name, message.includes('maxOpenHandles'), held.filter((c) => c.isValid).length];
      }
    },
  },

  'row 27: at the limit of regions one goes, and the others stay': {
    right: [1, 2, 3, 4, 5],
    smmap: [5],
    ours: () => visited({ maxOpenHandles: 5 }, upTo(6)),
  },

  'row 28: what counts is what is mapped, not the size of a window': {
    right: [6, 6],
    smmap: [3, 3],
    ours: () => {
      using manager = sliding({ windowSize: 10 * PAGE_SIZE, maxMemorySize: 12 * PAGE_SIZE });
      for (const _ of upTo(6)) manager.makeCursor(newFile(PAGE_SIZE)).useRegion(0).close();
      return books(manager);
    },
  },

  'row 29: what counts is what is mapped, not the size that was asked for': {
    right: [2, 40],
    smmap: [3, 60],
    ours: () => {
      using manager = new StaticWindowMapManager({ maxMemorySize: 45 * PAGE_SIZE });
      for (const _ of upTo(5)) {
        manager
          .makeCursor(newFile(20 * PAGE_SIZE))
          .useRegion(0, 10)
          .close();
        assert.ok(books(manager)[1] <= 45);
      }
      return books(manager);
    },
  },

  'row 30: a limit that cannot be kept is told: by an error, or where it may bend by a count': {
    right: same([9, [3, 3]]),
    smmap: same([0, [12, 12]]),
    ours: () =>
      both((make) => {
        const limits = { windowSize: WINDOW, maxMemorySize: 3 * PAGE_SIZE };
        {
          using soft = make(limits);
          assert.deepEqual(useTwelve(soft), [0, [12, 12]]);
          assert.equal(soft.stats().bent, 9);
        }
        using hard = make({ ...limits, hardLimit: true });
        return useTwelve(hard);
      }),
  },

  'row 31: a window is whole pages, and no region is larger': {
    right: [2 * PAGE_SIZE, 2 * PAGE_SIZE, 4 * PAGE_SIZE],
    smmap: [PAGE_SIZE + 1, 2 * PAGE_SIZE, 5 * PAGE_SIZE],
    ours: () => {
      const regionSize = (manager: SlidingWindowMapManager, offset: number) => {
        using cursor = manager.makeCursor(newFile(40 * PAGE_SIZE)).useRegion(offset);
        assert.equal(books(manager)[1], (cursor.region?.size ?? 0) / PAGE_SIZE);
        return cursor.region?.size;
      };
      using odd = sliding({ windowSize: PAGE_SIZE + 1 });
      const sizes = [odd.windowSize, regionSize(odd, 0)];
      odd.close();
      using even = sliding({ windowSize: 4 * PAGE_SIZE });
      return [...sizes, regionSize(even, 10 * PAGE_SIZE + 100)];
    },
  },
});
