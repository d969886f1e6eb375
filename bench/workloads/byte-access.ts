/** One byte at a time through a buffer over windows and through a map, against a plain typed array. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MapRegion, MemoryMap, SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { contentBytes, tempDir } from '../../test/support/files.js';
import { randomFrom } from '../../test/support/random.js';
import { atLeast, atMost, compare } from '../compare.js';
import { driven } from '../rivals/driven.js';
import { absent, must, type Needs, present, python } from '../rivals/rivals.js';
import type { Form, Running, Workload } from '../workload.js';

/** Bytes of the file: all in one window, and more than the processor's caches hold. */
const SIZE = 2 ** 25;
/** Places that are read at random come in so many sets, by turns. */
const SETS = 2;
/** Reads at one time. */
const READS = 2 ** 22;

// One function for each way and no shared one: a shared loop would know several shapes of
// source, and be slow for all of them. The source is an argument, as in a program: the address
// of one that never changes would become a part of the compiled code.

const ways = {
  plain: {
    open: (path: string) => new Uint8Array(readFileSync(path)),
    inOrder(bytes: Uint8Array, count: number): number {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += bytes[i] as number;
      return sum;
    },
    atRandom(bytes: Uint8Array, places: Uint32Array): number {
      let sum = 0;
      for (let i = 0; i < READS; i++) sum += bytes[places[i] as number] as number;
      return sum;
    },
  },
  view: {
    open: (path: string) => keep(new MapRegion(path, 0, SIZE)).buffer(),
    inOrder(bytes: Uint8Array, count: number): number {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += bytes[i] as number;
      return sum;
    },
    atRandom(bytes: Uint8Array, places: Uint32Array): number {
      let sum = 0;
      for (let i = 0; i < READS; i++) sum += bytes[places[i] as number] as number;
      return sum;
    },
  },
  at: {
    open: bufferOver,
    inOrder(buffer: SlidingWindowMapBuffer, count: number): number {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += buffer.at(i) as number;
      return sum;
    },
    atRandom(buffer: SlidingWindowMapBuffer, places: Uint32Array): number {
      let sum = 0;
      for (let i = 0; i < READS; i++) sum += buffer.at(places[i] as number) as number;
      return sum;
    },
  },
  get: {
    open: bufferOver,
    inOrder(buffer: SlidingWindowMapBuffer, count: number): number {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += buffer.get(i);
      return sum;
    },
    atRandom(buffer: SlidingWindowMapBuffer, places: Uint32Array): number {
      let sum = 0;
      for (let i = 0; i < READS; i++) sum += buffer.get(places[i] as number);
      return sum;
    },
  },
  map: {
    open: (path: string) => MemoryMap.open(path),
    inOrder(map: MemoryMap, count: number): number {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += map.at(i) as number;
      return sum;
    },
    atRandom(map: MemoryMap, places: Uint32Array): number {
      let sum = 0;
      for (let i = 0; i < READS; i++) sum += map.at(places[i] as number) as number;
      return sum;
    },
  },
};

function bufferOver(path: string): SlidingWindowMapBuffer {
  return new SlidingWindowMapBuffer(new SlidingWindowMapManager().makeCursor(path));
}

/** What must not be collected. */
const kept: MapRegion[] = [];

function keep(region: MapRegion): MapRegion {
  kept.push(region);
  return region;
}

interface Way<Source> {
  open(path: string): Source;
  inOrder(source: Source, count: number): number;
  atRandom(source: Source, places: Uint32Array): number;
}

function inOrder<Source>(way: Way<Source>): Form {
  return {
    start(_, path): Running {
      const source = way.open(path);
      return rounds(() => way.inOrder(source, READS), 1);
    },
  };
}

