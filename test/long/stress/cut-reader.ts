/**
 * A worker that reads files while others cut them. It counts as wrong every byte that is
 * neither the file's, nor a zero of which the package says at once that it may be none of the
 * file's; in what calls copy no such zero is allowed at all.
 */

import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import {
  MapFaultError,
  MemoryMap,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
} from 'smmap';
import { randomFrom } from '../../support/random.js';
import { CutFiles, mayBeTorn, SIZE } from './cut-files.js';

/** How a worker is told what to read. */
export interface CutOrder {
  dir: string;
  count: number;
  seed: number;
  /** As for managers; 'map' to read through `MemoryMap`. */
  windowSize: number | 'map';
  /** One number, not 0 when it is to end, and one that counts the reads of all. */
  shared: Int32Array;
}

/** What it tells in the end. */
export interface CutReport {
  bytes: number;
  wrong: number;
  /** Zeros in place of the file's bytes that the package told of. */
  zeros: number;
  /** Faults survived. */
  faults: number;
  /** Calls that threw `MapFaultError`. */
  errors: number;
}

/** What is read through: a buffer or a map. */
type Source = SlidingWindowMapBuffer | MemoryMap;

/** Bytes looked at one by one before the next read. */
const GLANCES = 32;

const order = workerData as CutOrder;
const [END, READS] = [0, 1];
const files = new CutFiles(order.dir, order.count);
const random = randomFrom(order.seed);
const report: CutReport = { bytes: 0, wrong: 0, zeros: 0, faults: 0, errors: 0 };

function check(
  byte: number | undefined,
  file: number,
  offset: number,
  isTold: () => boolean,
): void {
  report.bytes++;
  if (byte === files.byte(file, offset)) return;
  if (byte === 0 && mayBeTorn(Math.floor(offset / PAGE_SIZE))) return;
  if (byte === 0 && isTold()) report.zeros++;
  else report.wrong++;
}

/** Looks at single bytes of `length`, which may be zeros that are told of. */
function glance(
  file: number,
  begin: number,
  length: number,
  byteAt: (index: number) => number | undefined,
  isTold: () => boolean,
): void {
  for (let i = 0; i < GLANCES && length > 0; i++) {
    const index = random(0, length);
    check(byteAt(index), file, begin + index, isTold);
  }
}

const never = () => false;

/** Copies some bytes in one of the ways, and checks them all. */
function copySome(source: Source, file: number): void {
  if (source.length === 0) return;
  const from = random(0, source.length);
  const to = Math.min(from + random(1, 3 * PAGE_SIZE), source.length);
  const copies = [
    () => source.slice(from, to),
    () => Buffer.from(source.toString('latin1', from, to), 'latin1'),
    () => {
      const target = Buffer.alloc(to - from, 1);
      source.copy(target, 0, from, to);
      return target;
    },
    () => source.slice(to - 1, from === 0 ? null : from - 1, -1).reverse(),
  ];
  const copy = (copies[random(0, copies.length)] as () => Buffer)();
  if (copy.length !== to - from) report.wrong++;
  for (let i = 0; i < copy.length; i++) check(copy[i], file, from + i, never);
}

/** Runs one read; gives whether pages were lost under it. */
function survives(read: () => void): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (!(error instanceof MapFaultError)) throw error;
    report.errors++;
    return false;
  }
}

/** Reads through maps: each is opened, read and closed. */
function readMaps(): void {
  const file = random(0, files.count);
  const map = MemoryMap.open(files.path(file));
  const told = () => map.faulted;
  survives(() => glance(file, 0, map.length, (i) => map.at(i), told));
  survives(() => copySome(map, file));
  report.faults += map.faulted ? 1 : 0;
  map.close();
}

/** Reads through a manager's cursors and buffers, of which each file has one. */
function managerReader(windowSize: number): () => void {
  const options = windowSize === 0 ? {} : { maxMemorySize: 24 * windowSize };
  const manager = new SlidingWindowMapManager({ windowSize, ...options });
  const cursors = Array.from({ length: files.count }, (_, file) =>
    manager.makeCursor(files.path(file)),
  );
  const buffers = cursors.map((cursor) => new SlidingWindowMapBuffer(cursor.clone()));
  return () => {
    const file = random(0, files.count);
    const cursor = cursors[file] as (typeof cursors)[0];
    const buffer = buffers[file] as SlidingWindowMapBuffer;
    const stands = survives(() => {
      const at = random(0, SIZE);
      if (!cursor.useRegion(at).isValid) cursor.refresh().useRegion(at); // it may be longer by now
      if (!cursor.isValid) return;
      const { ofsBegin, size } = cursor;
      const view = cursor.buffer();
      glance(
        file,
        ofsBegin,
        size,
        (i) => view[i],
        () => cursor.faulted,
      );
    });
    if (!stands) cursor.refresh();
    const told = () => buffer.cursor?.faulted === true;
    const reads =
      survives(() => glance(file, 0, buffer.length, (i) => buffer.at(i), told)) &&
      survives(() => copySome(buffer, file));
    if (!reads || buffer.length < SIZE) {
      buffer.cursor?.refresh();
      survives(() => buffer.beginAccess());
    }
    report.faults = manager.stats().faults;
  };
}

const read = order.windowSize === 'map' ? readMaps : managerReader(order.windowSize);
while (Atomics.load(order.shared, END) === 0) {
  read();
  Atomics.add(order.shared, READS, 1);
  Atomics.notify(order.shared, READS);
}
(parentPort as MessagePort).postMessage(report);
