/** Makes a mapped file larger on a disk that has no room, again and again, and stores into all that it got. */

import assert from 'node:assert/strict';
import { readFileSync, statfsSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { MemoryMap, PAGE_SIZE } from 'smmap';
import { contentBytes, writeContent } from '../../support/files.js';
import { randomFrom } from '../../support/random.js';
import { Image } from './ext4.js';
import { optionsOf, tell } from './figures.js';

export interface GrowOptions {
  /** An empty folder. */
  dir: string;
  /** How often the map is to grow. */
  tries: number;
}

export interface GrowFigures {
  tries: number;
  /** Tries for which there was room, and every new byte was stored. */
  grown: number;
  /** Tries that threw ENOSPC, and left all as it was. */
  refused: number;
  /** Bytes stored in new parts of the file. */
  stored: number;
}

const MIB = 2 ** 20;
const IMAGE_BYTES = 64 * MIB;
/** Bytes of the mapped file at the beginning. */
const SIZE = 100 * PAGE_SIZE + 7;
/** Bytes that the filler leaves free. */
const FREE = 2 * MIB;
/** What ext4 itself keeps of a try, in blocks of 512 bytes: index blocks of the file, for many small pieces. */
const MOST_KEPT = (4 * 4096) / 512;

const { dir, tries } = optionsOf<GrowOptions>();
const random = randomFrom(tries);
const disk = Image.make(dir, 'disk', IMAGE_BYTES);
const path = disk.fileAt('mapped');
const filler = disk.fileAt('filler');
const figures: GrowFigures = { tries, grown: 0, refused: 0, stored: 0 };

function freeBytes(): number {
  const { bfree, bsize } = statfsSync(disk.fileAt('.'));
  return bfree * bsize;
}

/** How much larger the file is to be: mostly a little, so that the last block is reached from below. */
function someGrowth(): number {
  const kinds = [random(1, 64 * PAGE_SIZE), random(1, PAGE_SIZE), freeBytes() + PAGE_SIZE, 2 ** 40];
  return kinds[random(0, kinds.length)] as number;
}

/** Stores the right bytes from the old end on. */
function fill(map: MemoryMap, from: number): void {
  map.setSlice(contentBytes(from, map.length - from), from);
  figures.stored += map.length - from;
}

/** Map and file have so many bytes, and the right ones. */
function assertWhole(map: MemoryMap, length: number): void {
  assert.equal(map.length, length);
  assert.equal(statSync(path).size, length);
  assert.equal(map.faulted, false);
  assert.ok(map.bytes.equals(contentBytes(0, length)));
}

/** One try, after which the map can be used as before. */
function grow(map: MemoryMap): void {
  const { length } = map;
  const { blocks } = statSync(path);
  const position = map.seek(random(0, length));
  try {
    map.resize(length + someGrowth());
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    figures.refused++;
    assertWhole(map, length);
    assert.equal(map.tell(), position);
    const kept = statSync(path).blocks - blocks;
    assert.ok(kept <= MOST_KEPT, `of what was allocated ${kept} blocks are not free again`);
    const at = random(0, length - 10);
    map.setSlice(Buffer.alloc(10), at, at + 10);
    map.setSlice(contentBytes(at, 10), at, at + 10);
    map.flush(at, 10);
    return;
  }
  figures.grown++;
  fill(map, length);
}

writeContent(path, SIZE);
writeFileSync(filler, Buffer.alloc(freeBytes() - FREE));
const map = MemoryMap.open(path, { access: 'write' });
assert.throws(() => map.resize(SIZE + FREE + MIB), { code: 'ENOSPC', path });
assertWhole(map, SIZE);
for (let tried = 0; tried < tries; tried++) {
  const { refused } = figures;
  grow(map);
  if (figures.refused === refused || random(0, 6) > 0) continue;
  map.resize(SIZE); // room again
  assertWhole(map, SIZE);
}
unlinkSync(filler);
const { length } = map;
map.resize(32 * MIB);
fill(map, length);
map.flush();
map.close();
assert.ok(readFileSync(path).equals(contentBytes(0, 32 * MIB)));
disk.unmount();
tell(figures);
