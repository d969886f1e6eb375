/** What a hit costs, however many files the manager knows. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processCounts, StaticWindowMapManager, type WindowCursor } from 'smmap';
import { tempDir } from '../../test/support/files.js';
import { randomFrom } from '../../test/support/random.js';
import { fullSize } from '../../test/support/scale.js';
import { curveReport } from '../curve.js';
import { around, settle } from '../support.js';
import type { Form, Running, Workload } from '../workload.js';

const SIZES = [1, 10, 100, 1_000, 10_000, 100_000];
const MOST = SIZES.at(-1) as number;
const IN_A_FOLDER = 1_000;
const BYTES = 100;
/** Files that are hit where only a few are: so few that the processor keeps all that a hit touches at hand. */
const FEW = 4;
/** The system lets no process map as many files as the largest size has: the others are known, and not mapped. */
const MAPPED_SHARE = 0.75;

function pathOf(folder: string, file: number): string {
  return join(folder, String(Math.floor(file / IN_A_FOLDER)), String(file));
}

function makeFiles(): string {
  const folder = tempDir();
  for (let file = 0; file < MOST; file++) {
    if (file % IN_A_FOLDER === 0) mkdirSync(join(folder, String(file / IN_A_FOLDER)));
    writeFileSync(pathOf(folder, file), Buffer.alloc(BYTES, file % 256));
  }
  return folder;
}

/** A manager that knows so many files, each with a cursor; those of the mapped ones stand on them. */
function manager(files: number, folder: string) {
  const manager = new StaticWindowMapManager();
  const mapped = Math.min(files, Math.floor(processCounts().ceiling * MAPPED_SHARE));
  const cursors: WindowCursor[] = [];
  for (let file = 0; file < files; file++) {
    const cursor = manager.makeCursor(pathOf(folder, file));
    cursors.push(cursor);
    if (file < mapped) cursor.useRegion().buffer();
    else if (cursor.fileSize !== BYTES) throw new Error('another file'); // this makes it known
  }
  settle();
  return { manager, cursors, mapped };
}

/** The same few, spread over all that are mapped. */
function few(mapped: number): number[] {
  return Array.from({ length: FEW }, (_, i) => Math.floor((i * mapped) / FEW));
}

function any(mapped: number): number[] {
  const random = randomFrom(1);
  return Array.from({ length: Math.max(mapped, 1_000) }, () => random(0, mapped));
}

type Order = (mapped: number) => number[];

/** `useRegion` on a cursor that stands there, and a byte. */
function standing(order: Order): Form {
  return {
    start(files: number, folder: string): Running {
      const { cursors, mapped } = manager(files, folder);
      const turns = order(mapped).map((file) => cursors[file] as WindowCursor);
      return around(turns, (cursor) => cursor.useRegion(0).buffer()[0] as number);
    },
  };
}

/** A new cursor by path, `useRegion`, a byte, `close`. */
function byPath(order: Order): Form {
  return {
    start(files: number, folder: string): Running {
      const known = manager(files, folder);
      const turns = order(known.mapped).map((file) => pathOf(folder, file));
      return around(turns, (path) => {
        const cursor = known.manager.makeCursor(path).useRegion();
        const byte = cursor.buffer()[0] as number;
        cursor.close();
        return byte;
      });
    },
  };
}

/** What the system alone takes to look a path up. */
function statAlone(order: Order): Form {
  return {
    start(files: number, folder: string): Running {
      const mapped = Math.min(files, Math.floor(processCounts().ceiling * MAPPED_SHARE));
      const turns = order(mapped).map((file) => pathOf(folder, file));
      return around(turns, (path) => statSync(path).size);
    },
  };
}

export const workload: Workload = {
  about: 'cost of a hit, from 1 to 100,000 files known to the manager',
  page: 'docs/policy.md',
  forms: {
    'cursor on its region, the same few': standing(few),
    'open, use, close by path, the same few': byPath(few),
    'cursor on its region, any': standing(any),
    'open, use, close by path, any': byPath(any),
    'fs.statSync alone, any': statAlone(any),
  },
  run: () =>
    curveReport({
      module: import.meta.url,
      name: 'hit-cost',
      forms: Object.keys(workload.forms),
      sizes: SIZES,
      sizeLabel: 'files',
      fixture: makeFiles(),
      goal: 4,
      flat: ['cursor on its region, the same few', 'open, use, close by path, the same few'],
      race: {
        node: ['--expose-gc', '--no-concurrent-recompilation'],
        replicas: fullSize ? 3 : 1,
      },
    }),
};
