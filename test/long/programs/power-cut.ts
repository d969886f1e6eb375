/**
 * Writes records through a map of a file on a disk of its own, and cuts the power again and
 * again: the disk is copied as it is at that moment, and the copy is mounted and read.
 */

import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { MemoryMap, PAGE_SIZE } from 'smmap';
import { contentBytes } from '../../support/files.js';
import { randomFrom } from '../../support/random.js';
import { Image } from './ext4.js';
import { optionsOf, tell } from './figures.js';

export interface PowerCutOptions {
  /** An empty folder. */
  dir: string;
  /** How often the power is cut. */
  cuts: number;
  /** What is called after each store; `nothing` to see that it is needed. */
  flush: 'flush' | 'flushAsync' | 'nothing';
  /** Whether the file is made larger before each cut. */
  grows: boolean;
}

export interface PowerCutFigures {
  cuts: number;
  /** Records that were flushed before a cut and are in its copy, over all cuts. */
  kept: number;
  /** Those that are not. */
  lost: number;
  /** Copies in which the file is shorter than it was when something was last flushed. */
  short: number;
}

const IMAGE_BYTES = 16 * 2 ** 20;
/** Bytes of a record: many reach over the edge of a page. */
const RECORD = 1000;
const RECORDS = 500;
/** Records that are stored before each cut, at most, and pages that the file grows by. */
const MOST_STORED = 8;
const MOST_GROWN = 4;
/** The bytes of one cut are found nowhere in those of another. */
const APART = 2 ** 30;

const { dir, cuts, flush, grows } = optionsOf<PowerCutOptions>();
const random = randomFrom(cuts);
const disk = Image.make(dir, 'disk', IMAGE_BYTES);
const copy = Image.forCopies(dir, 'copy');
const name = 'records';
/** By record: the cut before which it was stored and flushed. One that was stored since is not here. */
const flushed = new Map<number, number>();
const figures: PowerCutFigures = { cuts, kept: 0, lost: 0, short: 0 };

/** The right bytes of a record. */
function recordOf(record: number, cut: number): Buffer {
  return contentBytes(cut * APART + record * RECORD, RECORD);
}

/** A file of no records that is on the disk with all its blocks. */
function makeFile(): void {
  const fd = openSync(disk.fileAt(name), 'w');
  writeSync(fd, contentBytes(0, RECORDS * RECORD));
  fsyncSync(fd);
  closeSync(fd);
}

function store(map: MemoryMap, record: number, cut: number): void {
  flushed.delete(record);
  map.setSlice(recordOf(record, cut), record * RECORD, (record + 1) * RECORD);
}

/** A record to store; of a file that grew, one in its new part is more likely than elsewhere. */
function someRecord(map: MemoryMap): number {
  const records = Math.floor(map.length / RECORD);
  return random(grows && random(0, 2) === 0 ? records - MOST_STORED : 0, records);
}

/** Brings a range to the disk, or everything. */
async function bring(map: MemoryMap, offset?: number, size?: number): Promise<void> {
  if (flush === 'flush') map.flush(offset, size);
  if (flush === 'flushAsync') await map.flushAsync(offset, size);
}

/** Stores some records: each on the disk before the next, or all at once, which may be none. */
async function storeAndFlush(map: MemoryMap, cut: number): Promise<void> {
  const atOnce = random(0, 2) === 0;
  const stored = Array.from({ length: random(atOnce ? 0 : 1, MOST_STORED) }, () => someRecord(map));
  for (const record of stored) {
    store(map, record, cut);
    if (!atOnce) await bring(map, record * RECORD, RECORD);
  }
  if (atOnce) await bring(map);
  for (const record of stored) flushed.set(record, cut);
}

/** Looks into the copy for what had to be there. */
function judge(length: number): void {
  copy.mount();
  const bytes = readFileSync(copy.fileAt(name));
  copy.unmount();
  if (bytes.length < length) figures.short++;
  for (const [record, cut] of flushed) {
    const found = bytes.subarray(record * RECORD, (record + 1) * RECORD);
    if (found.equals(recordOf(record, cut))) figures.kept++;
    else figures.lost++;
  }
}

makeFile();
const map = MemoryMap.open(disk.fileAt(name), { access: 'write' });
for (let cut = 1; cut <= cuts; cut++) {
  if (grows) map.resize(map.length + random(1, MOST_GROWN * PAGE_SIZE));
  await storeAndFlush(map, cut);
  disk.copyTo(copy);
  judge(map.length);
  store(map, random(0, RECORDS), cut + cuts); // this one is in the air when the power is cut again
}
map.close();
disk.unmount();
tell(figures);
