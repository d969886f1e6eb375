/** Forgets many windows in one synchronous loop, and tells what was mapped meanwhile. */

import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { type ManagerStats, SlidingWindowMapManager } from 'smmap';
import { type Holdings, holdings } from '../../support/holdings.js';
import { IslandFile } from '../../support/island-file.js';
import { FORGET, forgetWindows } from '../../support/window-loops.js';
import { optionsOf, tell } from './figures.js';

export interface ForgetOptions {
  path: string;
  /** Bytes in a window. */
  windowSize: number;
  /** Windows in the file. */
  fileWindows: number;
  what: keyof typeof FORGET;
  /** Windows forgotten. */
  windows: number;
  /** Windows that cursors hold meanwhile. */
  held: number;
  /** Windows that may be mapped. */
  budget: number;
  hardLimit: boolean;
}

export interface ForgetFigures {
  /** The most bytes that were mapped after any step. */
  mostMapped: number;
  /** Windows held that read wrong at the end. */
  wrong: number;
  /** Of processor time. */
  microsecondsPerWindow: number;
  /** Collections of garbage while windows were forgotten. */
  collections: number;
  /** Those of the whole heap. */
  fullCollections: number;
  inLoop: Holdings;
  stats: ManagerStats;
}

/** Steps between two looks into `/proc/self/maps`. */
const EVERY = 5000;

const options = optionsOf<ForgetOptions>();
const { path, windowSize, held, budget, hardLimit, windows } = options;
const file = new IslandFile(path, windowSize, options.fileWindows);
const manager = new SlidingWindowMapManager({
  windowSize,
  maxMemorySize: budget * windowSize,
  hardLimit,
});
const kept = Array.from({ length: held }, (_, k) =>
  manager.makeCursor(path).useRegion(k * windowSize),
);

const observer = new PerformanceObserver(() => {});
observer.observe({ entryTypes: ['gc'] });
const start = process.cpuUsage();
const mostMapped = forgetWindows(FORGET[options.what], manager, file, held, held + windows, EVERY);
const { user, system } = process.cpuUsage(start);
const inLoop = holdings(path);
const stats = manager.stats();
const wrong = kept.filter((cursor, k) => cursor.buffer()[0] !== file.firstByte(k)).length;
await setImmediate(); // in the turn in which the observer's records come
const collections = observer.takeRecords() as unknown as { detail: { kind: number } }[];
const full = ({ detail }: { detail: { kind: number } }) =>
  detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
tell({
  mostMapped,
  wrong,
  microsecondsPerWindow: (user + system) / windows,
  collections: collections.length,
  fullCollections: collections.filter(full).length,
  inLoop,
  stats,
} satisfies ForgetFigures);
