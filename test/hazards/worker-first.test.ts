/** The package loaded first by a worker, which is gone when the main thread loads it. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';
import { sendSignal } from '../support/signals.js';
import type { WorkerOrder } from './fixtures/worker.js';

const path = join(tempDir(), 'file.bin');
const WINDOW = 65_536;

async function workerComesAndGoes(ends: WorkerOrder['ends']): Promise<void> {
  const workerData: WorkerOrder = { path, windowSize: WINDOW, prefetch: true, ends };
  const worker = new Worker(new URL('./fixtures/worker.js', import.meta.url), { workerData });
  const ended = once(worker, 'exit');
  await once(worker, 'message');
  await worker.terminate();
  await ended;
  assert.equal(mapped(path).lines, 0);
}

await hazards(import.meta.url, {
  'the main thread survives a fault, and the view is taken away': async () => {
    writeContent(path, 4 * WINDOW);
    await workerComesAndGoes('end');
    await workerComesAndGoes('spin');
    const { cuttableFile, cutBytes } = await import('./fixtures/cut-file.js');
    const { view, buffer, manager, cut } = cuttableFile();
    cut();
    assert.ok(view.equals(cutBytes()));
    assert.equal(manager.stats().faults, 1);
    await workerComesAndGoes('spin');
    for (let turns = 0; view.length > 0 && turns < 1_000_000; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(view.length, 0);
    assert.throws(() => buffer.at(0), { code: 'ERR_SMMAP_FAULT' });
  },

  'a signal from outside has its normal effect': {
    run: async () => {
      writeContent(path, 4 * WINDOW);
      await workerComesAndGoes('idle');
      sendSignal('SIGBUS');
      for (;;) process.hrtime();
    },
    ends: { status: null, signal: 'SIGBUS' },
  },
});
