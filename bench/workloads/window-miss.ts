/** A miss with its eviction where windows and budget are of an ordinary size, against what C does for it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SlidingWindowMapManager } from 'smmap';
import { tempDir } from '../../test/support/files.js';
import { randomFrom } from '../../test/support/random.js';
import { atMost, compare } from '../compare.js';
import { driven } from '../rivals/driven.js';
import { absent, cProgram, must, type Needs, present, python } from '../rivals/rivals.js';
import { sparseFile } from '../sparse-file.js';
import type { Form, Workload } from '../workload.js';

const WINDOW = 2 ** 20;
const BUDGET = 64 * WINDOW;
const FILE = 4 * 2 ** 30;

/** What the forms share. */
interface Fixture {
  readonly path: string;
  readonly offsets: string;
  readonly c: string;
  readonly python: readonly string[];
}

/** Each window once, in an order without any. */
function windows(): number[] {
  const random = randomFrom(7);
  const all = Array.from({ length: FILE / WINDOW }, (_, i) => i * WINDOW);
  for (let i = all.length - 1; i > 0; i--) {
    const j = random(0, i + 1);
    [all[i], all[j]] = [all[j] as number, all[i] as number];
  }
  return all;
}

function misses(look: boolean): Form {
  return {
    start(_, fixture) {
      const { path } = JSON.parse(fixture) as Fixture;
      const manager = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: BUDGET });
      const cursor = manager.makeCursor(path);
      const offsets = windows();
      let turn = 0;
      let sum = 0;
      return {
        run(times) {
          for (let i = 0; i < times; i++) {
            cursor.useRegion(offsets[turn] as number);
            if (look) sum += cursor.buffer()[0] as number;
            turn = (turn + 1) % offsets.length;
          }
          if (sum > 0) throw new Error('the file is not empty');
          return undefined;
        },
      };
    },
  };
}

function inC(job: 'map' | 'read'): Form {
  return {
    start(_, fixture) {
      const { c, path, offsets } = JSON.parse(fixture) as Fixture;
      return driven([c, job, path, String(job === 'map' ? WINDOW : 4096), offsets]);
    },
  };
}

const C_MAP = 'C: mmap, a byte, munmap';
const MISS = 'useRegion and a byte';
const PYTHON = 'Python’s smmap: use_region and a byte';

const inPython: Form = {
  start(_, fixture) {
    const { python, path, offsets } = JSON.parse(fixture) as Fixture;
    const args = ['smmap_read', path, '0', String(WINDOW), String(BUDGET), offsets];
    return driven([...python, ...args]);
  },
};

export const workload: Workload = {
  about: 'a miss with its eviction: windows of 1 MiB, a budget of 64 MiB',
  page: 'docs/performance.md',
  forms: {
    [C_MAP]: inC('map'),
    'C: pread of 4 KiB': inC('read'),
    'useRegion alone': misses(false),
    [MISS]: misses(true),
    [PYTHON]: inPython,
  },
  async run() {
    const smmap = python('smmap');
    const needs: Needs = { [PYTHON]: smmap };
    const offsets = join(tempDir(), 'offsets');
    writeFileSync(offsets, BigUint64Array.from(windows(), BigInt));
    const fixture: Fixture = {
      path: sparseFile(FILE),
      offsets,
      c: must(cProgram()),
      python: 'is' in smmap ? smmap.is : [],
    };
    const { table, results } = await compare({
      title: 'A window that is not mapped, with another that has to go for it:',
      module: import.meta.url,
      fixture: JSON.stringify(fixture),
      forms: present(Object.keys(workload.forms), needs),
      race: { sampleMs: 40 },
    });
    return {
      tables: [table],
      verdicts: [
        ...('is' in smmap ? [atMost(results, MISS, 1, { base: PYTHON })] : []),
        atMost(results, MISS, 3, { base: C_MAP }),
      ],
      absent: absent(needs),
      figures: results,
    };
  },
};
