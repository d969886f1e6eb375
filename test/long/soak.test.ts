/** Everything at once, for long: `npm run soak`, and what it judges by. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout } from '../support/checkout.js';
import { runChild } from '../support/child.js';
import { scaled } from '../support/scale.js';

const SECONDS = scaled(45, 3_600); // and a while before that in which caches fill
const PROGRAM = join(checkout, '.out/bench/soak.js');

test(`${SECONDS} seconds of reading, writing, cutting and replacing: nothing grows, no byte is wrong`, async () => {
  const { status, signal, stdout, stderr } = await runChild(
    [PROGRAM, '--seconds', String(SECONDS)],
    { ulimit: ['-n 512'], hungAfter: 10_000 * SECONDS },
  );
  assert.deepEqual([status, signal], [0, null], `${stdout}\n${stderr}`);
  assert.match(stdout, /[1-9][\d,]* faults were survived/);
});
