/** Writes archives of map tiles in the form of PMTiles, version 3. */

import { writeFileSync } from 'node:fs';
import { zxyToTileId } from 'pmtiles';
import { contentByte, contentBytes } from '../files.js';

const HEADER = 127;
/** Entries in one leaf directory. */
const LEAF = 1024;
const NO_COMPRESSION = 1;
const VECTOR_TILES = 1;

interface Entry {
  id: number;
  /** 0: it points to a leaf directory. */
  run: number;
  offset: number;
  length: number;
}

function varints(numbers: readonly number[]): number[] {
  return numbers.flatMap((number) => {
    const bytes: number[] = [];
    let rest = number;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
    return [...bytes, rest];
  });
}

function directory(entries: readonly Entry[]): Buffer {
  const ids = entries.map(({ id }, i) => id - (entries[i - 1]?.id ?? 0));
  const runs = entries.map(({ run }) => run);
  const lengths = entries.map(({ length }) => length);
  const offsets = entries.map(({ offset }) => offset + 1);
  return Buffer.from(varints([entries.length, ...ids, ...runs, ...lengths, ...offsets]));
}

/** Bytes of the tile with this number in order: position-dependent, of a length of its own. */
export function tileBytes(number: number, most: number): Buffer {
  return contentBytes(number * 7919, 1 + ((contentByte(number) * 257 + number) % most));
}

/**
 * Writes an archive of all tiles of one zoom level.
 * @param most bytes in a tile
 * @returns its size in bytes
 */
export function writePmtiles(path: string, zoom: number, most: number): number {
  const first = zxyToTileId(zoom, 0, 0);
  const tiles = Array.from({ length: 4 ** zoom }, (_, i) => tileBytes(i, most));
  let offset = 0;
  const entries = tiles.map(({ length }, i): Entry => {
    const entry = { id: first + i, run: 1, offset, length };
    offset += length;
    return entry;
  });
  const leaves: Buffer[] = [];
  const roots: Entry[] = [];
  let leafOffset = 0;
  for (let i = 0; i < entries.length; i += LEAF) {
    const leaf = directory(entries.slice(i, i + LEAF));
    leaves.push(leaf);
    roots.push({ id: first + i, run: 0, offset: leafOffset, length: leaf.length });
    leafOffset += leaf.length;
  }
  const root = directory(roots);
  const metadata = Buffer.from('{}');
  const parts = [Buffer.alloc(HEADER), root, metadata, Buffer.concat(leaves), Buffer.concat(tiles)];
  const header = parts[0] as Buffer;
  header.write('PMTiles', 0, 'latin1');
  header[7] = 3;
  let at = 8;
  let begin = HEADER;
  for (const part of parts.slice(1)) {
    for (const number of [begin, part.length]) at = header.writeBigUInt64LE(BigInt(number), at);
    begin += part.length;
  }
  for (let i = 0; i < 3; i++) at = header.writeBigUInt64LE(BigInt(tiles.length), at);
  header.set([1, NO_COMPRESSION, NO_COMPRESSION, VECTOR_TILES, zoom, zoom], at);
  writeFileSync(path, Buffer.concat(parts));
  return begin;
}
