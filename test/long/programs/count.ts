/** Adds to a counter in a file that other processes map too. */

import { MemoryMap } from 'smmap';
import { optionsOf, tell } from './figures.js';

export interface CountOptions {
  path: string;
  /** How many processes count. */
  processes: number;
  /** How often each of them adds one. */
  times: number;
  /** Which numbers of 32 bits in the file count the processes that are there, and what they add. */
  present: number;
  counter: number;
}

export interface CountFigures {
  /** How often the others added between the first and the last time of this process. */
  meanwhile: number;
}

/** Milliseconds after which the others will not come any more: many times what a start takes. */
const ALONE_AFTER = 60_000;

const { path, processes, times, present, counter } = optionsOf<CountOptions>();
using map = MemoryMap.open(path, { access: 'write' });
const numbers = new Int32Array(map.arrayBuffer);

/** All begin together. */
function waitForOthers(): void {
  const begun = performance.now();
  Atomics.add(numbers, present, 1);
  while (Atomics.load(numbers, present) < processes) {
    if (performance.now() - begun > ALONE_AFTER) throw new Error('the others did not come');
  }
}

waitForOthers();
const first = Atomics.add(numbers, counter, 1);
let last = first;
for (let i = 1; i < times; i++) last = Atomics.add(numbers, counter, 1);
tell({ meanwhile: last - first + 1 - times } satisfies CountFigures);
