/** What asking the manager costs, and windows beside the grid, however many there are. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE_SIZE, SlidingWindowMapManager, StaticWindowMapManager } from 'smmap';
import { tempDir } from '../../test/support/files.js';
import { curveReport } from '../curve.js';
import { sparseFile } from '../sparse-file.js';
import { around, settle } from '../support.js';
import type { Form, Running, Workload } from '../workload.js';

const SIZES = [10, 100, 1_000, 10_000];
const MOST = SIZES.at(-1) as number;
const WINDOW = 2 * PAGE_SIZE;

/** A manager with one region in each of so many files. */
function overFiles(ask: (manager: StaticWindowMapManager) => number): Form {
  return {
    start(files: number, fixture: string): Running {
      const { folder } = JSON.parse(fixture) as { folder: string };
      const manager = new StaticWindowMapManager();
      for (let file = 0; file < files; file++) {
        manager
          .makeCursor(join(folder, String(file)))
          .useRegion()
          .close();
      }
      settle();
      return around([manager], ask);
    },
  };
}

/** A file with so many windows that were asked for whole, across the borders of the grid. */
function besideGrid(between: 'two others' | 'two of them'): Form {
  return {
    start(windows: number, fixture: string): Running {
      const { path } = JSON.parse(fixture) as { path: string };
      const manager = new SlidingWindowMapManager({ windowSize: WINDOW });
      const cursor = manager.makeCursor(path);
      const whole = (i: number) =>
        cursor.useRegion(i * WINDOW + PAGE_SIZE, WINDOW, { whole: true }).size;
      for (let i = 0; i < windows; i++) whole(i);
      settle();
      if (between === 'two of them') return around([0, windows - 1], whole);
      return around([MOST + 2, MOST + 4], (i) => cursor.useRegion(i * WINDOW).size);
    },
  };
}

export const workload: Workload = {
  about: 'cost of asking the manager, and of windows beside the grid',
  page: 'docs/policy.md',
  forms: {
    'stats() and numOpenFiles': overFiles(
      (manager) => manager.stats().regions + manager.numOpenFiles,
    ),
    'move between two windows, so many beside the grid': besideGrid('two others'),
    'move between two of so many beside the grid': besideGrid('two of them'),
  },
  run() {
    const folder = tempDir();
    for (let file = 0; file < MOST; file++) writeFileSync(join(folder, String(file)), 'content');
    return curveReport({
      module: import.meta.url,
      name: 'housekeeping-cost',
      forms: Object.keys(workload.forms),
      sizes: SIZES,
      sizeLabel: 'files or windows',
      fixture: JSON.stringify({ folder, path: sparseFile((MOST + 8) * WINDOW) }),
      flat: Object.keys(workload.forms),
      race: { node: ['--expose-gc'] },
    });
  },
};
