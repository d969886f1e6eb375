/** One file summed by one worker, and by two, each with a manager of its own. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { scaled } from '../../test/support/scale.js';
import { againAsync } from '../again.js';
import { atLeast, compare } from '../compare.js';
import { textFile } from '../text.js';
import type { Form, Workload } from '../workload.js';

const SIZE = scaled(2 ** 27, 2 ** 28);
/** As in scan.ts: the sum stays a small integer. */
const MASK = 2 ** 30 - 1;

/** What a worker is told: the file, and its part of it. */
interface Part {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

function sumOf(bytes: Uint8Array, start: number): number {
  let sum = start;
  for (let i = 0; i < bytes.length; i++) sum = (sum + (bytes[i] as number)) & MASK;
  return sum;
}

/** A thread that sums its part whenever it is told to. */
function work({ path, start, end }: Part): void {
  const manager = new SlidingWindowMapManager({ windowSize: 2 ** 24 });
  const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path), start, end - start);
  parentPort?.on('message', () => {
    let sum = 0;
    for (const chunk of buffer.chunks()) sum = sumOf(chunk, sum);
    parentPort?.postMessage(sum);
  });
}

function withWorkers(count: number): Form {
  return {
    async start(_, path) {
      const workers = Array.from({ length: count }, (_, i) => {
        const part: Part = { path, start: (SIZE / count) * i, end: (SIZE / count) * (i + 1) };
        return new Worker(new URL(import.meta.url), { workerData: part });
      });
      const all = async () => {
        const sums = workers.map(async (worker) => {
          worker.postMessage('again');
          const [sum] = (await once(worker, 'message')) as [number];
          return sum;
        });
        return (await Promise.all(sums)).reduce((a, b) => (a + b) & MASK, 0);
      };
      return againAsync(all);
    },
  };
}

const ONE = 'one worker';
const TWO = 'two workers, half of the file each';
/** At least so many times as much. */
const LEAST = 1.7;

export const workload: Workload = {
  about: 'the sum of all bytes of a file, by one worker and by two',
  page: 'docs/performance.md',
  forms: { [ONE]: withWorkers(1), [TWO]: withWorkers(2) },
  async run() {
    const shared = {
      module: import.meta.url,
      fixture: textFile(SIZE),
      forms: Object.keys(workload.forms),
      bytes: SIZE,
    };
    const title = `${SIZE / 2 ** 20} MiB on ${availableParallelism()} processors,`;
    const wall = await compare({
      ...shared,
      title: `${title} time on the clock:`,
      race: { clock: 'wall', sampleMs: 200, rounds: 21 },
    });
    const work = await compare({ ...shared, title: `${title} time that processors worked:` });
    return {
      tables: [wall.table, work.table],
      verdicts: [atLeast(wall.results, TWO, LEAST, { goal: 8 })],
      figures: { wall: wall.results, processor: work.results },
    };
  },
};

if (!isMainThread) work(workerData as Part);
