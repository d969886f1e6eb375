/** Faults of smmap's buffer: indices, slices, lengths. */

import assert from 'node:assert/strict';
import { PAGE_SIZE, SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { contentByte, contentBytes } from './support/files.js';
import { type Both, both, newFile, numbersAt, outcome, rows, same } from './support/smmap-rows.js';

const WINDOW = 4 * PAGE_SIZE;
const SIZE = 10 * PAGE_SIZE;

/** The answers of buffers over a file of `size` bytes, through both kinds of managers. */
function buffers<T>(
  size: number,
  answer: (buffer: SlidingWindowMapBuffer) => T,
  offset = 0,
  length = Number.POSITIVE_INFINITY,
): Both<T> {
  const path = newFile(size);
  return both((make) => {
    using manager = make();
    return answer(new SlidingWindowMapBuffer(manager.makeCursor(path), offset, length));
  });
}

/** The code of the error for an index, and whether its message names the index. */
function refusal(buffer: SlidingWindowMapBuffer, index: number): unknown {
  try {
    return buffer.get(index);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return [code, message.replaceAll('_', '').includes(`${index}`)];
  }
}

rows('buffer', {
  'row 2: index 0 of a buffer is the byte at its offset, index -1 its last': {
    right: same([SIZE - 100, contentByte(100), contentByte(SIZE - 1), numbersAt(105, 3)]),
    smmap: same([SIZE - 100, contentByte(0), contentByte(SIZE - 101), numbersAt(5, 3)]),
    ours: () => {
      const ends = (buf: SlidingWindowMapBuffer) => [buf.length, buf.at(0), buf.at(-1)];
      return buffers(SIZE, (buf) => [...ends(buf), [...buf.slice(5, 8)]], 100);
    },
  },

  'row 3: a size that reaches beyond the end of the file is cut there': {
    right: same(2 * PAGE_SIZE - 100),
    smmap: same(2 * PAGE_SIZE),
    ours: () => {
      const size = 2 * PAGE_SIZE;
      const all = contentBytes(100, size - 100);
      const length = (buf: SlidingWindowMapBuffer) => {
        assert.deepEqual(buf.slice(), all);
        return buf.length;
      };
      return buffers(size, length, 100, size);
    },
  },

  'row 4: a slice has a step': {
    right: same([0, 2, 4, 6, 8].map(contentByte)),
    smmap: same(numbersAt(0, 10)),
    ours: () => buffers(PAGE_SIZE, (buf) => [...buf.slice(0, 10, 2)]),
  },

  'row 5: a slice that ends at 0 is empty': {
    right: same([0, 0]),
    smmap: same([PAGE_SIZE, PAGE_SIZE - 5]),
    ours: () => buffers(PAGE_SIZE, (buf) => [buf.slice(0, 0).length, buf.slice(5, 0).length]),
  },

  'row 6: an index past the end is refused as such, and a loop over all bytes ends': {
    right: same(['ERR_OUT_OF_RANGE', numbersAt(0, 10)]),
    smmap: same(['AttributeError', 'AssertionError']),
    ours: () =>
      buffers(10, (buf) => {
        assert.equal(buf.at(10), undefined);
        return [outcome(() => buf.get(10)), [...buf]];
      }),
  },

  'row 7: an index before the beginning is refused by its own number': {
    right: same(['ERR_OUT_OF_RANGE', true]),
    smmap: { sliding: ['IndexError', false], static: ['AssertionError', false] },
    ours: () =>
      buffers(SIZE, (buf) => {
        assert.equal(buf.at(-SIZE), contentByte(0));
        assert.equal(buf.at(-SIZE - 1), undefined);
        return refusal(buf, -SIZE - 1);
      }),
  },

  'row 8: a slice that begins before the beginning is cut there, and ends': {
    right: same(numbersAt(0, 5)),
    smmap: { sliding: 'Endless', static: 'AssertionError' },
    ours: () => buffers(SIZE, (buf) => [...buf.slice(-SIZE - 10, 5)]),
  },

  'row 9: a slice that ends before it begins is empty, also across windows': {
    right: same(0),
    smmap: { sliding: 'Endless', static: 0 },
    ours: () => buffers(SIZE, (buf) => buf.slice(6 * PAGE_SIZE, 5 * PAGE_SIZE).length),
  },

  'row 10: a slice that ends past the end is cut there': {
    right: same(PAGE_SIZE),
    smmap: same('AssertionError'),
    ours: () =>
      buffers(PAGE_SIZE, (buf) => {
        assert.deepEqual(buf.slice(0, PAGE_SIZE + 10), contentBytes(0, PAGE_SIZE));
        return buf.slice(0, PAGE_SIZE + 10).length;
      }),
  },

  'row 11: a slice is a copy of one type, wherever in the windows it lies': {
    right: same(1),
    smmap: same(2),
    ours: () => {
      const ranges = [
        [0, WINDOW - 1],
        [0, WINDOW],
        [1, 6 * PAGE_SIZE],
        [5 * PAGE_SIZE, SIZE],
      ] as const;
      const slices = buffers(SIZE, (buf) => ranges.map(([start, end]) => buf.slice(start, end)));
      const types = (given: Buffer[]) => {
        for (const [k, [start, end]] of ranges.entries()) {
          assert.deepEqual(given[k], contentBytes(start, end - start)); // though the manager is closed
        }
        return new Set(given.map((slice) => slice.constructor)).size;
      };
      return { sliding: types(slices.sliding), static: types(slices.static) };
    },
  },

  'row 32: an empty file is an empty buffer': {
    right: same(0),
    smmap: same('ValueError'),
    ours: () =>
      buffers(0, (buf) => {
        assert.deepEqual([...buf, ...buf.slice(), ...buf.lines()], []);
        assert.equal(buf.at(0), undefined);
        return buf.length;
      }),
  },

  'row 34: a buffer that was not begun has no bytes': {
    right: 0,
    smmap: 'AttributeError',
    ours: () => {
      const buf = new SlidingWindowMapBuffer();
      assert.deepEqual([...buf], []);
      assert.equal(buf.beginAccess(), false);
      return buf.length;
    },
  },

  'row 39: a range across the end of a window can be had in one piece': {
    right: [20, true],
    smmap: [10, false],
    ours: () => {
      using manager = new SlidingWindowMapManager({ windowSize: WINDOW });
      const path = newFile(SIZE);
      using cursor = manager.makeCursor(path).useRegion(0);
      cursor.useRegion(WINDOW - 10, 20, { whole: true });
      assert.equal(cursor.map().at(0), contentByte(cursor.region?.ofsBegin ?? -1));
      const buf = new SlidingWindowMapBuffer(manager.makeCursor(path));
      assert.equal(buf.readBigUInt64LE(WINDOW - 4), contentBytes(WINDOW - 4, 8).readBigUInt64LE());
      return [cursor.size, cursor.buffer().equals(contentBytes(WINDOW - 10, 20))];
    },
  },
});
