/** Pages that a device cannot give or take (`EIO`): an error, and never the end. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import {
  MemoryMap,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
} from 'smmap';
import { descriptorsOn } from '../support/descriptors.js';
import { assertFault, isFault } from '../support/faults.js';
import { contentByte, contentBytes } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';
import { BAD, deviceWithFile, GOOD, LOST, SIZE } from './fixtures/bad-pages.js';
import { mounting } from './fixtures/failing-device.js';
import { sumInWorker } from './fixtures/sum.js';

const PAGES = Math.ceil(SIZE / PAGE_SIZE);
const NEVER_THERE = Buffer.from('never there, however long one looks');

/** Reads everything through a buffer. */
const BUFFER_READS: Readonly<Record<string, (buffer: SlidingWindowMapBuffer) => unknown>> = {
  slice: (buffer) => buffer.slice(),
  'slice by steps': (buffer) => buffer.slice(null, null, -7),
  copy: (buffer) => buffer.copy(Buffer.alloc(SIZE)),
  'buffer.toString': (buffer) => buffer.toString('latin1'),
  lines: (buffer) => [...buffer.lines()],
  'lines as views': (buffer) => [...buffer.lines({ view: true })].map((line) => line.at(0)),
  forEachLine: (buffer) => buffer.forEachLine(() => true),
  indexOf: (buffer) => buffer.indexOf(NEVER_THERE),
  lastIndexOf: (buffer) => buffer.lastIndexOf(NEVER_THERE),
  count: (buffer) => buffer.count(NEVER_THERE),
  matchAll: (buffer) => [...buffer.matchAll(/never there/g)],
  chunks: (buffer) => {
    for (const chunk of buffer.chunks()) chunk.lastIndexOf(NEVER_THERE);
  },
};

/** Reads everything through a map. */
const MAP_READS: Readonly<Record<string, (map: MemoryMap) => unknown>> = {
  slice: (map) => map.slice(),
  read: (map) => map.read(),
  find: (map) => map.find(NEVER_THERE),
  rfind: (map) => map.rfind(NEVER_THERE),
  count: (map) => map.count(NEVER_THERE),
  lines: (map) => [...map.lines()],
  copy: (map) => map.copy(Buffer.alloc(SIZE)),
};

