/** User code that runs in the middle of a call and pulls the ground away from under it. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  SmmapError,
  type WindowCursor,
} from 'smmap';
import { contentBytes, tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';

const WINDOW = 4 * PAGE_SIZE;
const COUNT = 8;
const SIZE = COUNT * WINDOW;
const path = join(tempDir(), 'file.bin');

interface World {
  manager: SlidingWindowMapManager;
  cursor: WindowCursor;
  buffer: SlidingWindowMapBuffer;
}

function world(): World {
  writeContent(path, SIZE);
  const manager = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: 2 * WINDOW });
  const cursor = manager.makeCursor(path).useRegion(0);
  return { manager, cursor, buffer: new SlidingWindowMapBuffer(manager.makeCursor(path)) };
}

/** What user code may do at the worst moment. */
const STABS: Readonly<Record<string, (world: World) => void>> = {
  'closes the manager': ({ manager }) => manager.close(),
  'closes the file': ({ manager }) => void manager.closeUnder(path),
  collects: ({ manager }) => void manager.collect(),
  'closes the cursor': ({ cursor }) => cursor.close(),
  'closes the buffer': ({ buffer }) => buffer.close(),
  "closes the buffer's cursor": ({ buffer }) => buffer.cursor?.close(),
  'leaves the region': ({ cursor }) => cursor.unuseRegion(),
  'moves the cursor': ({ cursor }) => void cursor.useRegion(5 * WINDOW),
  "moves the buffer's cursor": ({ buffer }) => void buffer.cursor?.useRegion(6 * WINDOW),
  'maps other windows until all that is idle is gone': ({ manager }) => {
    const other = manager.makeCursor(path);
    for (let k = 0; k < COUNT; k++) other.useRegion(k * WINDOW);
  },
  refreshes: ({ cursor }) => void cursor.refresh(),
  'begins anew': ({ buffer }) => void buffer.beginAccess(undefined, WINDOW),
};

/** Calls in the middle of which `stab` is run. */
const CALLS: Readonly<Record<string, (world: World, stab: () => void) => unknown>> = {
  'a getter of useRegion': ({ cursor }, stab) =>
    cursor.useRegion(WINDOW, 10, {
      get whole() {
        stab();
        return true;
      },
    }),
  'a getter of prefetch': ({ buffer }, stab) =>
    buffer.prefetch(0, 10, {
      get signal(): AbortSignal {
        stab();
        return new AbortController().signal;
      },
    }),
  'a getter of lines': ({ buffer }, stab) => [
    ...buffer.lines({
      get view() {
        stab();
        return true;
      },
    }),
  ],
  'a step of chunks': ({ buffer }, stab) => {
    for (const chunk of buffer.chunks()) {
      stab();
      chunk.toString('hex');
    }
  },
  'a step of lines': ({ buffer }, stab) => {
    for (const line of buffer.lines({ view: true })) {
      stab();
      line.toString('hex');
    }
  },
  'a visit of forEachLine': ({ buffer }, stab) => buffer.forEachLine(stab),
  'a step of matchAll': ({ buffer }, stab) => {
    for (const match of buffer.matchAll(/[a-f]+/g)) {
      stab();
      assert.ok(match.index >= 0);
    }
  },
  'a step of the bytes': ({ buffer }, stab) => {
    for (const byte of buffer) {
      if (byte === 7) stab();
    }
  },
  'the length of a target': ({ buffer }, stab) => {
    const target = Buffer.alloc(SIZE);
    const get = () => {
      stab();
      return SIZE;
    };
    Object.defineProperty(target, 'length', { get });
    return buffer.copy(target);
  },
};

await hazards(import.meta.url, {
  'every call under every stab ends with a result or an error of a known kind': async () => {
    for (const [where, call] of Object.entries(CALLS)) {
      for (const [what, stab] of Object.entries(STABS)) {
        const here = world();
        let stabbed = 0;
        const stabFewTimes = () => {
          if (stabbed++ < 3) stab(here);
        };
        try {
          await call(here, stabFewTimes);
        } catch (error) {
          const known = error instanceof SmmapError || error instanceof TypeError;
          assert.ok(known || error instanceof RangeError, `${where}, which ${what}: ${error}`);
        }
        assert.ok(stabbed > 0, `${where} ran no user code`);
        here.manager.close();
        assert.equal(mapped(path).lines, 0, `${where}, which ${what}`);
      }
    }
  },

  'objects that turn into numbers are not asked to': () => {
    const { manager, cursor, buffer } = world();
    const evil = {
      valueOf: () => assert.fail('valueOf was called'),
      toString: () => assert.fail('toString was called'),
      [Symbol.toPrimitive]: () => assert.fail('toPrimitive was called'),
    } as unknown as number;
    const refused = { code: 'ERR_INVALID_ARG_TYPE' };
    assert.throws(() => cursor.useRegion(evil), refused);
    assert.throws(() => cursor.useRegion(0, evil), refused);
    assert.throws(() => buffer.slice(evil), refused);
    assert.throws(() => buffer.subarray(0, evil), refused);
    assert.throws(() => buffer.copy(Buffer.alloc(1), evil), refused);
    assert.throws(() => buffer.readUInt8(evil), refused);
    assert.throws(() => buffer.indexOf(evil), refused);
    assert.throws(() => buffer.beginAccess(cursor, evil), refused);
    assert.throws(() => manager.makeCursor(evil), refused);
    assert.throws(() => new SlidingWindowMapManager({ windowSize: evil }), refused);
  },

  'a needle and a target that lie in the map itself': () => {
    const { cursor, buffer } = world();
    const view = cursor.buffer();
    assert.equal(buffer.indexOf(view), 0);
    assert.equal(buffer.lastIndexOf(view.subarray(10, 50)), 10);
    buffer.copy(view, 0, 2 * WINDOW, 3 * WINDOW);
    assert.ok(view.equals(contentBytes(2 * WINDOW, WINDOW)));
  },

  'everything closed twice, in every order': () => {
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 0, 3, 1],
    ];
    for (const order of orders) {
      const { manager, cursor, buffer } = world();
      const clone = cursor.clone();
      const held = [manager, cursor, buffer, clone];
      for (const i of [...order, ...order]) held[i]?.close();
      assert.equal(mapped(path).lines, 0);
      const closed = { code: 'ERR_SMMAP_CLOSED' };
      assert.throws(() => cursor.useRegion(), closed);
      assert.throws(() => clone.useRegion(), closed);
      assert.throws(() => manager.makeCursor(path), closed);
      assert.throws(() => buffer.slice(0, 1).length || buffer.get(0), { code: 'ERR_OUT_OF_RANGE' });
    }
  },
});
