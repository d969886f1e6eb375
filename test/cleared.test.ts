/** What a cut clears while it is copied: seen by the zeros, and told as a lost page. */

import assert from 'node:assert/strict';
import { constants } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  MapFaultError,
  MemoryMap,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
} from 'smmap';
import { lastCleared } from '#src/cleared.js';
import { native } from '#src/native.js';
import { contentBytes, tempDir, writeIslands } from './support/files.js';

const PAGES = 8;
/** The page that is zeros. */
const CLEARED = 5;
const SIZE = PAGES * PAGE_SIZE;
const dir = tempDir();
const path = join(dir, 'file');
const content = contentBytes(0, SIZE);
content.fill(0, CLEARED * PAGE_SIZE, (CLEARED + 1) * PAGE_SIZE);
writeFileSync(path, content);

/** Reads while the kernel is just cutting the file, as far as its size tells; says how often that was asked. */
function whileCut(size: number, read: () => unknown): number {
  const real = native.size;
  let asked = 0;
  native.size = () => {
    asked++;
    return size;
  };
  try {
    read();
  } finally {
    native.size = real;
  }
  return asked;
}

/** A buffer over the file by windows of three pages, all of them mapped. */
function buffer(): SlidingWindowMapBuffer {
  const manager = new SlidingWindowMapManager({ windowSize: 3 * PAGE_SIZE });
  const bytes = new SlidingWindowMapBuffer(manager.makeCursor(path));
  for (let page = 0; page < PAGES; page++) bytes.at(page * PAGE_SIZE);
  bytes.at(CLEARED * PAGE_SIZE);
  return bytes;
}

/** Bytes of the file before index 0 of some of them: then that is no page's beginning. */
const SKIPPED = PAGE_SIZE + 77;

/** A buffer that begins inside the file's second page. */
function bufferFromWithin(): SlidingWindowMapBuffer {
  const bytes = buffer();
  bytes.beginAccess(undefined, SKIPPED);
  return bytes;
}

/** The cursor's whole window as a map. */
function mapOfWindow(): MemoryMap {
  return new SlidingWindowMapManager().makeCursor(path).useRegion().map();
}

/** What reads the file, and which of its bytes is the first. */
const SOURCES: Readonly<
  Record<string, readonly [() => SlidingWindowMapBuffer | MemoryMap, number]>
> = {
  'a buffer': [buffer, 0],
  'a buffer from within': [bufferFromWithin, SKIPPED],
  'a map': [() => MemoryMap.open(path), 0],
  'a map from within': [() => MemoryMap.open(path, { offset: SKIPPED }), SKIPPED],
  'a private map': [() => MemoryMap.open(path, { access: 'copy' }), 0],
  'the map of a window': [mapOfWindow, 0],
};

const START = CLEARED * PAGE_SIZE;
/** Every call that hands out a copy in which the page is; `at`: where it begins. */
const COPIES: Readonly<
  Record<string, (bytes: SlidingWindowMapBuffer | MemoryMap, at: number) => unknown>
> = {
  'a page': (bytes, at) => bytes.slice(at, at + PAGE_SIZE),
  'a part of it': (bytes, at) => bytes.slice(at + 100, at + 200),
  'a few bytes of it': (bytes, at) => bytes.slice(at + 100, at + 102),
  'its end and more': (bytes, at) => bytes.slice(at + PAGE_SIZE - 1, at + PAGE_SIZE + 300),
  'all, across windows': (bytes) => bytes.slice(),
  'into memory of the caller': (bytes) => bytes.copy(Buffer.alloc(SIZE + 7), 7),
  text: (bytes, at) => bytes.toString('latin1', at - 5, at + 90),
  lines: (bytes) => [...bytes.lines()],
};

