/**
 * Cuts files again and again while worker threads read them, and prints what they saw, as JSON:
 *
 *     node .out/test/long/stress/cut-storm.js WINDOW_SIZE|map CUTS FOLDER SEED
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { randomFrom } from '../../support/random.js';
import { CutFiles, placeToCut } from './cut-files.js';
import type { CutOrder, CutReport } from './cut-reader.js';
import { assertNothingLeft } from './leaks.js';

/** What one storm came to. */
export interface StormReport extends CutReport {
  cuts: number;
  workers: number;
  reads: number;
}

const WORKERS = 8;
const FILES = 2;
/** Reads of all workers together for which a file stays cut. */
const READS_WHILE_CUT = 2 * WORKERS;
/** Reads for which all files are whole. */
const READS_BETWEEN = 2 * WORKERS;
const [END, READS] = [0, 1];

const [windowSize = '', cuts = '', folder = '', seed = ''] = process.argv.slice(2);
const dir = mkdtempSync(join(folder, 'smmap-test-'));
process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
const files = new CutFiles(dir, FILES);
files.make();
const shared = new Int32Array(new SharedArrayBuffer(8));
let running = WORKERS;

async function reader(_: unknown, index: number): Promise<CutReport> {
  const workerData: CutOrder = {
    dir,
    count: FILES,
    seed: Number(seed) * WORKERS + index,
    windowSize: windowSize === 'map' ? 'map' : Number(windowSize),
    shared,
  };
  const worker = new Worker(new URL('./cut-reader.js', import.meta.url), { workerData });
  const ended = once(worker, 'exit').finally(() => running--);
  ended.catch(() => undefined); // told by the line below
  const [report] = (await Promise.race([once(worker, 'message'), ended])) as [CutReport];
  assert.deepEqual(await ended, [0]);
  return report;
}

/** Milliseconds after which it is looked whether a worker has died. */
const LOOK_AFTER = 100;

/** Lets the workers read on; ends also when one of them has died. */
async function untilRead(count: number): Promise<void> {
  const wanted = Atomics.load(shared, READS) + count;
  while (running === WORKERS) {
    const reads = Atomics.load(shared, READS);
    if (reads >= wanted) break;
    if (Atomics.wait(shared, READS, reads, LOOK_AFTER) === 'timed-out') await turn();
  }
}

const readers = Promise.all(Array.from({ length: WORKERS }, reader));
readers.catch(() => undefined); // awaited below
const random = randomFrom(Number(seed));
await untilRead(WORKERS * FILES);
for (let cut = 0; cut < Number(cuts); cut++) {
  await files.cut(random(0, FILES), placeToCut(random), () => untilRead(READS_WHILE_CUT));
  await untilRead(READS_BETWEEN);
}
Atomics.store(shared, END, 1);
const sum: CutReport = { bytes: 0, wrong: 0, zeros: 0, faults: 0, errors: 0 };
for (const report of await readers) {
  for (const key of Object.keys(sum) as (keyof CutReport)[]) sum[key] += report[key];
}
assertNothingLeft(dir);
const report: StormReport = {
  cuts: Number(cuts),
  workers: WORKERS,
  reads: Atomics.load(shared, READS),
  ...sum,
};
console.log(JSON.stringify(report));
