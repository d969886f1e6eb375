/** Processes that count in one page of a shared map with `Atomics`: no count is lost. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemoryMap, PAGE_SIZE } from 'smmap';
import { tempDir } from '../support/files.js';
import { publish } from '../support/proof.js';
import type { CountFigures, CountOptions } from './programs/count.js';
import { figuresOf } from './programs/figures.js';

const PROCESSES = 3;
/** So often that no process is done before the others have begun. */
const TIMES = 2_000_000;

test(`${PROCESSES} processes, each adding ${TIMES} times to one counter`, async (t) => {
  const path = join(tempDir(), 'counter');
  writeFileSync(path, Buffer.alloc(PAGE_SIZE));
  using map = MemoryMap.open(path);
  const counting = Array.from({ length: PROCESSES }, () => {
    const options = { path, processes: PROCESSES, times: TIMES, present: 0, counter: 1 };
    return figuresOf<CountFigures>('count', options satisfies CountOptions);
  });
  const meanwhile = (await Promise.all(counting)).map((figures) => figures.meanwhile);
  const counted = map.readInt32LE(4);
  t.diagnostic(`${counted} in all; the others added ${meanwhile.join(', ')} times meanwhile`);
  assert.equal(counted, PROCESSES * TIMES);
  assert.equal(readFileSync(path).readInt32LE(4), counted);
  publish('shared-counter', { processes: PROCESSES, times: TIMES, counted, meanwhile });
});
