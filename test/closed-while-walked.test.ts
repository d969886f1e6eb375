/** Whoever walks through bytes is told that they were closed: it is no end. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  MapClosedError,
  MemoryMap,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
} from 'smmap';
import { tempDir } from './support/files.js';

const path = join(tempDir(), 'lines.txt');
const LINES = 80_000;
writeFileSync(path, Array.from({ length: LINES }, (_, i) => `line ${i} of them\n`).join(''));

type Bytes = MemoryMap | SlidingWindowMapBuffer;

/** Bytes, and what closes them. */
const SOURCES: Readonly<Record<string, () => [Bytes, () => void]>> = {
  'a map': () => {
    const map = MemoryMap.open(path);
    return [map, () => map.close()];
  },
  'a region’s map, by its manager': () => {
    const manager = new StaticWindowMapManager();
    return [manager.makeCursor(path).useRegion().map(), () => manager.close()];
  },
  'a buffer, by its manager': () => {
    const manager = new SlidingWindowMapManager({ windowSize: 2 ** 16 });
    return [new SlidingWindowMapBuffer(manager.makeCursor(path)), () => manager.close()];
  },
};

/** Ways through bytes, a step at a time. */
const WALKS: Readonly<Record<string, (bytes: Bytes) => IterableIterator<unknown>>> = {
  lines: (bytes) => bytes.lines(),
  'lines, as views': (bytes) => bytes.lines({ view: true }),
  'lines, as text': (bytes) => bytes.lines({ encoding: 'utf8' }),
  bytes: (bytes) => bytes[Symbol.iterator](),
  matches: (bytes) => bytes.matchAll(/of/g),
  chunks: (bytes) => bytes.chunks(),
};

for (const [name, open] of Object.entries(SOURCES)) {
  describe(`closed while it is walked: ${name}`, () => {
    for (const [what, walk] of Object.entries(WALKS)) {
      for (const before of [0, 1]) {
        test(`${what}, after ${before} steps`, () => {
          const [bytes, close] = open();
          const all = [...walk(bytes)].length;
          const steps = walk(bytes);
          let seen = 0;
          for (; seen < before; seen++) assert.equal(steps.next().done, false);
          close();
          const rest = () => {
            while (steps.next().done !== true) seen++;
          };
          assert.throws(rest, MapClosedError);
          assert.ok(seen < all || (what === 'chunks' && all === 1));
          assert.deepEqual(steps.next(), { done: true, value: undefined });
        });
      }
    }

    test('forEachLine', () => {
      const [bytes, close] = open();
      let seen = 0;
      const visit = () => {
        if (++seen === 3) close();
      };
      assert.throws(() => bytes.forEachLine(visit), MapClosedError);
      assert.ok(seen < LINES);
    });

    test('not where all was seen before', () => {
      for (const what of ['lines', 'lines, as views', 'bytes']) {
        const walk = WALKS[what] as (bytes: Bytes) => IterableIterator<unknown>;
        const [bytes, close] = open();
        const all = [...walk(bytes)].length;
        let seen = 0;
        for (const _ of walk(bytes)) if (++seen === all) close();
        assert.equal(seen, all);
      }
      const [bytes, close] = open();
      let seen = 0;
      bytes.forEachLine(() => {
        if (++seen === LINES) close();
      });
      assert.equal(seen, LINES);
    });

    test('not where the walk ends by itself', () => {
      const [bytes, close] = open();
      const steps = bytes.lines();
      assert.equal([...steps].length, LINES);
      close();
      assert.equal(steps.next().done, true);
    });
  });
}

test('a buffer whose access ends is one without bytes', () => {
  using manager = new SlidingWindowMapManager();
  for (const walk of Object.values(WALKS)) {
    const bytes = new SlidingWindowMapBuffer(manager.makeCursor(path));
    const steps = walk(bytes);
    steps.next();
    bytes.endAccess();
    let more = 0;
    while (steps.next().done !== true) more++;
    assert.equal(more, 0);
  }
});