for (const [name, [open, first]] of Object.entries(SOURCES)) {
  const at = START - first;
  describe(`${name} on a file that is being cut`, () => {
    for (const [what, copy] of Object.entries(COPIES)) {
      test(`${what}: the zeros are a lost page`, () => {
        const bytes = open();
        assert.throws(() => whileCut(START, () => copy(bytes, at)), MapFaultError);
        assert.throws(() => bytes.slice(0, 1), MapFaultError, 'and it stays so');
      });

      test(`${what}: zeros of a file that still has the page are its bytes`, () => {
        const bytes = open();
        assert.ok(whileCut(START + 1, () => copy(bytes, at)) >= 1);
        assert.deepEqual(bytes.slice(at - 9), content.subarray(START - 9));
      });
    }

    test('bytes that are no zeros are not asked about', () => {
      const bytes = open();
      const asked = whileCut(0, () => {
        for (let from = first; from < START; from += 999) {
          const to = Math.min(from + 5000, START);
          assert.deepEqual(bytes.slice(from - first, to - first), content.subarray(from, to));
        }
      });
      assert.equal(asked, 0);
    });

    test('a file that cannot be asked is taken as it is', () => {
      const bytes = open();
      const real = native.size;
      native.size = () => {
        throw Object.assign(new Error('no answer'), { errno: -5, syscall: 'fstat' });
      };
      try {
        assert.deepEqual(bytes.slice(), content.subarray(first));
      } finally {
        native.size = real;
      }
    });
  });
}

test('memory of no file, and a map that keeps no descriptor, are not asked', () => {
  using none = MemoryMap.anonymous(3 * PAGE_SIZE);
  assert.equal(
    whileCut(0, () => assert.deepEqual(none.slice(), Buffer.alloc(3 * PAGE_SIZE))),
    0,
  );
  using untracked = MemoryMap.open(path, { trackFd: false });
  assert.equal(
    whileCut(0, () => assert.deepEqual(untracked.slice(), content)),
    0,
  );
});

test('a copy across the views of a map that is too large for one knows its pages', {
  skip: constants.MAX_LENGTH > 2 ** 33 && 'one view holds more than can be made here',
}, () => {
  const border = 2 ** 30;
  const large = join(dir, 'large');
  const island = { offset: border - PAGE_SIZE, length: 2 * PAGE_SIZE };
  writeIslands(large, constants.MAX_LENGTH + border, [island]);
  using map = MemoryMap.open(large);
  const [from, to] = [border - 10, border + 2 * PAGE_SIZE - 10];
  const copied = map.slice(from, to);
  assert.deepEqual(copied.subarray(0, PAGE_SIZE + 10), contentBytes(from, PAGE_SIZE + 10));
  assert.throws(() => whileCut(border + PAGE_SIZE, () => map.slice(from, to)), MapFaultError);
});

describe('the last page that may have been cleared', () => {
  const part = fc.record({
    phase: fc.integer({ min: 0, max: PAGE_SIZE - 1 }),
    size: fc.integer({ min: 0, max: 4 * PAGE_SIZE }),
    before: fc.integer({ min: 0, max: 100 }),
    /** Zeros: from where, and how many. */
    zeros: fc.array(fc.tuple(fc.nat(4 * PAGE_SIZE), fc.nat(2 * PAGE_SIZE)), { maxLength: 3 }),
  });

  test('is found whatever was cleared of it, from its beginning or to its end', () => {
    fc.assert(
      fc.property(part, ({ phase, size, before, zeros }) => {
        const bytes = Buffer.alloc(before + size, 1);
        for (const [from, count] of zeros)
          bytes
            .subarray(before + from)
            .subarray(0, count)
            .fill(0);
        let expected = -1;
        for (let at = 0; at < size; at++) {
          if (at > 0 && (at + phase) % PAGE_SIZE !== 0) continue;
          const end = Math.min(at + PAGE_SIZE - ((at + phase) % PAGE_SIZE), size);
          const page = bytes.subarray(before + at, before + end);
          const some = Buffer.alloc(Math.min(64, page.length));
          const isCleared = page.subarray(0, some.length).equals(some);
          if (isCleared || page.subarray(-some.length).equals(some)) expected = before + at;
        }
        assert.equal(lastCleared(bytes, before, before + size, phase), expected);
      }),
      { numRuns: 2000 },
    );
  });
});
