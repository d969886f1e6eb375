/** A sorted file of fixed-size records, searched without reading it: a binary search through windows. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';

/** A key of 4 bytes and a value of 8. */
const RECORD = 12;
const COUNT = 100_000;

const folder = mkdtempSync(join(tmpdir(), 'smmap-records-'));
try {
  const path = join(folder, 'records.bin');
  writeRecords(path);

  using manager = new SlidingWindowMapManager({ windowSize: 4096, maxMemorySize: 64 * 1024 });
  using records = new SlidingWindowMapBuffer(manager.makeCursor(path));
  for (const key of [0, 21, 22, 299_997]) console.log(`${key}: ${find(records, key) ?? 'none'}`);

  const { peakMappedBytes, hits, maps } = manager.stats();
  console.log(`${records.length} bytes in the file, ${peakMappedBytes} mapped at most`);
  console.log(hits > 0 && maps < 100 ? 'windows were used again' : 'something is wrong');
} finally {
  rmSync(folder, { recursive: true });
}

/** Keys are the multiples of 3, the value is the square of the key. A record may cross two windows. */
function writeRecords(path: string): void {
  const bytes = Buffer.alloc(COUNT * RECORD);
  for (let i = 0; i < COUNT; i++) {
    bytes.writeUInt32LE(i * 3, i * RECORD);
    bytes.writeBigUInt64LE(BigInt(i * 3) ** 2n, i * RECORD + 4);
  }
  writeFileSync(path, bytes);
}

function find(records: SlidingWindowMapBuffer, key: number): bigint | undefined {
  let low = 0;
  let high = records.length / RECORD;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = records.readUInt32LE(middle * RECORD);
    if (found === key) return records.readBigUInt64LE(middle * RECORD + 4);
    if (found < key) low = middle + 1;
    else high = middle;
  }
  return undefined;
}
