/** Workers that end, in every way and at every moment, with a file mapped. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { openSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { PAGE_SIZE } from 'smmap';
import { contentBytes, tempDir, writeContent, writeStretch } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';
import { randomFrom } from '../support/random.js';
import { cutBytes, cuttableFile, LOST } from './fixtures/cut-file.js';
import type { FaultingOrder } from './fixtures/faulting-worker.js';
import type { StormOrder } from './fixtures/storm-worker.js';
import type { ViewOrder } from './fixtures/view-worker.js';
import type { WorkerOrder } from './fixtures/worker.js';

const WINDOW = 64 * PAGE_SIZE;
const path = join(tempDir(), 'file.bin');

interface Posted {
  views: Uint8Array[];
  buffers: ArrayBuffer[];
}

/** Runs one worker to its end; gives what it posted. */
async function runWorker(order: Omit<WorkerOrder, 'path' | 'windowSize'>): Promise<Posted> {
  const program = new URL('./fixtures/worker.js', import.meta.url);
  const worker = new Worker(program, { workerData: { ...order, path, windowSize: WINDOW } });
  worker.on('error', (error) => assert.equal(error.message, 'thrown on purpose'));
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  const posted = await new Promise<Posted>((resolve) => worker.once('message', resolve));
  if (order.ends === 'idle' || order.ends === 'spin') await worker.terminate();
  await ended;
  return posted;
}

await hazards(import.meta.url, {
  'nothing of the file stays mapped, and what was posted can be read': async () => {
    writeContent(path, 4 * WINDOW);
    for (const ends of ['idle', 'spin', 'exit', 'throw', 'end'] as const) {
      for (const prefetch of [false, true]) {
        const { views, buffers } = await runWorker({ ends, prefetch });
        assert.equal(mapped(path).lines, 0, `${ends}, prefetch ${prefetch}`);
        for (const k of [0, 1, 2]) {
          const bytes = contentBytes(k * WINDOW, WINDOW);
          assert.ok(bytes.equals(views[k] as Uint8Array));
          assert.ok(bytes.equals(new Uint8Array(buffers[k] as ArrayBuffer)));
        }
      }
    }
  },

  'ended at every moment from its start': async () => {
    writeContent(path, 4 * WINDOW);
    const program = new URL('./fixtures/worker.js', import.meta.url);
    for (let turns = 0; turns < 24; turns++) {
      const workerData: WorkerOrder = { path, windowSize: WINDOW, prefetch: true, ends: 'spin' };
      const worker = new Worker(program, { workerData });
      const ended = once(worker, 'exit');
      await once(worker, 'online');
      for (let i = 0; i < turns * turns * 4; i++) await turn();
      await worker.terminate();
      await ended;
      assert.equal(mapped(path).lines, 0, `after ${turns}`);
    }
  },

  'the main thread survives faults while workers come and go': async () => {
    writeContent(path, 4 * WINDOW);
    for (let round = 0; round < 4; round++) {
      const { view, manager, cut } = cuttableFile();
      await runWorker({ ends: 'spin', prefetch: true });
      cut();
      assert.ok(view.equals(cutBytes()));
      assert.equal(manager.stats().faults, 1);
      for (let turns = 0; view.length > 0 && turns < 1_000_000; turns++) await turn();
      assert.equal(view.length, 0);
    }
  },

  'a fault is heard of behind another thread that asks to reclaim': async () => {
    for (let round = 0; round < 10; round++) {
      const { view, cut } = cuttableFile();
      const asked = new Int32Array(new SharedArrayBuffer(4));
      const program = new URL('./fixtures/reclaiming-worker.js', import.meta.url);
      const ended = once(new Worker(program, { workerData: asked }), 'exit');
      Atomics.wait(asked, 0, 0);
      cut();
      assert.equal(view[LOST], 0);
      for (let turns = 0; view.length > 0 && turns < 100_000; turns++) await turn();
      assert.equal(view.length, 0);
      await ended;
    }
  },

  'ended right behind a fault of theirs': async () => {
    const program = new URL('./fixtures/faulting-worker.js', import.meta.url);
    for (const from of ['immediate', 'microtask', 'message', 'start'] as const) {
      for (let round = 0; round < 5; round++) {
        writeContent(path, WINDOW);
        const faulted = new Int32Array(new SharedArrayBuffer(4));
        const workerData: FaultingOrder = { path, from, faulted };
        const worker = new Worker(program, { workerData });
        const ended = once(worker, 'exit');
        while (Atomics.load(faulted, 0) === 0) await turn();
        await worker.terminate();
        await ended;
        assert.equal(mapped(path).lines, 0, from);
      }
    }
  },

  'ended in the midst of making views': async () => {
    const program = new URL('./fixtures/view-worker.js', import.meta.url);
    writeContent(path, WINDOW);
    for (let round = 0; round < 40; round++) {
      const begun = new Int32Array(new SharedArrayBuffer(4));
      const worker = new Worker(program, { workerData: { path, begun } satisfies ViewOrder });
      const ended = once(worker, 'exit');
      while (Atomics.load(begun, 0) === 0) await turn();
      await worker.terminate();
      await ended;
      assert.equal(mapped(path).lines, 0, `round ${round}`);
    }
  },

  'eight workers in a storm of cuts': async () => {
    const size = 32 * WINDOW;
    writeContent(path, size);
    const fd = openSync(path, 'r+');
    const program = new URL('./fixtures/storm-worker.js', import.meta.url);
    const random = randomFrom(3);
    let running = 8;
    const workers = Array.from({ length: running }, async (_, seed) => {
      const workerData: StormOrder = { path, size, windowSize: WINDOW, seed, faults: 5 };
      const [code] = await once(new Worker(program, { workerData }), 'exit');
      assert.equal(code, 0);
      running--;
    });
    while (running > 0) {
      const kept = random(0, size);
      truncateSync(path, kept);
      await turn();
      truncateSync(path, size);
      writeStretch(fd, random(0, size - PAGE_SIZE), PAGE_SIZE);
      await turn();
    }
    await Promise.all(workers);
    assert.equal(mapped(path).lines, 0);
  },
});
