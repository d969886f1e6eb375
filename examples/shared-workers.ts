/**
 * Threads that work on one map: each opens the same file and gets the same memory.
 * A map without a file belongs to its thread, and what is posted to another is a copy.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { MemoryMap } from 'smmap';

const THREADS = 4;
const COUNT = 100_000;
/** In front of the squares: how many of them are there. */
const HEADER = 8;

if (isMainThread) await main();
else fillPart(workerData);

/** Every fourth square. Each thread stores at places of its own, so only the counter needs Atomics. */
function fillPart({ path, first }: { path: string; first: number }): void {
  using map = MemoryMap.open(path, { access: 'write' });
  const counter = new Int32Array(map.arrayBuffer, 0, 1);
  for (let i = first; i < COUNT; i += THREADS) {
    map.writeDoubleLE(i ** 2, HEADER + 8 * i);
    Atomics.add(counter, 0, 1);
  }
}

async function main(): Promise<void> {
  // In /dev/shm the same is memory that never reaches a disk.
  const folder = mkdtempSync(join(tmpdir(), 'smmap-workers-'));
  try {
    const path = join(folder, 'squares.bin');
    writeFileSync(path, Buffer.alloc(HEADER + 8 * COUNT));
    using map = MemoryMap.open(path);
    const script = fileURLToPath(import.meta.url);
    const workers = Array.from(
      { length: THREADS },
      (_, first) => new Worker(script, { workerData: { path, first } }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
    let right = 0;
    for (let i = 0; i < COUNT; i++) if (map.readDoubleLE(HEADER + 8 * i) === i ** 2) right++;
    console.log(`stored: ${map.readInt32LE(0)}, right: ${right} of ${COUNT}`);

    using alone = MemoryMap.anonymous(16);
    const posted = structuredClone(alone.bytes); // what postMessage does with a view
    alone.set(0, 7);
    console.log(`here: ${alone.get(0)}, in what was posted before: ${posted[0]}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
