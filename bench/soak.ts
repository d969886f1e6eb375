/**
 * `npm run soak [-- OPTION…]` has threads read and write a thousand files for an hour, while
 * the files are cut, made long again and replaced, and the threads come and go. It fails when
 * a byte is wrong, when an error comes that nobody must expect, when anything grows, and when
 * anything is left in the end.
 *
 *     --seconds N    for so long, or longer on a slow machine, when caches are full (3600)
 *     --files N      on so many files (1000)
 *     --workers N    with so many threads (4)
 *     --out FOLDER   writes soak.json and soak.svg there
 *
 * With `SMMAP_FULL=1` the figures go to `docs/proof`, the picture to `docs/plots`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { assertNothingLeft } from '../test/long/stress/leaks.js';
import { checkout } from '../test/support/checkout.js';
import { tempDir } from '../test/support/files.js';
import { putInto } from '../test/support/generated-part.js';
import { publish } from '../test/support/proof.js';
import { randomFrom } from '../test/support/random.js';
import { fullSize } from '../test/support/scale.js';
import { draw } from './plot.js';
import { describeCircumstances } from './print.js';
import { Crowd } from './soak/crowd.js';
import { SoakFiles, sharedState } from './soak/files.js';
import { type Growth, growthOf } from './soak/growth.js';
import { BOUNDED, look, plotOf, type Sample } from './soak/samples.js';
import { soakPart, summary } from './soak/summary.js';
import { Trouble } from './soak/trouble.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3600' },
    files: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '4' },
    out: { type: 'string' },
  },
});
const [seconds, count, workers] = [values.seconds, values.files, values.workers].map(Number) as [
  number,
  number,
  number,
];

/** Looks at the process, evenly over the time that is judged. */
const SAMPLES = 120;
/** Operations before that time: caches fill, and the first workers end. */
const WARM_UP = 20_000;
/** Operations that are judged at least: fewer workers would tell more of chance than of growth. */
const LEAST_JUDGED = 60_000;
/** Operations of the workers for each thing that is done to the files. */
const OPERATIONS_A_TROUBLE = 3;
/** Milliseconds for which this thread rests, so that the workers have the processors. */
const REST = 5;
/** Seconds in which some worker does something. */
const STANDSTILL = 120;
const [END, OPERATIONS] = [0, 1];

const dir = tempDir();
const files = new SoakFiles(dir, count);
const state = sharedState(count);
const random = randomFrom(1);
const trouble = new Trouble(files, state, random);
const crowd = new Crowd(files, state, random, (file) => trouble.renew(file));
const samples: Sample[] = [];
const begin = performance.now();
let troubles = 0;
/** When the time that is judged began. */
let warm = Number.POSITIVE_INFINITY;
const progress = { operations: 0, at: 0 };

function elapsed(): number {
  return (performance.now() - begin) / 1_000;
}

function operations(): number {
  return Atomics.load(state.control, OPERATIONS);
}

function isToGoOn(): boolean {
  if (crowd.told.failures.length > 0) return false;
  return elapsed() < warm + seconds || operations() < WARM_UP + LEAST_JUDGED;
}

/**
 * Ends the process when nobody does anything any more. Node.js was seen to lock itself up: a thread
 * that ends waits for a compilation, which waits for it to collect garbage (nodejs/node#54918).
 */
function watchProgress(): void {
  if (operations() !== progress.operations) {
    progress.operations = operations();
    progress.at = elapsed();
  } else if (elapsed() > progress.at + STANDSTILL) {
    console.error(`nothing was done for ${STANDSTILL} s, after ${operations()} operations`);
    process.kill(process.pid, 'SIGKILL'); // an orderly end would wait for the same threads
  }
}

function sample(): Sample {
  const { faults, errors } = crowd.told;
  return {
    seconds: elapsed(),
    operations: operations(),
    faults,
    errors: Object.values(errors).reduce((sum, times) => sum + times, 0),
    ...trouble.done,
    ...look(dir),
  };
}

console.log(describeCircumstances());
trouble.make();
crowd.start(workers);
while (isToGoOn()) {
  for (; troubles < operations() / OPERATIONS_A_TROUBLE; troubles++) trouble.next();
  if (elapsed() >= (samples.length * seconds) / SAMPLES) samples.push(sample());
  if (operations() >= WARM_UP) warm = Math.min(warm, elapsed());
  watchProgress();
  await pause(REST);
}
Atomics.store(state.control, END, 1);
await crowd.ended();
const judged = samples.filter((each) => each.seconds >= warm);
const last = sample();
samples.push(last);

const { told } = crowd;
const { failures } = told;
const growth: Partial<Record<(typeof BOUNDED)[number], Growth>> = {};
if (failures.length === 0) judge();
const figures = {
  seconds: last.seconds - warm,
  secondsBefore: warm,
  files: count,
  workers,
  workersStarted: crowd.started,
  operations: last.operations,
  operationsByKind: told.operations,
  ...trouble.done,
  faults: told.faults,
  errors: told.errors,
  growth,
  failures: failures.slice(0, 20),
  samples,
};
report();

/** Looks for what grows, and for what is left. */
function judge(): void {
  for (const name of BOUNDED) {
    const found = growthOf(judged.map((each) => each[name]));
    growth[name] = found;
    if (!found.grows) continue;
    failures.push(`${name} grows: ${found.first} in the first half, ${found.second} in the second`);
  }
  try {
    assertNothingLeft(dir);
  } catch (error) {
    failures.push(`in the end ${(error as Error).message}`);
  }
}

function report(): void {
  const text = summary(figures);
  console.log(text);
  const svg = draw(plotOf(samples));
  if (fullSize) {
    publish('soak', figures);
    writeInto(join(checkout, 'docs/plots'), 'soak.svg', svg);
    putInto('docs/safety.md', 'soak', soakPart(text));
  }
  if (values.out !== undefined) {
    writeInto(values.out, 'soak.svg', svg);
    writeInto(values.out, 'soak.json', `${JSON.stringify(figures, null, 2)}\n`);
  }
  for (const failure of figures.failures) console.error(failure);
  if (failures.length > 0) process.exitCode = 1;
}

function writeInto(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}
