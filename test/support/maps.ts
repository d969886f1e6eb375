/** Maps for the tests of `MemoryMap`. */

import { closeSync, openSync } from 'node:fs';
import { MemoryMap, type MemoryMapOptions } from 'smmap';
import { contentByte } from './files.js';

/** A map of the file at `path`, whose descriptor is closed again: the map needs none of the caller's. */
export function mapPath(
  path: string,
  flags: 'r' | 'r+' | 'w',
  length = 0,
  options: MemoryMapOptions = {},
): MemoryMap {
  const fd = openSync(path, flags);
  try {
    return new MemoryMap(fd, length, options);
  } finally {
    closeSync(fd);
  }
}

/** An anonymous map that holds `bytes`. */
export function mapOfBytes(bytes: Uint8Array, options: MemoryMapOptions = {}): MemoryMap {
  const map = new MemoryMap(-1, bytes.length, options);
  map.setSlice(bytes);
  return map;
}

/** Position-dependent content in which no byte is one of ASCII: what a test puts there is found nowhere else. */
export function backdrop(offset: number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => contentByte(offset + i) | 0x80));
}
