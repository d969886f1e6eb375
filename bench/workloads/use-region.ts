/** `useRegion` that hits, in the forms in which it is asked. */
import { PAGE_SIZE, SlidingWindowMapManager, type WindowCursor } from 'smmap';
import { atLeast, compare, within } from '../compare.js';
import { driven } from '../rivals/driven.js';
import { absent, must, type Needs, present, python } from '../rivals/rivals.js';
import { sparseFile } from '../sparse-file.js';
import type { Form, Workload } from '../workload.js';

const WINDOW = 16 * PAGE_SIZE;
/** Nanoseconds that a hit may take. */
const MOST = 25;

/** The same work on plain objects: two comparisons and a view. */
const limit: Form = {
  start() {
    const region = { begin: 0, end: WINDOW, bytes: Buffer.alloc(WINDOW) };
    return {
      run(times) {
        let seen = 0;
        for (let i = 0; i < times; i++) {
          const offset = (i * 64) % WINDOW;
          if (offset >= region.begin && offset < region.end) seen += region.bytes[offset] as number;
        }
        if (seen > 0) throw new Error('the file is not empty');
      },
    };
  },
};

function hit(use: (cursor: WindowCursor, offset: number) => number): Form {
  return {
    start(_, path) {
      const manager = new SlidingWindowMapManager({ windowSize: WINDOW });
      const cursor = manager.makeCursor(path).useRegion();
      return {
        run(times) {
          let seen = 0; // a variable of this function: one outside would be a new object for each sum
          for (let i = 0; i < times; i++) seen += use(cursor, (i * 64) % WINDOW);
          if (!(seen >= 0)) throw new Error('nothing was read');
        },
      };
    },
  };
}

/** By turns on one of two windows, so that the manager has to be asked. */
const moving: Form = {
  start(_, path) {
    const manager = new SlidingWindowMapManager({ windowSize: WINDOW });
    const cursor = manager.makeCursor(path);
    return {
      run(times) {
        for (let i = 0; i < times; i++) cursor.useRegion((i & 1) * WINDOW);
      },
    };
  },
};

const HIT = 'useRegion(offset)';
const PYTHON = 'Python’s smmap, use_region(offset)';

export const workload: Workload = {
  about: 'useRegion that finds its window mapped',
  page: 'docs/performance.md',
  forms: {
    'two comparisons and a view': limit,
    [HIT]: hit((cursor, offset) => cursor.useRegion(offset).size),
    'useRegion(offset, size)': hit((cursor, offset) => cursor.useRegion(offset, 64).size),
    'useRegion(offset).buffer()': hit(
      (cursor, offset) => cursor.useRegion(offset).buffer()[0] as number,
    ),
    'useRegion(offset) on the other of two windows': moving,
    [PYTHON]: { start: (_, path) => driven([...must(python('smmap')), 'smmap_hit', path]) },
  },
  async run() {
    const needs: Needs = { [PYTHON]: python('smmap') };
    const forms = present(Object.keys(workload.forms), needs);
    const { table, results } = await compare({
      title: 'A hit:',
      module: import.meta.url,
      forms,
      fixture: sparseFile(4 * WINDOW),
    });
    return {
      tables: [table],
      verdicts: [
        within(results, HIT, MOST, 2),
        ...(forms.includes(PYTHON) ? [atLeast(results, HIT, 19, { base: PYTHON, goal: 2 })] : []),
      ],
      absent: absent(needs),
      figures: results,
    };
  },
};
