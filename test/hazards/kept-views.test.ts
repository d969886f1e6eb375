/** Views that somebody kept after their region was unmapped. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  MapRegion,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { contentByte, tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';

const WINDOW = 4 * PAGE_SIZE;
const COUNT = 16;

interface World {
  path: string;
  manager: SlidingWindowMapManager;
  cursor: WindowCursor;
}

const path = join(tempDir(), 'file.bin');
writeContent(path, COUNT * WINDOW);

function world(): World {
  const manager = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: 2 * WINDOW });
  return { path, manager, cursor: manager.makeCursor(path).useRegion(0) };
}

/** Ways in which the region of the first window goes. */
const ENDS: Readonly<Record<string, (world: World) => void>> = {
  evicted: ({ manager, path, cursor }) => {
    cursor.unuseRegion();
    const other = manager.makeCursor(path);
    for (let k = 1; k < COUNT; k++) other.useRegion(k * WINDOW);
  },
  'left by its cursor and evicted': ({ cursor }) => {
    for (let k = 1; k < COUNT; k++) cursor.useRegion(k * WINDOW);
  },
  collected: ({ manager, cursor }) => {
    cursor.unuseRegion();
    manager.collect();
  },
  'closed by path': ({ manager, path }) => assert.equal(manager.closeUnder(path), 1),
  'closed with its manager': ({ manager }) => manager.close(),
};

/** Everything that looks at the memory and can be kept. */
function looks({ cursor }: World): Record<string, () => unknown> {
  const view = cursor.buffer();
  const buffer = new SlidingWindowMapBuffer(cursor.clone());
  const part = buffer.subarray(10, 20);
  buffer.endAccess();
  const floats = new Float64Array(view.buffer);
  const data = new DataView(view.buffer);
  const bytes = new Uint8Array(view.buffer, 0, 100);
  const iterator = view.values();
  iterator.next();
  const target = Buffer.alloc(10);
  const room = Buffer.alloc(WINDOW);
  return {
    view: () => view[0],
    'view.at': () => view.at(-1),
    'view.length': () => view.length || undefined,
    'view.byteLength': () => view.buffer.byteLength || undefined,
    'view.readUInt8': () => view.readUInt8(0),
    'view.readUInt32LE': () => view.readUInt32LE(4),
    'view.readDoubleBE': () => view.readDoubleBE(4),
    'view.toString': () => view.toString('hex') || undefined,
    'view.copy': () => view.copy(target) || undefined,
    'view.indexOf': () => (view.indexOf(contentByte(0)) === -1 ? undefined : 'found'),
    'view.subarray': () => view.subarray(0, 10)[0],
    'part of a buffer': () => part[0],
    floats: () => floats[3],
    DataView: () => data.getUint8(0),
    bytes: () => bytes[5],
    iterator: () => iterator.next().value,
    'TypedArray.set': () => room.set(view) ?? (room.some((byte) => byte > 0) || undefined),
    Atomics: () => Atomics.load(bytes, 0),
    'new Uint8Array': () => new Uint8Array(view.buffer)[0],
    structuredClone: () => structuredClone(view)[0],
  };
}

/** What a read of memory that is gone may come to. */
function assertGone(read: () => unknown, name: string): void {
  try {
    assert.equal(read(), undefined, name);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    const { name: kind } = error as Error;
    assert.ok(['TypeError', 'RangeError', 'DataCloneError'].includes(kind), `${name}: ${error}`);
  }
}

await hazards(import.meta.url, {
  'whatever looks at memory that is gone sees nothing': () => {
    for (const [end, finish] of Object.entries(ENDS)) {
      const here = world();
      const kept = looks(here);
      for (const [name, read] of Object.entries(kept)) {
        assert.notEqual(read(), undefined, `${name}, before`);
      }
      finish(here);
      for (const [name, read] of Object.entries(kept)) assertGone(read, `${end}: ${name}`);
    }
  },

  'compiled code that read the view a million times sees nothing': () => {
    for (const [end, finish] of Object.entries(ENDS)) {
      const here = world();
      const view = here.cursor.buffer();
      const floats = new Float64Array(view.buffer);
      const data = new DataView(view.buffer);
      const readByte = (bytes: Uint8Array, i: number) => bytes[i];
      const readFloat = (numbers: Float64Array, i: number) => numbers[i];
      const readData = (from: DataView, i: number) => from.getUint8(i);
      const sum = (bytes: Uint8Array) => {
        let total = 0;
        for (let i = 0; i < bytes.length; i++) total = (total + (bytes[i] as number)) | 0;
        return total;
      };
      for (let i = 0; i < 1_000_000; i++) {
        readByte(view, i % WINDOW);
        readFloat(floats, i % (WINDOW / 8));
        readData(data, i % WINDOW);
      }
      for (let i = 0; i < 100; i++) sum(view);
      finish(here);
      for (let i = 0; i < WINDOW; i++) assert.equal(readByte(view, i), undefined, end);
      for (let i = 0; i < WINDOW / 8; i++) assert.equal(readFloat(floats, i), undefined, end);
      assert.throws(() => readData(data, 3), TypeError);
      assert.equal(sum(view), 0);
    }
  },

  'a loop in compiled code under which the region goes': () => {
    for (const [end, finish] of Object.entries(ENDS)) {
      const read = (here: World, view: Uint8Array, at: number) => {
        let seen = 0;
        for (let i = 0; i < WINDOW; i++) {
          if (i === at) finish(here);
          if (view[i] !== undefined) seen++;
        }
        return seen;
      };
      for (let round = 0; round < 30; round++) {
        const here = world();
        const at = round * 500;
        const expected = Math.min(at, WINDOW);
        assert.equal(read(here, here.cursor.buffer(), at), expected, end);
        here.manager.close();
      }
    }
  },

  'a store into a view that is gone does nothing': () => {
    for (const finish of Object.values(ENDS)) {
      const here = world();
      const view = here.cursor.buffer();
      finish(here);
      view[0] = 99;
      assert.throws(() => view.writeUInt8(1, 0), RangeError);
      try {
        view.fill(7);
      } catch (error) {
        assert.ok(error instanceof TypeError); // as Node has it; others have nothing to fill
      }
      assert.equal(here.manager.stats().faults, 0);
    }
  },

  'nothing else that is mapped later shows through': () => {
    const here = world();
    const kept: Buffer[] = [];
    for (let k = 0; k < 2_000; k++) {
      const at = (k % COUNT) * WINDOW;
      const view = here.cursor.useRegion(at).buffer();
      assert.equal(view[17], contentByte(at + 17));
      kept.push(view);
    }
    const live = kept.filter((view) => view.length > 0);
    assert.equal(live.length * WINDOW, mapped(here.path).bytes);
    assert.ok(live.length <= 2);
  },

  'a region of its own': () => {
    const { path, manager } = world();
    manager.close();
    const region = new MapRegion(path, 0, WINDOW);
    const view = region.buffer();
    region.close();
    region.close();
    assert.equal(view[0], undefined);
    assert.throws(() => region.buffer(), { code: 'ERR_SMMAP_CLOSED' });
    assert.equal(mapped(path).lines, 0);
  },
});
