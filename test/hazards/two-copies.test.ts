/** Two copies of the package in one process, each with a guard of its own, and a fault of neither. */

import assert from 'node:assert/strict';
import { truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { contentByte, tempDir, writeContent } from '../support/files.js';
import { type Hazard, hazards } from '../support/hazards.js';
import { sendSignal } from '../support/signals.js';
import { loadCopy, type Package } from './fixtures/copies.js';
import { KIND, loadForeign } from './fixtures/foreign.js';

const SIZE = 65_536;
const dir = tempDir();
let files = 0;

/** Maps a file and loses all of it but the first page. */
function surviveOne({ SlidingWindowMapManager }: Package): void {
  const path = join(dir, `${files++}.bin`);
  writeContent(path, SIZE);
  const manager = new SlidingWindowMapManager();
  const cursor = manager.makeCursor(path).useRegion();
  const view = cursor.buffer();
  assert.equal(view[17], contentByte(17));
  truncateSync(path, 4096);
  assert.equal(view[SIZE - 1], 0);
  assert.equal(view[17], contentByte(17));
  assert.equal(manager.stats().faults, 1);
  assert.throws(() => cursor.useRegion(), { code: 'ERR_SMMAP_FAULT' });
}

type Step = 'A' | 'B' | 'chains' | 'returns' | 'mends';

/** Loads the copies in an order, then lets each step map and fault, or install a foreign handler. */
async function play(load: readonly (0 | 1)[], steps: readonly Step[]): Promise<void> {
  const copies: Package[] = [];
  for (const number of load) copies[number] = await loadCopy(number);
  const [a, b] = copies as [Package, Package];
  assert.notEqual(a.SlidingWindowMapManager, b.SlidingWindowMapManager);
  for (const step of steps) {
    if (step === 'A' || step === 'B') surviveOne(step === 'A' ? a : b);
    else loadForeign().install(KIND[step]);
  }
}

/** Ends the process by a fault that is nobody's. */
function foreignFault(): void {
  writeSync(1, 'survived until here\n');
  loadForeign().fault();
  writeSync(1, 'and this');
}

/** Ends the process by a signal from outside. */
function sent(): void {
  writeSync(1, 'survived until here\n');
  sendSignal('SIGBUS');
  for (;;) process.hrtime();
}

const ends: Hazard['ends'] = { status: null, signal: 'SIGBUS', stdout: 'survived until here\n' };

/** How loads, mappings and foreign handlers may follow each other. */
const STORIES: Readonly<
  Record<string, readonly [load: readonly (0 | 1)[], steps: readonly Step[]]>
> = {
  'A, B': [
    [0, 1],
    ['A', 'B'],
  ],
  'B, A': [
    [0, 1],
    ['B', 'A'],
  ],
  'loaded the other way round': [
    [1, 0],
    ['A', 'B', 'A', 'B'],
  ],
  'again and again': [
    [0, 1],
    ['A', 'B', 'A', 'A', 'B', 'B', 'A', 'B'],
  ],
  'a handler that chains between them': [
    [0, 1],
    ['A', 'chains', 'B', 'A', 'B'],
  ],
  'a handler that chains before them': [
    [0, 1],
    ['chains', 'A', 'B', 'A', 'B'],
  ],
  'a handler that chains after them': [
    [1, 0],
    ['A', 'B', 'chains', 'B', 'A', 'B', 'A'],
  ],
  'a handler that does nothing between them': [
    [0, 1],
    ['B', 'returns', 'A', 'B', 'A'],
  ],
  'a handler that does nothing after them': [
    [0, 1],
    ['A', 'B', 'returns', 'A', 'B', 'A'],
  ],
};

const table: Record<string, Hazard> = {};
for (const [name, [load, steps]] of Object.entries(STORIES)) {
  for (const last of [foreignFault, sent]) {
    const run = async () => {
      await play(load, steps);
      last();
    };
    // A handler that passes a signal on to nobody has taken it.
    if (last === sent && /does nothing|before them/.test(name)) continue;
    table[`${name}; then ${last === sent ? 'SIGBUS from outside' : 'a foreign fault'}`] = {
      run,
      ends,
    };
  }
}

await hazards(import.meta.url, {
  ...table,

  'a foreign handler that mends its fault is left to do so': async () => {
    await play([0, 1], ['A', 'mends', 'B', 'A', 'B']);
    for (let i = 1; i <= 3; i++) {
      assert.equal(loadForeign().fault(), 0);
      assert.equal(loadForeign().handled(), i);
    }
    surviveOne(await loadCopy(0));
    surviveOne(await loadCopy(1));
    assert.equal(loadForeign().handled(), 3);
  },

  'a listener of Node, before and after: it is called and the process lives': async () => {
    let heard = 0;
    const sendOne = async () => {
      const before = heard;
      sendSignal('SIGBUS');
      for (let turns = 0; heard === before && turns < 1_000_000; turns++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal(heard, before + 1);
    };
    const [a, b] = [await loadCopy(0), await loadCopy(1)];
    surviveOne(a);
    process.on('SIGBUS', () => heard++);
    await sendOne();
    for (const copy of [b, a, b, a]) {
      surviveOne(copy);
      await sendOne();
    }
  },
});
