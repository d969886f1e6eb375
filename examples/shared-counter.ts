/** Three processes add to one counter in a page that they share, and no addition is lost. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MemoryMap, PAGE_SIZE } from 'smmap';

const PROCESSES = 3;
const ADDITIONS = 2_000_000;

const [path] = process.argv.slice(2);
if (path === undefined) await countTogether();
else await addTo(path);

/** What each of the three does: it waits for the others to be there, and adds. */
async function addTo(path: string): Promise<void> {
  using map = MemoryMap.open(path, { access: 'write' });
  const counter = new Int32Array(map.arrayBuffer, 0, 1);
  process.send?.('ready');
  await once(process, 'message');
  for (let i = 0; i < ADDITIONS; i++) Atomics.add(counter, 0, 1);
  process.disconnect();
}

async function countTogether(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'smmap-counter-'));
  try {
    const path = join(folder, 'counter.bin');
    writeFileSync(path, Buffer.alloc(PAGE_SIZE));
    const script = fileURLToPath(import.meta.url);
    const children = Array.from({ length: PROCESSES }, () => fork(script, [path]));
    await Promise.all(children.map((child) => once(child, 'message')));
    for (const child of children) child.send('go');
    await Promise.all(children.map((child) => once(child, 'exit')));

    using map = MemoryMap.open(path);
    console.log(`${map.readInt32LE(0)} of ${PROCESSES * ADDITIONS}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
