import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkModel } from './long/model/run.js';
import { done } from './long/model/tally.js';
import { someSeed } from './support/seed.js';

const STEPS = 4_000;

test('managers, cursors and buffers are what a simple model of them is', async (t) => {
  const seed = someSeed();
  t.diagnostic(`seed ${seed}`);
  await checkModel(STEPS, seed);
  t.diagnostic(`${done.steps} steps in ${done.scripts} scripts`);
  const { steps, scripts, ...events } = done;
  assert.ok(steps >= STEPS);
  for (const [what, count] of Object.entries(events)) assert.ok(count > 0, `no ${what}`);
});
