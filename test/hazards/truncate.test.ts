/** A file cut short under a buffer, a cursor, a map and their views. */

import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import {
  MapFaultError,
  MapRegion,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
} from 'smmap';
import { contentByte, contentBytes, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';
import { type CutFile, cutBytes, cuttableFile, KEPT, LOST, SIZE } from './fixtures/cut-file.js';

/** Every call that reaches a region, and must say that pages were lost. */
const REACHING: Readonly<Record<string, (file: CutFile) => unknown>> = {
  useRegion: ({ cursor }) => cursor.useRegion(),
  'useRegion of a clone': ({ cursor }) => cursor.clone().useRegion(),
  'cursor.buffer': ({ cursor }) => cursor.buffer(),
  'cursor.map': ({ cursor }) => cursor.map(),
  'region.buffer': ({ cursor }) => cursor.region?.buffer(),
  slice: ({ buffer }) => buffer.slice(0, 10),
  'slice by steps': ({ buffer }) => buffer.slice(100, 0, -3),
  subarray: ({ buffer }) => buffer.subarray(0, 10),
  chunks: ({ buffer }) => [...buffer.chunks()],
  lines: ({ buffer }) => [...buffer.lines()],
  forEachLine: ({ buffer }) => buffer.forEachLine(() => true),
  matchAll: ({ buffer }) => [...buffer.matchAll(/a/g)],
  copy: ({ buffer }) => buffer.copy(Buffer.alloc(10)),
  indexOf: ({ buffer }) => buffer.indexOf('never there, however long one looks'),
  lastIndexOf: ({ buffer }) => buffer.lastIndexOf('never there, however long one looks'),
  includes: ({ buffer }) => buffer.includes(1),
  count: ({ buffer }) => buffer.count(1),
  'buffer.toString': ({ buffer }) => buffer.toString('hex', 0, 10),
  'map.slice': ({ map }) => map.slice(0, 10),
  'map.bytes': ({ map }) => map.bytes,
  'map.find': ({ map }) => map.find(Buffer.of(1, 2, 3)),
  'map.read': ({ map }) => map.read(10),
  'map.size': ({ map }) => map.size(),
};

/** Every read of single values, which may give zeros until the event loop turns. */
const SINGLE: Readonly<Record<string, (file: CutFile) => unknown>> = {
  'buffer.at': ({ buffer }) => buffer.at(LOST),
  'buffer.get': ({ buffer }) => buffer.get(LOST),
  'buffer.readUInt32LE': ({ buffer }) => buffer.readUInt32LE(LOST),
  'map.at': ({ map }) => map.at(LOST),
  'map.get': ({ map }) => map.get(LOST),
  'map.readDoubleBE': ({ map }) => map.readDoubleBE(LOST),
};

function assertFault(call: () => unknown, path: string, name: string): void {
  assert.throws(
    call,
    (error) => {
      assert.ok(error instanceof MapFaultError, `${name} threw ${error}`);
      assert.equal(error.code, 'ERR_SMMAP_FAULT');
      assert.deepEqual([error.file, error.offset, error.size], [path, 0, SIZE]);
      return true;
    },
    name,
  );
}

/** Lets the event loop turn until the view was taken away; fails when it never is. */
async function untilEmpty(view: Buffer): Promise<void> {
  for (let turns = 0; view.length > 0 && turns < 1_000_000; turns++) await turn();
  assert.equal(view.length, 0, 'the view was never taken away');
}

await hazards(import.meta.url, {
  'reads give the file or zeros, and the fault counts at once': () => {
    const { manager, cursor, view, cut } = cuttableFile();
    cut();
    assert.equal(manager.stats().faults, 0);
    assert.equal(view[LOST], 0);
    assert.ok(manager.stats().faults > 0);
    assert.ok(cursor.faulted);
    assert.ok(view.equals(cutBytes()));
  },

  'one fault takes the whole lost part, wherever it is met': () => {
    for (const offset of [KEPT, KEPT + PAGE_SIZE, LOST, SIZE - 1]) {
      const { manager, view, cut } = cuttableFile();
      cut();
      assert.equal(view[offset], 0);
      assert.ok(view.equals(cutBytes()));
      assert.ok(manager.stats().faults <= 1);
    }
  },

  'a cut at every kind of border': () => {
    const page = PAGE_SIZE;
    for (const kept of [0, 1, page - 1, page, page + 1, SIZE - page, SIZE - page - 1]) {
      const { manager, view, cut } = cuttableFile();
      cut(kept);
      assert.ok(view.equals(cutBytes(0, SIZE, kept)), `cut at ${kept}`);
      assert.equal(manager.stats().faults, 1, `cut at ${kept}`);
    }
  },

  'a cut inside the last page raises no fault': () => {
    const { manager, buffer, view, cut } = cuttableFile();
    cut(SIZE - 10);
    assert.ok(view.equals(cutBytes(0, SIZE, SIZE - 10)));
    assert.equal(manager.stats().faults, 0);
    assert.ok(buffer.slice(0, 10).equals(contentBytes(0, 10)));
  },

  'every call that reaches the region throws at once, and until refresh': () => {
    for (const [name, call] of Object.entries(REACHING)) {
      const file = cuttableFile();
      file.cut();
      assert.equal(file.view[LOST], 0);
      assertFault(() => call(file), file.path, name);
      assertFault(() => call(file), file.path, `${name} again`);
      file.cursor.refresh();
      assert.ok(file.cursor.buffer().equals(contentBytes(0, KEPT)), name);
    }
  },

  'a call that itself runs into the lost part throws': () => {
    const whole: Record<string, (file: CutFile) => unknown> = {
      slice: ({ buffer }) => buffer.slice(),
      'slice by steps': ({ buffer }) => buffer.slice(null, null, -7),
      copy: ({ buffer }) => buffer.copy(Buffer.alloc(SIZE)),
      indexOf: ({ buffer }) => buffer.indexOf('never there, however long one looks'),
      lastIndexOf: ({ buffer }) => buffer.lastIndexOf('never there, however long one looks'),
      count: ({ buffer }) => buffer.count(Buffer.from('never there')),
      lines: ({ buffer }) => [...buffer.lines()],
      forEachLine: ({ buffer }) => buffer.forEachLine(() => true),
      matchAll: ({ buffer }) => [...buffer.matchAll(/never there/g)],
      'buffer.toString': ({ buffer }) => buffer.toString('latin1'),
      'map.slice': ({ map }) => map.slice(),
      'map.read': ({ map }) => map.read(),
      'map.find': ({ map }) => map.find('never there, however long one looks'),
    };
    for (const [name, call] of Object.entries(whole)) {
      const file = cuttableFile();
      file.cut();
      assertFault(() => call(file), file.path, name);
    }
  },

  'a new cursor sees the file as it is, old ones go on to throw': () => {
    const { path, manager, cursor, view, cut } = cuttableFile();
    cut();
    assert.equal(view[LOST], 0);
    const fresh = manager.makeCursor(path).useRegion();
    assert.ok(fresh.buffer().equals(contentBytes(0, KEPT)));
    assert.equal(fresh.faulted, false);
    assertFault(() => cursor.useRegion(), path, 'the old cursor');
    assert.equal(manager.stats().faults, 1);
  },

  'prefetch of the lost part is rejected, and so is every call after it': async () => {
    for (const which of ['cursor', 'buffer'] as const) {
      const file = cuttableFile();
      file.cut();
      await assert.rejects(file[which].prefetch(), { code: 'ERR_SMMAP_FAULT', file: file.path });
      file.view.at(LOST);
      await assert.rejects(file[which].prefetch(), { code: 'ERR_SMMAP_FAULT', file: file.path });
    }
  },

  'readAsync past the cut is rejected': async () => {
    const { buffer, cut } = cuttableFile();
    cut();
    assert.ok((await buffer.readAsync(0, KEPT)).equals(contentBytes(0, KEPT)));
    await assert.rejects(buffer.readAsync(LOST, 10), { code: 'ERR_SMMAP_FAULT' });
  },

  'once the loop turned, views are empty and single reads throw': async () => {
    for (const [name, read] of Object.entries(SINGLE)) {
      const file = cuttableFile();
      file.cut();
      assert.equal(Number(read(file)), 0, name);
      assert.ok(file.cursor.faulted);
      await untilEmpty(file.view);
      assert.equal(file.view[0], undefined);
      assert.throws(() => file.view.readUInt8(0), RangeError);
      assertFault(() => read(file), file.path, name);
      assert.ok(file.cursor.faulted, name);
      file.manager.close();
      assert.equal(mapped(file.path).lines, 0);
    }
  },

  'refresh recovers: the file cut, grown, written anew, removed': () => {
    const afterwards: Record<string, [change: (path: string) => void, size: number]> = {
      'still cut': [() => undefined, KEPT],
      'grown with zeros': [(path) => truncateSync(path, SIZE), SIZE],
      appended: [(path) => appendFileSync(path, contentBytes(KEPT, SIZE)), KEPT + SIZE],
      'written anew': [(path) => writeContent(path, 2 * SIZE), 2 * SIZE],
    };
    for (const [name, [change, size]] of Object.entries(afterwards)) {
      const { path, manager, cursor, buffer, view, cut } = cuttableFile();
      cut();
      assert.equal(view[LOST], 0);
      change(path);
      cursor.refresh();
      assert.equal(cursor.faulted, false, name);
      const now = readFileSync(path);
      assert.ok(cursor.size >= Math.min(SIZE, size), name);
      assert.ok(cursor.buffer().equals(now.subarray(0, cursor.size)), name);
      assert.ok(buffer.beginAccess());
      assert.equal(buffer.length, size);
      assert.ok(buffer.slice().equals(now), name);
      manager.collect();
      assert.equal(mapped(path).bytes, Math.ceil(size / PAGE_SIZE) * PAGE_SIZE);
    }
  },

  'a file cut to nothing is an empty buffer after refresh': () => {
    const { cursor, buffer, view, cut } = cuttableFile();
    cut(0);
    assert.equal(view[0], 0);
    cursor.refresh();
    assert.equal(cursor.isValid, false);
    assert.throws(() => buffer.slice(0, 1), { code: 'ERR_SMMAP_FAULT' });
    assert.ok(buffer.beginAccess());
    assert.equal(buffer.length, 0);
  },

  'a fault is counted once, before and after its region is gone': () => {
    const { manager, cursor, view, cut } = cuttableFile();
    cut();
    assert.equal(view[LOST], 0);
    assert.equal(manager.stats().faults, 1);
    cursor.refresh();
    assert.equal(manager.stats().faults, 1, 'after refresh');
    manager.close();
    assert.equal(manager.stats().faults, 1, 'after close');
  },

  'only the manager and the region that lost pages say so': () => {
    const one = cuttableFile();
    const other = cuttableFile();
    one.cut();
    assert.equal(one.view[LOST], 0);
    assert.equal(other.manager.stats().faults, 0);
    assert.equal(other.cursor.faulted, false);
    assert.ok(other.buffer.slice().equals(contentBytes(0, SIZE)));
  },

  'a store into the lost part stays private': () => {
    const { path, manager, view, cut } = cuttableFile();
    cut();
    view[LOST] = 77;
    assert.equal(view[LOST], 77);
    assert.equal(manager.stats().faults, 1);
    assert.ok(readFileSync(path).equals(contentBytes(0, KEPT)));
  },

  'a walk is broken off by a cut in the middle': () => {
    const { path, cursor, buffer, cut } = cuttableFile();
    let seen = 0;
    const walk = () => {
      for (const byte of buffer.lines({ view: true })) {
        seen += byte.length;
        if (seen < SIZE) cut();
      }
    };
    assertFault(walk, path, 'lines');
    assert.ok(seen < SIZE);
    cursor.refresh();
    const visit = () => buffer.forEachLine(() => cut(0));
    assert.throws(visit, { code: 'ERR_SMMAP_FAULT' });
  },

  'small windows: those before the cut can be read, those behind it cannot be had': () => {
    const { path, cut } = cuttableFile();
    const region = new MapRegion(path, PAGE_SIZE, PAGE_SIZE);
    const manager = new SlidingWindowMapManager({ windowSize: 4 * PAGE_SIZE });
    const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
    cut();
    for (let at = 0; at < KEPT; at += 997) assert.equal(buffer.at(at), contentByte(at));
    assert.throws(() => buffer.get(LOST), { code: 'ERR_SMMAP_FAULT' });
    assert.ok(region.buffer().equals(contentBytes(PAGE_SIZE, PAGE_SIZE)));
    cut(0);
    assert.equal(region.map().at(3), 0);
    assert.throws(() => region.buffer(), { code: 'ERR_SMMAP_FAULT' });
    region.close();
    assert.ok(region.faults > 0, 'a closed region still knows');
  },

  'on a file system in memory': {
    skip: existsSync('/dev/shm') ? false : 'there is no /dev/shm',
    run: () => {
      const { path, view, cut } = cuttableFile('/dev/shm');
      try {
        cut();
        assert.ok(view.equals(cutBytes()));
      } finally {
        rmSync(dirname(path), { recursive: true });
      }
    },
  },
});
