/** Whether windows that grow while a reader moves on, and are small where it jumps, beat fixed ones. */
import { PAGE_SIZE, SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { randomFrom } from '../../test/support/random.js';
import { type Comparison, compare } from '../compare.js';
import { sparseFile } from '../sparse-file.js';
import type { Form, Running, Workload } from '../workload.js';

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Bytes mapped at one time at the most, for all forms. */
const BUDGET = 256 * MIB;
const FILE = 16 * GIB;
/** What is read in order: a byte of each page, so that mapping counts for as much as it can. */
const IN_ORDER = 4 * GIB;
/** Pages that are read at random: so few that the system keeps all of them in memory. */
const PLACES = 50_000;
/** Those to which nine of ten accesses go where there is a hot set. */
const HOT = 500;

/** What a reader is asked for: one byte. */
interface Bytes {
  at(offset: number): number | undefined;
}

function fixed(windowSize: number, maxMemorySize = BUDGET): (path: string) => Bytes {
  return (path) => {
    const manager = new SlidingWindowMapManager({ windowSize, maxMemorySize });
    return new SlidingWindowMapBuffer(manager.makeCursor(path));
  };
}

/** Sizes through which a window grows, each with its part of the budget, as a manager of its own. */
const GROWING = [
  { windowSize: 64 * KIB, budget: BUDGET / 4 },
  { windowSize: MIB, budget: BUDGET / 8 },
  { windowSize: 8 * MIB, budget: BUDGET / 8 },
  { windowSize: 64 * MIB, budget: BUDGET / 2 },
];

/** Where the reader goes on right behind its window, the next one is larger; anywhere else it is the smallest. */
function growing(path: string): Bytes {
  const sizes = GROWING.map(({ windowSize, budget }) => ({
    windowSize,
    bytes: fixed(windowSize, budget)(path),
  }));
  let level = 0;
  let current = sizes[level] as (typeof sizes)[0];
  let begin = 0;
  let end = 0;
  return {
    at(offset) {
      if (offset < begin || offset >= end) {
        level = offset === end ? Math.min(level + 1, sizes.length - 1) : 0;
        current = sizes[level] as (typeof sizes)[0];
        begin = offset - (offset % current.windowSize);
        end = begin + current.windowSize;
      }
      return current.bytes.at(offset);
    },
  };
}

/** One byte at each of these offsets, over and over. */
function reads(open: (path: string) => Bytes, offsets: () => Float64Array): Form {
  return {
    start(_, path): Running {
      const bytes = open(path);
      const places = offsets();
      let next = 0;
      let sum = 0;
      const run = (times: number) => {
        for (let i = 0; i < times; i++) {
          sum += bytes.at(places[next] as number) as number;
          if (++next === places.length) next = 0;
        }
      };
      run(places.length); // once round, so that all of it is in the system's cache
      return { run, answer: sum };
    },
  };
}

function pages(): Float64Array {
  return Float64Array.from({ length: IN_ORDER / PAGE_SIZE }, (_, i) => i * PAGE_SIZE);
}

function anywhere(): Float64Array {
  const random = randomFrom(1);
  return Float64Array.from({ length: PLACES }, () => random(0, FILE));
}

function mostlyHot(): Float64Array {
  const random = randomFrom(2);
  const all = anywhere();
  return Float64Array.from({ length: 10 * PLACES }, (_, i) => {
    return all[i % 10 === 0 ? random(0, PLACES) : random(0, HOT)] as number;
  });
}

const SIZES: Readonly<Record<string, (path: string) => Bytes>> = {
  '64 MiB': fixed(64 * MIB),
  '8 MiB': fixed(8 * MIB),
  '1 MiB': fixed(MIB),
  '64 KiB': fixed(64 * KIB),
  'growing, 64 KiB to 64 MiB': growing,
};

const JOBS: Readonly<Record<string, { title: string; offsets: () => Float64Array }>> = {
  'in order': { title: 'A byte of each page of 4 GiB, in order:', offsets: pages },
  anywhere: { title: 'A byte at places all over 16 GiB:', offsets: anywhere },
  'at hot places': { title: `Nine of ten times at the same ${HOT} places:`, offsets: mostlyHot },
};

export const workload: Workload = {
  about: 'windows of several sizes, fixed and growing: in order, anywhere, with a hot set',
  page: 'docs/decisions/placement.md',
  forms: Object.fromEntries(
    Object.entries(JOBS).flatMap(([job, { offsets }]) =>
      Object.entries(SIZES).map(([size, open]) => [`${job}, ${size}`, reads(open, offsets)]),
    ),
  ),
  async run() {
    const fixture = sparseFile(FILE);
    const comparisons = Object.entries(JOBS).map(
      ([job, { title }]): Comparison => ({
        title,
        module: import.meta.url,
        forms: Object.keys(SIZES).map((size) => `${job}, ${size}`),
        fixture,
        race: { sampleMs: 100 },
      }),
    );
    const found = [];
    for (const comparison of comparisons) found.push(await compare(comparison));
    return {
      tables: found.map(({ table }) => table),
      figures: found.map(({ results }) => results.map(({ fixture: _, ...result }) => result)),
    };
  },
};
