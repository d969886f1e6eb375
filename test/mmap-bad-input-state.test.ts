/** Maps that are closed, or for reading only: every member is tried. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { MAP_PRIVATE, MemoryMap, PAGE_SIZE, PROT_READ, SlidingWindowMapManager } from 'smmap';
import { checkout } from './support/checkout.js';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapMembers, typedCall, typedMembers, type Use } from './support/map-members.js';
import { mapPath } from './support/maps.js';
import { mapped } from './support/proc-maps.js';
import { CLOSED, READ_ONLY, STATE } from './support/refusals.js';

const SIZE = 4 * PAGE_SIZE;
const dir = tempDir();
let made = 0;

/** A new file, of which each test has its own. */
function newFile(size = SIZE): string {
  const path = join(dir, `file-${++made}`);
  writeContent(path, size);
  return path;
}

/** A call of every member that a map for reading has, typed readers aside. */
const READS: Record<string, Use> = {
  at: (map) => map.at(0),
  get: (map) => map.get(0),
  slice: (map) => map.slice(0, 1),
  subarray: (map) => map.subarray(0, 1),
  bytes: (map) => map.bytes,
  arrayBuffer: (map) => map.arrayBuffer,
  copy: (map) => map.copy(Buffer.alloc(1)),
  toString: (map: MemoryMap) => map.toString(),
  find: (map) => map.find('a'),
  rfind: (map) => map.rfind('a'),
  indexOf: (map) => map.indexOf('a'),
  lastIndexOf: (map) => map.lastIndexOf('a'),
  includes: (map) => map.includes('a'),
  count: (map) => map.count('a'),
  matchAll: (map) => map.matchAll(/a/g),
  lines: (map) => map.lines(),
  forEachLine: (map) => map.forEachLine(() => false),
  chunks: (map) => map.chunks().next(),
  'Symbol(Symbol.iterator)': (map) => map[Symbol.iterator]().next(),
  read: (map) => map.read(1),
  readByte: (map) => map.readByte(),
  readline: (map) => map.readline(),
  seek: (map) => map.seek(0),
  tell: (map) => map.tell(),
  size: (map) => map.size(),
  flush: (map) => map.flush(),
  flushAsync: (map) => map.flushAsync(),
  madvise: (map) => map.madvise('normal'),
  prefetch: (map) => map.prefetch(),
  readAsync: (map) => map.readAsync(0, 1),
  residency: (map) => map.residency(),
  residentBytes: (map) => map.residentBytes,
  setName: (map) => map.setName('name'),
  lock: (map) => map.lock(),
  unlock: (map) => map.unlock(),
};

/** A call of every member that stores, typed writers aside. */
const STORES: Record<string, Use> = {
  set: (map) => map.set(0, 1),
  setSlice: (map) => map.setSlice(Buffer.of(1), 0, 1),
  write: (map) => map.write(Buffer.of(1)),
  writeByte: (map) => map.writeByte(1),
  move: (map) => map.move(0, 1, 1),
  resize: (map) => map.resize(PAGE_SIZE),
};

const allUses: Record<string, Use> = {
  ...READS,
  ...STORES,
  ...Object.fromEntries(typedMembers.map((name) => [name, typedCall(name)])),
};

