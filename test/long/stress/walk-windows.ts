/**
 * Walks once over a sparse file, one window after the other, and prints what that cost in
 * full collections of garbage, as JSON. By hand, with what V8 itself says of each:
 *
 *     node --trace-gc .out/test/long/stress/walk-windows.js WINDOW_MIB WINDOWS READ LIVE_MIB hide|keep
 *
 * READ bytes of each window are asked for, 0 stands for all; LIVE_MIB of objects are alive
 * meanwhile; with `keep`, idle regions keep their ArrayBuffers, as if there were no limit.
 */

import { closeSync, openSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { constants, PerformanceObserver, performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { SlidingWindowMapManager } from 'smmap';
import { native } from '#src/native.js';
import { tempDir } from '../../support/files.js';

/** Full collections, and how long they held up the program. */
export interface Collections {
  count: number;
  milliseconds: number;
}

/** What one walk cost: while the first half of the windows was mapped, and while the second was. */
export interface WalkReport {
  maps: number;
  firstHalf: Collections;
  secondHalf: Collections;
}

const MIB = 2 ** 20;
/** Bytes that one of the live objects takes, about. */
const OBJECT = 80;

const [window = 0, windows = 0, read = 0, live = 0] = process.argv.slice(2, 6).map(Number);
const windowSize = window * MIB;
const objects = Array.from({ length: (live * MIB) / OBJECT }, (_, i) => ({ i, more: [i] }));
if (process.argv[6] === 'keep') native.exposed = () => 0;

const path = join(tempDir(), 'sparse.bin');
closeSync(openSync(path, 'w'));
truncateSync(path, windowSize * windows);

const full: { startTime: number; duration: number }[] = [];
const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { kind } = (entry as unknown as { detail: { kind: number } }).detail;
    if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) full.push(entry);
  }
});
observer.observe({ entryTypes: ['gc'] });

const manager = new SlidingWindowMapManager({
  windowSize,
  maxMemorySize: Number.POSITIVE_INFINITY,
});
const cursor = manager.makeCursor(path);
function walk(from: number, to: number): void {
  for (let k = from; k < to; k++) cursor.useRegion(k * windowSize, read).buffer();
}
const start = performance.now();
walk(0, windows / 2);
const middle = performance.now();
walk(windows / 2, windows);
const end = performance.now();
await turn(); // the entries are handed out by the event loop
await turn();
observer.disconnect();

function collections(from: number, to: number): Collections {
  const within = full.filter(({ startTime }) => startTime >= from && startTime < to);
  const milliseconds = within.reduce((sum, { duration }) => sum + duration, 0);
  return { count: within.length, milliseconds: Math.round(milliseconds) };
}

const report: WalkReport = {
  maps: manager.stats().maps,
  firstHalf: collections(start, middle),
  secondHalf: collections(middle, end),
};
console.log(JSON.stringify(report));
manager.close();
if (objects.length < 0) console.log(objects); // so that they are alive until here
