import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ran } from './support/buffer-operation.js';
import { checkBuffers } from './support/buffer-property.js';

test('buffers over any windows and budgets equal the bytes themselves', async (t) => {
  await checkBuffers({ numRuns: 150 });
  t.diagnostic(`${ran.operations} operations`);
  assert.ok(ran.operations > 2000);
});
