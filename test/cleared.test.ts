/** What a cut clears while it is copied: seen by the zeros, and told as a lost page. */

import assert from 'node:assert/strict';
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
import { contentBytes, tempDir } from './support/files.js';

const PAGES = 8;
/** The page that is zeros. */
const CLEARED = 5;
const SIZE = PAGES * PAGE_SIZE;
const path = join(tempDir(), 'file');
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

const SOURCES = { 'a buffer': buffer, 'a map': () => MemoryMap.open(path) } as const;
const START = CLEARED * PAGE_SIZE;
/** Every call that hands out a copy in which the page is. */
const COPIES: Readonly<Record<string, (bytes: SlidingWindowMapBuffer | MemoryMap) => unknown>> = {
  'a page': (bytes) => bytes.slice(START, START + PAGE_SIZE),
  'a part of it': (bytes) => bytes.slice(START + 100, START + 200),
  'a few bytes of it': (bytes) => bytes.slice(START + 100, START + 102),
  'its end and more': (bytes) => bytes.slice(START + PAGE_SIZE - 1, START + PAGE_SIZE + 300),
  'all, across windows': (bytes) => bytes.slice(),
  'into memory of the caller': (bytes) => bytes.copy(Buffer.alloc(SIZE + 7), 7),
  text: (bytes) => bytes.toString('latin1', START - 5, START + 90),
};

for (const [name, open] of Object.entries(SOURCES)) {
  describe(`${name} on a file that is being cut`, () => {
    for (const [what, copy] of Object.entries(COPIES)) {
      test(`${what}: the zeros are a lost page`, () => {
        const bytes = open();
        assert.throws(() => whileCut(START, () => copy(bytes)), MapFaultError);
        assert.throws(() => bytes.slice(0, 1), MapFaultError, 'and it stays so');
      });

      test(`${what}: zeros of a file that still has the page are its bytes`, () => {
        const bytes = open();
        assert.equal(
          whileCut(START + 1, () => copy(bytes)),
          1,
        );
        assert.deepEqual(bytes.slice(START - 9, SIZE), content.subarray(START - 9));
      });
    }

    test('bytes that are no zeros are not asked about', () => {
      const bytes = open();
      const asked = whileCut(0, () => {
        for (let at = 0; at < START; at += 999) {
          const end = Math.min(at + 5000, START);
          assert.deepEqual(bytes.slice(at, end), content.subarray(at, end));
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
        assert.deepEqual(bytes.slice(), content);
      } finally {
        native.size = real;
      }
    });
  });
}

test('memory of no file is never lost', () => {
  using none = MemoryMap.anonymous(3 * PAGE_SIZE);
  assert.deepEqual(none.slice(), Buffer.alloc(3 * PAGE_SIZE));
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
