/** What is held costs little, and nothing grows: bytes of the JavaScript heap and of the process, counted. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
} from 'smmap';
import { tempDir } from '../../test/support/files.js';
import { randomFrom } from '../../test/support/random.js';
import { scaled } from '../../test/support/scale.js';
import { digits } from '../figures.js';
import { answerOf } from '../race.js';
import { sparseFile } from '../sparse-file.js';
import { settle } from '../support.js';
import type { Form, Verdict, Workload } from '../workload.js';

const MANY = 20_000;
const MOVES = scaled(1_000_000, 10_000_000);
/** From the half on, by when the allocators have what they need, it is looked so many times what is held. */
const LOOKS = 10;
/** So many until garbage is collected: what the engine leaves lying about is not growth. */
const BETWEEN_COLLECTIONS = 50_000;
const BUDGET = 64 * PAGE_SIZE;

interface Fixture {
  readonly path: string;
  readonly folder: string;
}

interface Bytes {
  readonly heap: number;
  /** Memory of the process that belongs to no file. */
  readonly own: number;
}

/** Nothing that could be collected counts. */
function now(): Bytes {
  settle();
  return { heap: process.memoryUsage().heapUsed, own: ownMemory() };
}

function ownMemory(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  } catch {
    return Number.NaN; // no Linux
  }
}

/** Bytes for each of many things that are made and held. */
function each(make: (fixture: Fixture, count: number) => unknown): Form {
  return {
    start(_, given) {
      const fixture = JSON.parse(given) as Fixture;
      const first = make(fixture, 100); // what the first ones bring with them is not theirs
      const before = now();
      const held = [first, make(fixture, MANY)];
      const after = now();
      if (held.length === 0) throw new Error('nothing is held');
      return {
        answer: {
          heap: (after.heap - before.heap) / MANY,
          own: (after.own - before.own) / MANY,
        },
        run: () => undefined,
      };
    },
  };
}

const REGION = 'a region, idle';
const REGION_VIEW = 'a region of which bytes were read, idle';
const CURSOR = 'a cursor on a region';
const UNUSED = 'a cursor that was not used yet';
const FILE = 'a file of 100 bytes, mapped whole and idle';
const MAP = 'a buffer over a cursor';

const HELD: Readonly<Record<string, Form>> = {
  [REGION]: each(({ path }, count) => {
    const manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const cursor = manager.makeCursor(path);
    for (let i = 0; i < count; i++) cursor.useRegion(i * PAGE_SIZE);
    cursor.close();
    return manager;
  }),
  [REGION_VIEW]: each(({ path }, count) => {
    const manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const cursor = manager.makeCursor(path);
    for (let i = 0; i < count; i++) cursor.useRegion(i * PAGE_SIZE).buffer();
    cursor.close();
    return manager;
  }),
  [CURSOR]: each(({ path }, count) => {
    const manager = new SlidingWindowMapManager();
    return Array.from({ length: count }, () => manager.makeCursor(path).useRegion());
  }),
  [UNUSED]: each(({ path }, count) => {
    const manager = new SlidingWindowMapManager();
    return Array.from({ length: count }, () => manager.makeCursor(path));
  }),
  [MAP]: each(({ path }, count) => {
    const manager = new SlidingWindowMapManager();
    return Array.from(
      { length: count },
      () => new SlidingWindowMapBuffer(manager.makeCursor(path)),
    );
  }),
  [FILE]: each(({ folder }, count) => {
    const manager = new StaticWindowMapManager();
    for (let i = 0; i < count; i++) {
      manager
        .makeCursor(join(folder, String(i)))
        .useRegion()
        .close();
    }
    return manager;
  }),
};

interface Moved {
  readonly peak: number;
  /** From the half of the moves to all of them. */
  readonly looks: readonly Bytes[];
  /** What waits for the next turn of the event loop, for each move in one long stretch. */
  readonly stretch: Bytes;
}

const MOVING = 'window moves';

