/**
 * A worker with a manager of its own, in a process that is at its ceiling of mappings: has
 * what is guaranteed, asks for more until others gave way, reads on, and ends with nothing.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { BudgetExceededError, PAGE_SIZE, SlidingWindowMapManager, type WindowCursor } from 'smmap';
import { randomFrom } from '../../support/random.js';
import { assertPage } from './pages.js';

/** How a worker is told what to do. */
export interface CeilingOrder {
  path: string;
  /** Pages in the file. */
  pages: number;
  seed: number;
  /** Regions that a manager has whatever others do. */
  guaranteed: number;
  /** Regions it has in the end; it stays on all but one. */
  wanted: number;
  /** Accesses after that. */
  reads: number;
  /** Whether it closes its manager, or just ends. */
  closes: boolean;
}

/** What it tells when it has done all that. At first it tells `'ready'`, and waits for any word. */
export interface CeilingReport {
  /** Times it was told that the process is at its ceiling. */
  refused: number;
  evictions: number;
}

/** Turns of the event loop after which others count as never giving way. */
const NEVER = 1_000_000;

const order = workerData as CeilingOrder;
const port = parentPort as MessagePort;
const random = randomFrom(order.seed);
const manager = new SlidingWindowMapManager({
  windowSize: PAGE_SIZE,
  maxMemorySize: Number.POSITIVE_INFINITY,
});
const held: [cursor: WindowCursor, page: number][] = [];
let refused = 0;

/** Holds one more page, of its own part of the file. */
function hold(): void {
  const page = (order.seed * order.wanted + held.length) % order.pages;
  const cursor = manager.makeCursor(order.path).useRegion(page * PAGE_SIZE);
  assertPage(cursor, page);
  held.push([cursor, page]);
}

/** Tries until it can be done: at the ceiling others are asked to give way, and not waited for. */
async function whenOthersGaveWay(attempt: () => void): Promise<void> {
  for (let turns = 0; turns < NEVER; turns++) {
    try {
      attempt();
      return;
    } catch (error) {
      assert.ok(error instanceof BudgetExceededError, String(error));
      assert.match(error.message, /max_map_count/);
      refused++;
    }
    await turn();
  }
  assert.fail(`nobody gave way: ${held.length} are held`);
}

port.postMessage('ready');
await once(port, 'message');
while (held.length < order.guaranteed - 1) hold(); // no error: they are guaranteed
while (held.length < order.wanted - 1) await whenOthersGaveWay(hold);
using cursor = manager.makeCursor(order.path);
for (let i = 0; i < order.reads; i++) {
  const page = random(0, order.pages);
  await whenOthersGaveWay(() => cursor.useRegion(page * PAGE_SIZE));
  assertPage(cursor, page);
}
for (const [each, page] of held) assertPage(each, page);
const report: CeilingReport = { refused, evictions: manager.stats().evictions };
port.postMessage(report);
if (order.closes) manager.close();
