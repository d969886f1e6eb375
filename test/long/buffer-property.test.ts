import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ran } from '../support/buffer-operation.js';
import { checkBuffers } from '../support/buffer-property.js';

const OPERATIONS = 100_000;

test('a hundred thousand operations on buffers, and no difference', async (t) => {
  while (ran.operations < OPERATIONS) await checkBuffers({ numRuns: 500 });
  t.diagnostic(`${ran.operations} operations`);
  assert.ok(ran.operations >= OPERATIONS);
});
