/** What cursors cost that nobody closed, and what looking for them costs those that did. */
import { PAGE_SIZE, SlidingWindowMapManager, type WindowCursor } from 'smmap';
import { curveReport } from '../curve.js';
import { sparseFile } from '../sparse-file.js';
import { settle } from '../support.js';
import type { Form, Running, Workload } from '../workload.js';

const SIZES = [10, 100, 1_000, 10_000, 30_000];
const WINDOWS = 100_000;

function managerFor(regions: number): SlidingWindowMapManager {
  return new SlidingWindowMapManager({
    windowSize: PAGE_SIZE,
    maxMemorySize: regions * PAGE_SIZE,
  });
}

/** A new cursor for the next window each time; what becomes of it is up to `leave`. */
function forward(
  manager: SlidingWindowMapManager,
  path: string,
  leave: (one: WindowCursor) => void,
) {
  let window = 0;
  return (times: number) => {
    for (let i = 0; i < times; i++) {
      const cursor = manager.makeCursor(path);
      cursor.useRegion(window * PAGE_SIZE);
      leave(cursor);
      if (++window === WINDOWS) window = 0;
    }
  };
}

/** Cursors that are used, and then closed or forgotten; so many regions fit. */
function cursors(leave: (cursor: WindowCursor) => void): Form {
  return {
    start(regions: number, path: string): Running {
      const run = forward(managerFor(regions), path, leave);
      run(2 * regions);
      return { run };
    },
  };
}

/** Every region that fits is in use, and stays so: the limit bends for one more, again and again. */
const allInUse: Form = {
  start(regions: number, path: string): Running {
    const manager = managerFor(regions);
    const held = Array.from({ length: regions }, (_, i) =>
      manager.makeCursor(path).useRegion((WINDOWS + i) * PAGE_SIZE),
    );
    settle();
    const run = forward(manager, path, (cursor) => cursor.close());
    return {
      run(times) {
        run(times);
        if (!held[0]?.isValid) throw new Error('a region in use is gone');
      },
    };
  },
};

export const workload: Workload = {
  about: 'cost of cursors that are forgotten, and of the search for them',
  page: 'docs/policy.md',
  forms: {
    'use and close': cursors((cursor) => cursor.close()),
    'use and forget': cursors(() => undefined),
    'use and close, all else in use': allInUse,
  },
  run: () =>
    curveReport({
      module: import.meta.url,
      name: 'forgotten-cost',
      forms: Object.keys(workload.forms),
      sizes: SIZES,
      sizeLabel: 'regions',
      fixture: sparseFile((WINDOWS + Math.max(...SIZES)) * PAGE_SIZE),
      flat: [],
      race: { node: ['--expose-gc'], sampleMs: 200, rounds: 9 }, // long: a search is rare, and slow
    }),
};
