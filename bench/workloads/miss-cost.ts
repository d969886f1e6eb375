/** What a miss costs that maps one region and unmaps another, however many are mapped. */
import { PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { randomFrom } from '../../test/support/random.js';
import { curveReport } from '../curve.js';
import { sparseFile } from '../sparse-file.js';
import type { Form, Running, Workload } from '../workload.js';

const SIZES = [50, 500, 5_000, 20_000, 35_000];
/** Windows of the file: the same for all sizes, so that the system's part of the work is. */
const WINDOWS = 100_000;

/** A manager for so many one-page regions, all of them mapped, and a cursor that misses each time. */
function misses(order: () => Uint32Array): Form {
  return {
    start(regions: number, path: string): Running {
      const manager = new SlidingWindowMapManager({
        windowSize: PAGE_SIZE,
        maxMemorySize: regions * PAGE_SIZE,
      });
      const cursor = manager.makeCursor(path);
      const windows = order();
      let turn = 0;
      let sum = 0;
      const run = (times: number) => {
        for (let i = 0; i < times; i++) {
          cursor.useRegion((windows[turn] as number) * PAGE_SIZE);
          sum += cursor.buffer()[0] as number;
          if (++turn === windows.length) turn = 0;
        }
      };
      run(windows.length); // once round: every page is in the system's cache, and the manager is full
      return { run, answer: sum };
    },
  };
}

function inOrder(): Uint32Array {
  return Uint32Array.from({ length: WINDOWS }, (_, i) => i);
}

/** Each once, in an order without any. */
function shuffled(): Uint32Array {
  const random = randomFrom(1);
  const windows = inOrder();
  for (let i = WINDOWS - 1; i > 0; i--) {
    const j = random(0, i + 1);
    [windows[i], windows[j]] = [windows[j] as number, windows[i] as number];
  }
  return windows;
}

export const workload: Workload = {
  about: 'cost of a miss with its eviction, from 50 to 35,000 regions mapped',
  page: 'docs/policy.md',
  forms: {
    'miss and evict, in order': misses(inOrder),
    'miss and evict, at random': misses(shuffled),
  },
  run: () =>
    curveReport({
      module: import.meta.url,
      name: 'miss-cost',
      forms: Object.keys(workload.forms),
      sizes: SIZES,
      sizeLabel: 'regions',
      fixture: sparseFile(WINDOWS * PAGE_SIZE),
      goal: 4,
      flat: Object.keys(workload.forms),
      race: { sampleMs: 40 },
    }),
};