/** Other places each time, all over the file. */
function atRandom<Source>(way: Way<Source>): Form {
  return {
    start(_, path): Running {
      const source = way.open(path);
      const random = randomFrom(1);
      const sets = Array.from({ length: SETS }, () =>
        Uint32Array.from({ length: READS }, () => random(0, SIZE)),
      );
      let turn = 0;
      return rounds(() => way.atRandom(source, sets[turn++ % SETS] as Uint32Array), SETS);
    },
  };
}

/** Does it once for all, which gives the answer, and then as often as is wanted. */
function rounds(once: () => number, all: number): Running {
  let answer = 0;
  for (let i = 0; i < all; i++) answer += once();
  let sum = 0;
  return {
    answer,
    run(times) {
      for (let i = 0; i < times; i++) sum += once();
      if (sum < 0) throw new Error('the sum was not needed');
      return undefined;
    },
  };
}

/** Python, a byte at a time; `times` counts bytes there. */
function inPython(module: 'smmap' | 'mmap'): Form {
  return {
    async start(_, path): Promise<Running> {
      const running = await driven([...must(python(module)), `${module}_byte`, path, String(SIZE)]);
      const reads = 2 ** 14;
      return {
        run: async (times) => ((await running.run(times * reads)) as number) * (READS / reads),
      };
    },
  };
}

const IN_ORDER = {
  'a typed array, in order': inOrder(ways.plain),
  'a view of a mapping, in order': inOrder(ways.view),
  'buffer.at(i), in order': inOrder(ways.at),
  'buffer.get(i), in order': inOrder(ways.get),
  'map.at(i), in order': inOrder(ways.map),
};

const PYTHON_SMMAP = 'Python’s smmap, buffer[i]';
const PYTHON_MMAP = 'Python’s mmap, memory[i]';

const RIVALS = {
  [PYTHON_SMMAP]: inPython('smmap'),
  [PYTHON_MMAP]: inPython('mmap'),
};

const AT_RANDOM = {
  'a typed array, at random': atRandom(ways.plain),
  'a view of a mapping, at random': atRandom(ways.view),
  'buffer.at(i), at random': atRandom(ways.at),
  'buffer.get(i), at random': atRandom(ways.get),
  'map.at(i), at random': atRandom(ways.map),
};

export const workload: Workload = {
  about: 'one byte at a time, against a typed array of the same bytes',
  page: 'docs/performance.md',
  forms: { ...IN_ORDER, ...RIVALS, ...AT_RANDOM },
  async run() {
    const path = join(tempDir(), 'bytes');
    writeFileSync(path, contentBytes(0, SIZE));
    // What the engine makes of such a short loop differs from process to process.
    const shared = { module: import.meta.url, fixture: path, race: { replicas: 3 } };
    const reads = READS.toLocaleString('en');
    const needs: Needs = { [PYTHON_SMMAP]: python('smmap'), [PYTHON_MMAP]: python('mmap') };
    const rivals = present(Object.keys(RIVALS), needs);
    const ordered = await compare({
      ...shared,
      title: `${reads} bytes in order:`,
      forms: [...Object.keys(IN_ORDER), ...rivals],
    });
    const scattered = await compare({
      ...shared,
      title: `${reads} bytes all over ${SIZE / 2 ** 20} MiB:`,
      forms: Object.keys(AT_RANDOM),
    });
    return {
      tables: [ordered.table, scattered.table],
      verdicts: [
        atMost(ordered.results, 'buffer.at(i), in order', 1.6, { goal: 1 }),
        atMost(scattered.results, 'buffer.at(i), at random', 1.5, { goal: 1 }),
        atMost(scattered.results, 'buffer.at(i), at random', 1.5, {
          base: 'a view of a mapping, at random',
        }),
        ...(rivals.includes(PYTHON_SMMAP)
          ? [
              atLeast(ordered.results, 'buffer.at(i), in order', 300, {
                base: PYTHON_SMMAP,
                goal: 1,
              }),
            ]
          : []),
      ],
      absent: absent(needs),
      figures: { inOrder: ordered.results, atRandom: scattered.results },
    };
  },
};