/** So many moves without a turn of the event loop. */
const IN_ONE_STRETCH = 1_000;

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A buffer that jumps from window to window. */
const moving: Form = {
  async start(_, given) {
    const { path } = JSON.parse(given) as Fixture;
    const sizes = { windowSize: PAGE_SIZE, maxMemorySize: BUDGET, directReads: 'never' } as const;
    const manager = new SlidingWindowMapManager(sizes);
    const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
    const random = randomFrom(1);
    const looks: Bytes[] = [];
    for (let i = 1; i <= MOVES; i++) {
      buffer.at(random(0, MANY) * PAGE_SIZE);
      if (i % IN_ONE_STRETCH === 0) await turn();
      if (i % BETWEEN_COLLECTIONS === 0) await settled();
      if (i >= MOVES / 2 && i % (MOVES / 2 / LOOKS) === 0) looks.push(now()); // and one before all
    }
    const answer: Moved = {
      peak: manager.stats().peakMappedBytes,
      looks,
      stretch: stretch(buffer),
    };
    return { answer, run: () => undefined };
  },
};

/** As {@link now}, with what waits for the event loop done. */
async function settled(): Promise<Bytes> {
  for (let i = 0; i < 4; i++) {
    settle();
    await turn();
  }
  return now();
}

const LONG = 50_000;

function difference(looks: readonly number[]): number {
  return (looks.at(-1) ?? 0) - (looks[0] ?? 0);
}

/** What many moves leave behind until the event loop turns. */
function stretch(buffer: SlidingWindowMapBuffer): Bytes {
  const before = now();
  for (let i = 0; i < LONG; i++) buffer.at((i % MANY) * PAGE_SIZE);
  const after = now();
  return { heap: (after.heap - before.heap) / LONG, own: (after.own - before.own) / LONG };
}

const node = ['--expose-gc'];
/**
 * MiB in which the engine keeps new objects. Left to itself it takes 100 on Node 24, and touches the
 * last 7 of them whenever a collection happens to find so much alive; so few it has after the first moves.
 */
const YOUNG = 1;
/** Bytes of a JavaScript heap that a region may take. */
const MOST_HEAP = 600;
/** What may be told apart from growth: pages that the allocators keep by chance. */
const NOISE = 2 ** 20;

export const workload: Workload = {
  about: 'bytes of memory for each region, cursor and file, and after many window moves',
  page: 'docs/performance.md',
  forms: { ...HELD, [MOVING]: moving },
  async run() {
    const folder = tempDir();
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < MANY; i++) writeFileSync(join(folder, String(i)), Buffer.alloc(100, i));
    const fixture = JSON.stringify({ path: sparseFile(MANY * PAGE_SIZE), folder });
    const figures: Record<string, Bytes> = {};
    for (const form of Object.keys(HELD)) {
      figures[form] = (await answerOf(import.meta.url, { form, fixture }, { node })) as Bytes;
    }
    const moved = (await answerOf(
      import.meta.url,
      { form: MOVING, fixture },
      { node: [...node, `--max-semi-space-size=${YOUNG}`] },
    )) as Moved;
    const bytes = (value: number) => `${digits(Math.round(value))} bytes`;
    const heaps = moved.looks.map(({ heap }) => heap);
    const owns = moved.looks.map(({ own }) => own);
    const grown = { heap: difference(heaps), own: difference(owns) };
    const region = figures[REGION]?.heap ?? Number.NaN;
    const verdicts: Verdict[] = [
      {
        claim: `${REGION}: less than ${MOST_HEAP} bytes of JavaScript heap`,
        figure: bytes(region),
        holds: region < MOST_HEAP,
        goal: 6,
      },
      {
        claim: `${MOVES.toLocaleString('en')} window moves: never more mapped than the budget`,
        figure: `at most ${moved.peak.toLocaleString('en')} bytes of ${BUDGET.toLocaleString('en')}`,
        holds: moved.peak <= BUDGET,
        goal: 6,
      },
      {
        claim: `${MOVES.toLocaleString('en')} window moves: nothing grows in their second half (less than 1 MiB, with ${YOUNG} MiB for new objects)`,
        figure: `heap ${bytes(grown.heap)}, the process’s own memory ${bytes(grown.own)}`,
        holds: grown.heap < NOISE && !(grown.own >= NOISE),
        goal: 6,
      },
    ];
    return {
      tables: [
        {
          title: `For each of ${MANY.toLocaleString('en')}:`,
          columns: ['', 'JavaScript heap', 'memory of the process, with the heap'],
          rows: Object.entries({
            ...figures,
            'a window move, until the event loop turns': moved.stretch,
          }).map(([form, { heap, own }]) => [
            form,
            bytes(heap),
            Number.isNaN(own) ? 'not told' : bytes(own),
          ]),
        },
      ],
      verdicts,
      figures: { held: figures, moved },
    };
  },
};
