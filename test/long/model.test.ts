/**
 * Managers, cursors, buffers, changing files and failures of the system against a
 * model. `SMMAP_SEED` says with which seed to begin, so that a failure comes again.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publish } from '../support/proof.js';
import { scaled } from '../support/scale.js';
import { someSeed } from '../support/seed.js';
import { checkModel } from './model/run.js';
import { done } from './model/tally.js';

const STEPS = scaled(100_000, 1_000_000);

test('random scripts break no rule, whatever changes and fails', async (t) => {
  const seed = someSeed();
  t.diagnostic(`seed ${seed}`);
  await checkModel(STEPS, seed);
  for (const [what, count] of Object.entries(done)) t.diagnostic(`${count} ${what}`);
  assert.ok(done.steps >= STEPS);
  publish('model', { seed, ...done });
});
