/** Small reads all over a file that is much larger than the budget, from none of them hitting a hot part to all. */
import { openSync, readSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { tempDir } from '../../test/support/files.js';
import { randomFrom } from '../../test/support/random.js';
import { compare, ratioBetween, resultOf } from '../compare.js';
import { times } from '../figures.js';
import type { Panel, Series } from '../plot.js';
import type { Result } from '../race.js';
import { driven } from '../rivals/driven.js';
import { absent, cProgram, must, type Needs, present, python } from '../rivals/rivals.js';
import { textFile } from '../text.js';
import type { Form, Running, Verdict, Workload } from '../workload.js';

const FILE = 2 * 2 ** 30;
const WINDOW = 2 ** 20;
const BUDGET = 64 * WINDOW;
/** Bytes of one read. */
const PIECE = 100;
const READS = 50_000;
/** Windows that are read again and again: half of what the budget holds. */
const HOT = 32;
/** Reads of a hundred that go to the hot windows. */
const SHARES = [0, 25, 50, 75, 90, 99, 100];

interface Fixture {
  readonly path: string;
  /** A file of offsets for each share, for other programs. */
  readonly offsets: Readonly<Record<number, string>>;
  readonly c: string;
  readonly python: readonly string[];
}

function offsetsFor(share: number): Float64Array {
  const random = randomFrom(1);
  const hot = Array.from({ length: HOT }, () => random(0, FILE / WINDOW) * WINDOW);
  return Float64Array.from({ length: READS }, () => {
    const within = random(0, WINDOW - PIECE);
    const cold = random(0, FILE / WINDOW) * WINDOW;
    return (random(0, 100) < share ? (hot[random(0, HOT)] as number) : cold) + within;
  });
}

type Read = (target: Buffer, offset: number) => void;

/** One read after the other, once all of them before it is timed. */
function reads(path: (fixture: Fixture) => Read): Form {
  return {
    start(share, given): Running {
      const read = path(JSON.parse(given) as Fixture);
      const offsets = offsetsFor(share);
      const target = Buffer.alloc(PIECE);
      let turn = 0;
      const run = (times: number) => {
        for (let i = 0; i < times; i++) {
          read(target, offsets[turn] as number);
          if (++turn === READS) turn = 0;
        }
      };
      run(READS);
      return { run };
    },
  };
}

function buffered(path: string, options = {}): SlidingWindowMapBuffer {
  const sizes = { windowSize: WINDOW, maxMemorySize: BUDGET };
  const manager = new SlidingWindowMapManager({ ...sizes, ...options });
  return new SlidingWindowMapBuffer(manager.makeCursor(path));
}

const FS = 'fs.readSync';
const COPY = 'buffer.copy';
const PYTHON = 'Python’s smmap';

export const workload: Workload = {
  about: 'small reads all over a large file, by how many go to a hot part',
  page: 'docs/performance.md',
  forms: {
    [FS]: reads(({ path }) => {
      const fd = openSync(path, 'r');
      return (target, offset) => readSync(fd, target, 0, PIECE, offset);
    }),
    [COPY]: reads(({ path }) => {
      const buffer = buffered(path);
      return (target, offset) => buffer.copy(target, 0, offset, offset + PIECE);
    }),
    'buffer.slice': reads(({ path }) => {
      const buffer = buffered(path);
      return (_, offset) => buffer.slice(offset, offset + PIECE);
    }),
    'buffer.copy without direct reads': reads(({ path }) => {
      const buffer = buffered(path, { directReads: 'never' });
      return (target, offset) => buffer.copy(target, 0, offset, offset + PIECE);
    }),
    'fileHandle.read': {
      async start(share, given) {
        const handle = await open((JSON.parse(given) as Fixture).path);
        const offsets = offsetsFor(share);
        const target = Buffer.alloc(PIECE);
        let turn = 0;
        return {
          async run(times) {
            for (let i = 0; i < times; i++) {
              await handle.read(target, 0, PIECE, offsets[turn] as number);
              if (++turn === READS) turn = 0;
            }
          },
        };
      },
    },
    'C: pread': {
      start(share, given) {
        const { c, path, offsets } = JSON.parse(given) as Fixture;
        return driven([c, 'read', path, String(PIECE), offsets[share] as string]);
      },
    },
    [PYTHON]: {
      start(share, given) {
        const { python, path, offsets } = JSON.parse(given) as Fixture;
        const sizes = [String(PIECE), String(WINDOW), String(BUDGET)];
        return driven([...python, 'smmap_read', path, ...sizes, offsets[share] as string]);
      },
    },
  },
  async run() {
    const smmap = python('smmap');
    const needs: Needs = { [PYTHON]: smmap };
    const folder = tempDir();
    const offsets = Object.fromEntries(
      SHARES.map((share) => {
        const path = join(folder, String(share));
        writeFileSync(path, BigUint64Array.from(offsetsFor(share), BigInt));
        return [share, path];
      }),
    );
    const fixture: Fixture = {
      path: textFile(FILE),
      offsets,
      c: must(cProgram()),
      python: 'is' in smmap ? smmap.is : [],
    };
    const forms = present(Object.keys(workload.forms), needs);
    const rows = new Map<number, readonly Result[]>();
    const tables = [];
    for (const share of SHARES) {
      const { table, results } = await compare({
        title: `${share} % of the reads go to ${HOT} windows of ${FILE / WINDOW}, ${BUDGET / WINDOW} of which fit:`,
        module: import.meta.url,
        forms,
        size: share,
        fixture: JSON.stringify(fixture),
        race: { sampleMs: 15 },
      });
      rows.set(share, results);
      tables.push(table);
    }
    return {
      tables,
      verdicts: [
        worst(rows, COPY, FS, 1.1),
        ...(forms.includes(PYTHON) ? [coldest(rows, COPY, PYTHON, 3)] : []),
      ],
      plots: [{ name: 'scattered-reads', panels: panels(rows, forms) }],
      absent: absent(needs),
      figures: Object.fromEntries(rows),
    };
  },
};

type Rows = ReadonlyMap<number, readonly Result[]>;

/** Where on the whole curve a form is slowest, compared with another. */
function worst(rows: Rows, form: string, base: string, most: number): Verdict {
  const all = [...rows].map(([share, row]) => ({ share, ratio: ratioBetween(row, form, base) }));
  const { share, ratio } = all.reduce((a, b) => (b.ratio.median > a.ratio.median ? b : a));
  return {
    claim: `${form}: nowhere more than ${most} × ${base}`,
    figure: `at most ${times(ratio)}, at ${share} %`,
    holds: ratio.median <= most,
    goal: 3,
  };
}

function coldest(rows: Rows, form: string, base: string, least: number): Verdict {
  const ratio = ratioBetween(rows.get(0) ?? [], base, form);
  return {
    claim: `${form}, where nothing is hot: at least ${least} × as fast as ${base}`,
    figure: times(ratio),
    holds: ratio.median >= least,
    goal: 3,
  };
}

/** All but those that would hide the rest, and all. */
function panels(rows: Rows, forms: readonly string[]): Panel[] {
  const slow = ['fileHandle.read', PYTHON, 'buffer.copy without direct reads'];
  const series = (wanted: readonly string[]): Series[] =>
    wanted.map((name) => ({
      name,
      points: [...rows].map(([x, row]) => {
        const { median: y, low, high } = resultOf(row, name).figure;
        return { x, y, low, high };
      }),
    }));
  const axes = { xLabel: '% of the reads to hot windows', yLabel: 'ns' };
  const quick = forms.filter((form) => !slow.includes(form));
  return [
    { title: 'a read of 100 bytes', ...axes, series: series(forms) },
    { title: 'the same, those below 3 µs', ...axes, series: series(quick) },
  ];
}