describe('a closed map', () => {
  /** What still answers: what it was, and that it is closed. */
  const STATE_OF = ['length', 'closed', 'access', 'offset', 'readonly', 'faulted', 'seekable'];
  const OTHERS = ['constructor', 'close', String(Symbol.dispose), String(inspect.custom)];

  test('has no member that is not tried here', () => {
    const known = new Set([...Object.keys(allUses), ...STATE_OF, ...OTHERS]);
    assert.deepEqual(
      mapMembers().filter((name) => !known.has(name)),
      [],
    );
    assert.ok(typedMembers.length >= 60, `${typedMembers.length} typed readers and writers`);
  });

  for (const access of ['default', 'read', 'write', 'copy'] as const) {
    test(`refuses every call: ${access}`, async () => {
      const map = mapPath(newFile(), 'r+', 0, { access });
      map.close();
      for (const [name, use] of Object.entries(allUses)) {
        await assert.rejects(async () => use(map), CLOSED, name);
      }
      assert.deepEqual([map.length, map.closed, map.access], [0, true, access]);
      assert.match(inspect(map), /^MemoryMap \{ closed: true/);
      map.close();
      map[Symbol.dispose]();
    });
  }

  test('has left its views empty, and what walked over it at its end', () => {
    const path = newFile();
    const map = mapPath(path, 'r+');
    const views = [map.bytes, map.subarray(5, 10), Buffer.from(map.arrayBuffer, 7, 7)];
    const walks = [map[Symbol.iterator](), map.lines(), map.chunks(), map.matchAll(/\0/g)];
    for (const walk of walks.slice(0, 2)) walk.next();
    map.close();
    assert.equal(mapped(path).lines, 0);
    for (const view of views) {
      assert.deepEqual([view.length, view[0]], [0, undefined]);
      view[0] = 1;
      assert.equal(view[0], undefined);
    }
    for (const walk of walks) {
      try {
        assert.equal(walk.next().done, true);
      } catch (error) {
        assert.equal((error as { code: string }).code, CLOSED.code);
      }
    }
    assert.ok(readFileSync(path).equals(contentBytes(0, SIZE)));
  });

  test('while a read, a flush and a prefetch are on their way', async () => {
    const path = newFile();
    for (const access of ['read', 'write'] as const) {
      const map = mapPath(path, 'r+', 0, { access });
      const pending = [map.readAsync(PAGE_SIZE, 100), map.flushAsync(), map.prefetch()];
      map.close();
      const [read, ...rest] = await Promise.allSettled(pending);
      if (read?.status === 'fulfilled') assert.deepEqual(read.value, contentBytes(PAGE_SIZE, 100));
      for (const each of [read, ...rest]) {
        if (each?.status === 'rejected') assert.equal(each.reason.code, CLOSED.code);
      }
      assert.equal(mapped(path).lines, 0);
    }
  });
});

describe('a map for reading only', () => {
  const path = newFile();
  const was = contentBytes(0, SIZE);
  const makers: Record<string, () => MemoryMap> = {
    'access read': () => mapPath(path, 'r+', 0, { access: 'read' }),
    'prot without writing': () => mapPath(path, 'r+', 0, { prot: PROT_READ as number }),
    'private, prot without writing': () =>
      mapPath(path, 'r', 0, { flags: MAP_PRIVATE as number, prot: PROT_READ as number }),
    'opened by name': () => MemoryMap.open(path),
  };
  const writers: Record<string, Use> = {
    ...STORES,
    ...Object.fromEntries(
      typedMembers
        .filter((name) => name.startsWith('write'))
        .map((name) => [name, typedCall(name)]),
    ),
    'write nothing': (map) => map.write(Buffer.alloc(0)),
    'setSlice of nothing': (map) => map.setSlice(Buffer.alloc(0), 5, 5),
    'move of nothing': (map) => map.move(0, 0, 0),
    'resize to its own size': (map) => map.resize(map.length),
  };

  for (const [name, make] of Object.entries(makers)) {
    test(`refuses every store, also one of no bytes: ${name}`, () => {
      using map = make();
      assert.deepEqual([map.readonly, map.access], [true, 'read']);
      for (const [store, use] of Object.entries(writers)) {
        assert.throws(() => use(map), READ_ONLY, store);
        assert.throws(() => use(map), TypeError, store);
      }
      assert.deepEqual([map.length, map.tell()], [SIZE, 0]);
      assert.ok(map.slice().equals(was));
      assert.ok(readFileSync(path).equals(was));
    });
  }

  test('of a manager for reading, the same; of one for writing, the stores arrive', () => {
    const other = newFile();
    using reading = new SlidingWindowMapManager();
    const map = reading.makeCursor(other).useRegion().map();
    for (const [store, use] of Object.entries(writers)) {
      if (/resize/.test(store)) continue;
      assert.throws(() => use(map), READ_ONLY, store);
    }
    using writing = new SlidingWindowMapManager({ access: 'write' });
    const own = writing.makeCursor(other).useRegion().map();
    own.set(7, 1);
    own.setSlice(Buffer.of(2, 3), 8, 10);
    assert.deepEqual([...readFileSync(other).subarray(7, 10)], [1, 2, 3]);
    for (const each of [map, own]) {
      assert.throws(() => each.close(), STATE);
      assert.throws(() => each.resize(PAGE_SIZE), STATE);
    }
  });

  test('a store through a raw view reaches no file and ends no process', () => {
    const program = `
      import { openSync } from 'node:fs';
      import { MAP_PRIVATE, MAP_SHARED, MemoryMap, PROT_READ } from 'smmap';
      const path = ${JSON.stringify(path)};
      const fd = openSync(path, 'r');
      const maps = [
        MemoryMap.open(path),
        new MemoryMap(fd, 0, { access: 'read' }),
        new MemoryMap(fd, 0, { prot: PROT_READ }),
        new MemoryMap(fd, 0, { prot: PROT_READ, flags: MAP_SHARED }),
        new MemoryMap(fd, 0, { prot: PROT_READ, flags: MAP_PRIVATE }),
        new MemoryMap(-1, ${SIZE}, { access: 'read' }),
      ];
      for (const map of maps) {
        map.bytes[0] ^= 0xff;
        map.subarray(${PAGE_SIZE}).fill(7);
        new DataView(map.arrayBuffer).setUint32(100, 1);
        Atomics.add(new Int32Array(map.arrayBuffer), 50, 1);
        map.flush();
        map.close();
      }
      process.stdout.write('alive');`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: checkout,
      encoding: 'utf8',
    });
    assert.equal(printed, 'alive');
    assert.ok(readFileSync(path).equals(was));
  });
});
