/** A file on a disk that has become shorter: an ext4 image whose backing file is cut. */

import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MapFaultError,
  MemoryMap,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
} from 'smmap';
import { Image, whyNoImages } from '../long/programs/ext4.js';
import { isFault } from '../support/faults.js';
import { contentBytes, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';
import { sumInWorker } from './fixtures/sum.js';

const MIB = 2 ** 20;
const DISK = 16 * MIB;
const SIZE = 6 * MIB;
/** Bytes of the disk that stay: all that says where the file lies, and some of its blocks. */
const KEPT = 9 * MIB;
const WINDOW = 8 * PAGE_SIZE;

process.env.SMMAP_NO_IMAGES ??= JSON.stringify(whyNoImages());
const skip = JSON.parse(process.env.SMMAP_NO_IMAGES) as string | false;

/** A file of which the last part lies on blocks that are gone; none of it is in memory. */
function fileOnCutImage(): string {
  // Not a tempDir(): when this process ends it is still mounted, and whoever started it removes it.
  const image = Image.make(mkdtempSync(join(tmpdir(), 'mounted-')), 'disk', DISK);
  const path = image.fileAt('file.bin');
  writeContent(path, SIZE);
  image.unmount();
  image.mount();
  truncateSync(image.path, KEPT);
  return path;
}

/** Offsets of the pages that the system cannot read, asked without any mapping. */
function unreadable(path: string): number[] {
  const fd = openSync(path, 'r');
  const into = Buffer.alloc(PAGE_SIZE);
  const lost: number[] = [];
  for (let at = 0; at < SIZE; at += PAGE_SIZE) {
    try {
      readSync(fd, into, 0, PAGE_SIZE, at);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EIO');
      lost.push(at);
    }
  }
  closeSync(fd);
  return lost;
}

function assertRejected(call: () => unknown, path: string, name: string): Promise<void> {
  return assert.rejects(
    async () => call(),
    (error) => isFault(error, path, name),
    name,
  );
}

const TRIALS: Readonly<Record<string, () => unknown>> = {
  'window by window: right, or zeros and a fault, just where the system cannot read': () => {
    const path = fileOnCutImage();
    const seen: { begin: number; faulted: boolean; bytes: Buffer }[] = [];
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW });
    using cursor = manager.makeCursor(path);
    for (let begin = 0; begin < SIZE; begin += WINDOW) {
      const bytes = Buffer.from(cursor.useRegion(begin).buffer());
      const { faulted } = cursor;
      seen.push({ begin, faulted, bytes });
      if (!faulted) continue;
      assert.throws(() => cursor.useRegion(0), MapFaultError);
      cursor.refresh();
    }
    const lost = unreadable(path);
    assert.ok(lost.length > 0 && lost.length < SIZE / PAGE_SIZE, `${lost.length} pages are gone`);
    for (const { begin, faulted, bytes } of seen) {
      const first = lost.find((at) => at >= begin && at < begin + WINDOW);
      const wanted = Buffer.alloc(WINDOW);
      contentBytes(begin, (first ?? begin + WINDOW) - begin).copy(wanted);
      assert.equal(faulted, first !== undefined, `at ${begin}`);
      assert.ok(bytes.equals(wanted), `at ${begin}`);
    }
    assert.equal(manager.stats().faults, seen.filter(({ faulted }) => faulted).length);
  },

  'every way to read it all is an error': async () => {
    const path = fileOnCutImage();
    const ways: Record<string, (buffer: SlidingWindowMapBuffer) => unknown> = {
      slice: (buffer) => buffer.slice(),
      lines: (buffer) => [...buffer.lines()],
      lastIndexOf: (buffer) => buffer.lastIndexOf('never there, however long one looks'),
      copy: (buffer) => buffer.copy(Buffer.alloc(SIZE)),
      prefetch: (buffer) => buffer.prefetch(),
      readAsync: (buffer) => buffer.readAsync(0, SIZE),
    };
    for (const windowSize of [WINDOW, 0]) {
      for (const [name, read] of Object.entries(ways)) {
        using manager = new SlidingWindowMapManager({ windowSize });
        const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
        await assertRejected(() => read(buffer), path, name);
      }
    }
    const maps: Record<string, (map: MemoryMap) => unknown> = {
      'map.slice': (map) => map.slice(),
      'map.find': (map) => map.find('never there, however long one looks'),
      'map.readAsync': (map) => map.readAsync(0, SIZE),
    };
    for (const [name, read] of Object.entries(maps)) {
      using map = MemoryMap.open(path);
      await assertRejected(() => read(map), path, name);
    }
    assert.equal(mapped(path).lines, 0);
  },

  'a sum in a worker thread': async () => {
    const path = fileOnCutImage();
    const { faults, code } = await sumInWorker({ path });
    assert.deepEqual([faults, code], [1, 'ERR_SMMAP_FAULT']);
    assert.equal(mapped(path).lines, 0);
  },
};

await hazards(
  import.meta.url,
  Object.fromEntries(
    Object.entries(TRIALS).map(([name, run]) => [
      name,
      { run, skip, under: ['unshare', '--mount'] },
    ]),
  ),
);
