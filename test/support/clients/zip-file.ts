/** Makes zip archives. */

import { writeFileSync } from 'node:fs';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { contentByte, contentBytes } from '../files.js';

/** Bytes of entry `i`: half of them random, half of them repeating, so that they can be deflated. */
function entryBytes(i: number, size: number): Buffer {
  const half = contentBytes(i * 2 ** 20, size >> 1);
  return Buffer.concat([half, Buffer.alloc(size - half.length, `entry ${i} `)]);
}

/** Writes an archive of `count` entries, stored and deflated, of which the first has 1 MiB. */
export async function writeZip(path: string, count: number): Promise<void> {
  const writer = new ZipWriter(new Uint8ArrayWriter());
  for (let i = 0; i < count; i++) {
    const size = i === 0 ? 2 ** 20 : contentByte(i) * 100;
    const level = i % 3 === 0 ? 0 : 6;
    await writer.add(`folder-${i % 5}/entry-${i}.bin`, new Uint8ArrayReader(entryBytes(i, size)), {
      level,
    });
  }
  writeFileSync(path, await writer.close());
}
