/**
 * Lines and words of one file, counted by several workers: each has windows of its own over
 * its part, and all of them share the system's memory of the file. The parts are cut where
 * lines end, so that no worker needs to know of another's.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';

/** For each thread: 4 windows of 16 MiB. */
const LIMITS = { windowSize: 2 ** 24, maxMemorySize: 2 ** 26 };

interface Part {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

type Counts = [lines: number, words: number];

if (isMainThread) await main(process.argv[2] ?? process.execPath, Number(process.argv[3]));
else parentPort?.postMessage(countPart(workerData as Part));

async function main(path: string, asked: number): Promise<void> {
  const most = asked || availableParallelism();
  for (const workers of most === 1 ? [1] : [1, most]) {
    const begin = performance.now();
    const parts = cutAtLines(path, workers);
    const [lines, words] = (await Promise.all(parts.map(countInWorker))).reduce(
      ([a, b], [c, d]): Counts => [a + c, b + d],
      [0, 0],
    );
    const ms = Math.round(performance.now() - begin);
    console.log(`${lines} lines, ${words} words: ${workers} at work, ${ms} ms`);
  }
}

/** As many parts as there are lines for, of about the same size. */
function cutAtLines(path: string, count: number): Part[] {
  using manager = new SlidingWindowMapManager(LIMITS);
  using buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
  const parts: Part[] = [];
  for (let i = 1, start = 0; i <= count; i++) {
    const wanted = Math.floor((buffer.length / count) * i);
    const newline = i === count ? -1 : buffer.indexOf(10, Math.max(wanted, start));
    const end = newline === -1 ? buffer.length : newline + 1;
    if (end > start) parts.push({ path, start, end });
    start = end;
  }
  return parts;
}

async function countInWorker(part: Part): Promise<Counts> {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: part });
  const [counts] = (await once(worker, 'message')) as [Counts];
  return counts;
}

function countPart({ path, start, end }: Part): Counts {
  using manager = new SlidingWindowMapManager(LIMITS);
  using buffer = new SlidingWindowMapBuffer(manager.makeCursor(path), start, end - start);
  let words = 0;
  let between = true; // a word may go on from one window to the next
  for (const bytes of buffer.chunks()) {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      const space = byte === 32 || (byte >= 9 && byte <= 13);
      if (between && !space) words++;
      between = space;
    }
  }
  return [buffer.count(10), words];
}
