/** How long the event loop is held up while a file is read that is not in memory. */
import { openSync, readSync } from 'node:fs';
import { createHistogram, performance } from 'node:perf_hooks';
import { SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { fullSize, scaled } from '../../test/support/scale.js';
import { duration, figureOf } from '../figures.js';
import { answerOf } from '../race.js';
import { driven } from '../rivals/driven.js';
import { cProgram, must } from '../rivals/rivals.js';
import { textFile } from '../text.js';
import type { Form, Verdict, Workload } from '../workload.js';

const SIZE = scaled(2 ** 28, 2 ** 30);
const PIECE = 2 ** 20;
const TRIES = fullSize ? 5 : 3;
/** Nanoseconds that the loop may be held up, 99 times of 100. */
const MOST = 5e6;

interface Fixture {
  readonly path: string;
  readonly c: string;
}

interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  readonly wallMs: number;
}

/** Reads all of it, and looks all the while how long the loop takes to come round. */
function watched(read: (path: string) => Promise<void>): Form {
  return {
    async start(_, given) {
      const { path, c } = JSON.parse(given) as Fixture;
      await (await driven([c, 'drop', path])).run(1);
      const delays = createHistogram();
      let reading = true;
      let last = performance.now();
      const look = () => {
        const at = performance.now();
        delays.record(Math.max(1, Math.round((at - last) * 1e6)));
        last = at;
        if (reading) setTimeout(look, 1);
      };
      setTimeout(look, 1);
      const begin = performance.now();
      await read(path);
      reading = false;
      const answer: Delays = {
        p50: delays.percentile(50),
        p99: delays.percentile(99),
        most: delays.max,
        wallMs: performance.now() - begin,
      };
      return { answer, run: () => undefined };
    },
  };
}

function buffered(path: string): SlidingWindowMapBuffer {
  const manager = new SlidingWindowMapManager({ windowSize: 2 ** 24, maxMemorySize: 2 ** 26 });
  return new SlidingWindowMapBuffer(manager.makeCursor(path));
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

const PREFETCH = 'prefetch, then count';
const READ_ASYNC = 'readAsync';

const FORMS: Readonly<Record<string, Form>> = {
  'nothing is read': watched(() => new Promise((resolve) => setTimeout(resolve, 500))),
  [PREFETCH]: watched(async (path) => {
    using buffer = buffered(path);
    for (let at = 0; at < SIZE; at += PIECE) {
      await buffer.prefetch(at, PIECE);
      const bytes = buffer.subarray(at, at + PIECE);
      if (bytes.indexOf(0) !== -1) throw new Error('a zero');
    }
  }),
  [READ_ASYNC]: watched(async (path) => {
    using buffer = buffered(path);
    for (let at = 0; at < SIZE; at += PIECE) {
      const bytes = await buffer.readAsync(at, PIECE);
      if (bytes.indexOf(0) !== -1) throw new Error('a zero');
    }
  }),
  'fs.readSync, a turn of the loop after each': watched(async (path) => {
    const fd = openSync(path, 'r');
    const target = Buffer.alloc(PIECE);
    for (let at = 0; at < SIZE; at += PIECE) {
      readSync(fd, target, 0, PIECE, at);
      if (target.indexOf(0) !== -1) throw new Error('a zero');
      await turn();
    }
  }),
};

export const workload: Workload = {
  about: 'how long the event loop is held up while a cold file is read',
  page: 'docs/performance.md',
  forms: FORMS,
  async run() {
    const fixture = JSON.stringify({ path: textFile(SIZE), c: must(cProgram()) });
    const found: Record<string, Delays[]> = {};
    for (let round = 0; round < TRIES; round++) {
      for (const form of Object.keys(FORMS)) {
        found[form] ??= [];
        found[form].push((await answerOf(import.meta.url, { form, fixture })) as Delays);
      }
    }
    const median = (form: string, what: keyof Delays) =>
      figureOf((found[form] ?? []).map((one) => one[what])).median;
    const verdict = (form: string): Verdict => ({
      claim: `${form}: 99 times of 100 the loop is held up less than ${duration(MOST)}`,
      figure: `${duration(median(form, 'p99'))}, where nothing is read ${duration(median('nothing is read', 'p99'))}`,
      holds: median(form, 'p99') < MOST,
      goal: 7,
    });
    return {
      tables: [
        {
          title: `From one look of a timer of 1 ms to the next, while ${SIZE / 2 ** 20} MiB that are not in the system’s cache are read (median of ${TRIES}):`,
          columns: ['', 'half of the time', '99 %', 'longest', 'took'],
          rows: Object.keys(FORMS).map((form) => [
            form,
            duration(median(form, 'p50')),
            duration(median(form, 'p99')),
            duration(median(form, 'most')),
            duration(median(form, 'wallMs') * 1e6),
          ]),
        },
      ],
      verdicts: [verdict(PREFETCH), verdict(READ_ASYNC)],
      figures: found,
    };
  },
};