await hazards(
  import.meta.url,
  mounting({
    'a raw view: zeros for the page, known at once, and right before it': async () => {
      const { path } = await deviceWithFile('read');
      for (const lost of LOST) {
        using manager = new SlidingWindowMapManager();
        const cursor = manager.makeCursor(path).useRegion();
        const view = cursor.buffer();
        assert.equal(view[GOOD - 1], contentByte(GOOD - 1));
        assert.equal(cursor.faulted, false);
        assert.equal(view[lost], 0);
        assert.equal(cursor.faulted, true);
        assert.equal(manager.stats().faults, 1);
        assert.ok(view.subarray(0, GOOD).equals(contentBytes(0, GOOD)));
        assertFault(() => cursor.useRegion(0), path, 'useRegion');
        assertFault(() => cursor.buffer(), path, 'buffer');
        for (let turns = 0; view.length > 0 && turns < 1_000_000; turns++) await turn();
        assert.equal(view.length, 0);
      }
    },

    'every call of a buffer that comes upon such a page throws, with windows of any size':
      async () => {
        const { path } = await deviceWithFile('read');
        for (const windowSize of [PAGE_SIZE, 8 * PAGE_SIZE, 0]) {
          for (const [name, read] of Object.entries(BUFFER_READS)) {
            using manager = new SlidingWindowMapManager({ windowSize });
            const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
            assertFault(() => read(buffer), path, `${name}, windows of ${windowSize}`);
            assert.ok(manager.stats().faults > 0);
          }
        }
      },

    'what lies in other windows is right, and refresh gives all when the device works again':
      async () => {
        const { device, path } = await deviceWithFile('read');
        using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
        const cursor = manager.makeCursor(path);
        const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
        const wanted = (page: number) =>
          contentBytes(page * PAGE_SIZE, Math.min(PAGE_SIZE, SIZE - page * PAGE_SIZE));
        for (let page = 0; page < PAGES; page++) {
          const copied = () => Buffer.from(cursor.useRegion(page * PAGE_SIZE).buffer());
          const read = () => buffer.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
          if (!BAD.includes(page as (typeof BAD)[number])) {
            assert.deepEqual(copied(), wanted(page), `page ${page}`);
            assert.deepEqual(read(), wanted(page), `page ${page}`);
          } else {
            assert.ok(copied().equals(Buffer.alloc(PAGE_SIZE)));
            assert.equal(cursor.faulted, true);
            assertFault(read, path);
            for (const each of [cursor, buffer.cursor]) each?.refresh(); // till then each says so
          }
        }
        device.mend(path);
        cursor.refresh();
        assert.ok(buffer.beginAccess());
        assert.ok(buffer.slice().equals(contentBytes(0, SIZE)));
      },

    'prefetch and readAsync are rejected there, and give the rest': async () => {
      const { path } = await deviceWithFile('read');
      using manager = new SlidingWindowMapManager({ windowSize: 8 * PAGE_SIZE });
      using map = MemoryMap.open(path);
      using another = new SlidingWindowMapManager();
      const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
      const rejected = (promise: Promise<unknown>, code: string, name: string) =>
        assert.rejects(promise, (error) => {
          assert.equal(((error as Error).cause as NodeJS.ErrnoException).code, code, name);
          return isFault(error, path, name);
        });
      for (const source of [buffer, map]) {
        const name = source.constructor.name;
        assert.ok((await source.readAsync(0, GOOD)).equals(contentBytes(0, GOOD)), name);
        await rejected(source.readAsync(0, SIZE), 'EIO', name);
        await rejected(source.readAsync(LOST[1], 1), 'EIO', name);
        await source.prefetch(0, GOOD);
        await rejected(source.prefetch(), 'EFAULT', name);
      }
      const cursor = another.makeCursor(path).useRegion(LOST[0]);
      await rejected(cursor.prefetch(), 'EFAULT', 'cursor');
    },

    'a manager of whole files: the same': async () => {
      const { path } = await deviceWithFile('read');
      using manager = new StaticWindowMapManager();
      const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
      assert.ok(buffer.slice(0, GOOD).equals(contentBytes(0, GOOD)));
      assertFault(() => buffer.slice(), path);
      assertFault(() => buffer.slice(0, 1), path);
    },

    'a map for reading': async () => {
      const { path } = await deviceWithFile('read');
      for (const [name, read] of Object.entries(MAP_READS)) {
        const map = MemoryMap.open(path);
        assert.equal(map.at(GOOD - 1), contentByte(GOOD - 1));
        assertFault(() => read(map), path, name);
        assert.equal(map.faulted, true);
        map.close();
        assert.equal(mapped(path).lines, 0);
      }
    },

    'a map for writing: a store into such a page is told by flush, and once by close': async () => {
      const { device, path } = await deviceWithFile('read');
      for (const isFlushed of [true, false]) {
        const map = MemoryMap.open(path, { access: 'write' });
        const view = map.bytes;
        view[0] = 7;
        view[LOST[0]] = 7;
        assert.equal(map.faulted, true);
        if (isFlushed) {
          assertFault(() => map.set(0, 8), path, 'set');
          assertFault(() => map.flush(), path, 'flush');
          await assert.rejects(map.flushAsync(), (error) => isFault(error, path));
        }
        assertFault(() => map.close(), path, 'close');
        assert.equal(map.closed, true);
        map.close();
        assert.equal(mapped(path).lines, 0);
        assert.equal(descriptorsOn(path), 0);
      }
      device.mend(path);
      using map = MemoryMap.open(path, { access: 'write' });
      map.flush();
      const wanted = contentBytes(0, SIZE);
      wanted[0] = 7;
      assert.ok(readFileSync(device.behind(path)).equals(wanted), 'the other store was not lost');
    },

    'a page that the device does not take: flush says EIO': async () => {
      const { device, path } = await deviceWithFile('write');
      const flushes: Record<string, (map: MemoryMap) => unknown> = {
        flush: (map) => map.flush(),
        'flush of the page': (map) => map.flush(LOST[0], 1),
        flushAsync: (map) => map.flushAsync(),
      };
      for (const [name, flush] of Object.entries(flushes)) {
        const map = MemoryMap.open(path, { access: 'write' });
        map.set(LOST[0], 7);
        await assert.rejects(async () => flush(map), { code: 'EIO', syscall: 'msync', path }, name);
        assert.equal(map.faulted, false, 'every page can be read');
        map.close();
        assert.equal(mapped(path).lines, 0);
      }
      const manager = new SlidingWindowMapManager({ access: 'write' });
      const cursor = manager.makeCursor(path).useRegion();
      cursor.buffer()[LOST[1]] = 7;
      assert.throws(() => cursor.flush(), { code: 'EIO', path });
      manager.close();
      assert.equal(descriptorsOn(path), 0);
      assert.ok(readFileSync(device.behind(path)).equals(contentBytes(0, SIZE)));
    },

    'a sum in a worker thread': async () => {
      const { device, path } = await deviceWithFile('read');
      using manager = new SlidingWindowMapManager();
      const view = manager.makeCursor(path).useRegion().buffer();
      const failed = await sumInWorker({ path });
      assert.deepEqual([failed.faults, failed.code], [1, 'ERR_SMMAP_FAULT']);
      assert.equal(manager.stats().faults, 0, 'that was not ours');
      assert.ok(view.subarray(0, GOOD).equals(contentBytes(0, GOOD)));
      device.mend(path);
      const sum = contentBytes(0, SIZE).reduce((all, byte) => all + byte, 0);
      assert.deepEqual(await sumInWorker({ path }), { sum, faults: 0, code: undefined });
    },
  }),
);
