/** The addon's searches against Buffer's, around the widths of the processor's vectors. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { native } from '#src/native.js';

/** Bytes of a small alphabet, so that much is nearly found; some begin at an odd address. */
const haystack = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.array(fc.nat(255), { maxLength: 300, size: 'max' }),
    fc.nat(7),
  )
  .map(([letters, bytes, skipped]) =>
    Buffer.from(bytes.map((byte) => byte % letters)).subarray(skipped),
  );
const needle = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.array(fc.nat(255), { minLength: 1, maxLength: 70, size: 'max' }),
  )
  .map(([letters, bytes]) => Buffer.from(bytes.map((byte) => byte % letters)));
/** A needle that is there, cut out of the haystack itself. */
const both = fc.oneof(
  fc.tuple(haystack, needle),
  fc.tuple(haystack, fc.nat(300), fc.integer({ min: 1, max: 70 })).map(([bytes, at, size]) => {
    const begin = Math.min(at, Math.max(bytes.length - 1, 0));
    const cut = bytes.subarray(begin, begin + size);
    return [bytes, cut.length > 0 ? cut : Buffer.of(0)] as [Buffer, Buffer];
  }),
);

describe('the addon', () => {
  test('finds the first occurrence where Buffer finds it', () => {
    fc.assert(
      fc.property(both, fc.nat(300), ([bytes, sub], at) => {
        const from = Math.min(at, bytes.length);
        assert.equal(native.searchFirst(bytes, sub, from), bytes.indexOf(sub, from));
      }),
      { numRuns: 3_000 },
    );
  });

  test('finds the last occurrence where Buffer finds it', () => {
    fc.assert(
      fc.property(both, fc.nat(300), ([bytes, sub], at) => {
        const end = Math.min(at, bytes.length);
        assert.equal(native.searchLast(bytes, sub, end), bytes.subarray(0, end).lastIndexOf(sub));
      }),
      { numRuns: 3_000 },
    );
  });

  test('counts what indexOf finds one after the other', () => {
    const end = new Float64Array(1);
    fc.assert(
      fc.property(both, fc.nat(300), ([bytes, sub], at) => {
        const from = Math.min(at, bytes.length);
        let total = 0;
        let behind = from;
        for (let i = bytes.indexOf(sub, from); i !== -1; i = bytes.indexOf(sub, behind)) {
          total++;
          behind = i + sub.length;
        }
        assert.equal(native.searchCount(bytes, sub, from, end), total);
        assert.equal(end[0], sub.length === 1 ? bytes.length : behind);
      }),
      { numRuns: 3_000 },
    );
  });

  test('counts more of one byte than eight bits hold', () => {
    const bytes = Buffer.alloc(3 * 2 ** 20 + 5, 7);
    const end = new Float64Array(1);
    assert.equal(native.searchCount(bytes, Buffer.of(7), 3, end), bytes.length - 3);
    assert.equal(native.searchCount(bytes, Buffer.of(8), 0, end), 0);
  });

  test('says where a byte stands, as many as there is room for', () => {
    const room = fc.nat(40);
    fc.assert(
      fc.property(
        haystack,
        fc.nat(2),
        fc.nat(300),
        fc.nat(300),
        room,
        (bytes, byte, a, b, most) => {
          const [from, to] = [a, b].map((at) => Math.min(at, bytes.length)).sort((x, y) => x - y);
          const wanted = [...bytes.keys()].filter(
            (i) => i >= (from as number) && i < (to as number) && bytes[i] === byte,
          );
          const into = new Uint32Array(most);
          const found = native.searchPositions(bytes, byte, from as number, to as number, into);
          assert.deepEqual([...into.subarray(0, found)], wanted.slice(0, most));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('finds what is hidden behind much that is nearly right', () => {
    const size = 2 ** 20;
    for (const length of [2, 3, 64, 1_000]) {
      for (const wrong of [0, length >> 2, length >> 1, length - 1]) {
        const sub = Buffer.alloc(length, 'a');
        sub[wrong] = 98;
        const bytes = Buffer.alloc(size, 'a');
        assert.equal(native.searchFirst(bytes, sub, 0), -1);
        assert.equal(native.searchLast(bytes, sub, size), -1);
        for (const at of [5, size - length]) {
          sub.copy(bytes, at);
          assert.equal(native.searchFirst(bytes, sub, 0), at);
          assert.equal(native.searchLast(bytes, sub, size), at);
          bytes.fill('a');
        }
      }
    }
  });

  test('finds it where its first byte is rare, and where that is so no more', () => {
    const places = fc.nat(16_000);
    const end = new Float64Array(1);
    fc.assert(
      fc.property(
        fc.record({
          length: fc.integer({ min: 8_000, max: 16_000 }),
          common: places, // from there on the byte is at each of these steps
          step: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3_000 })),
          size: fc.oneof(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 2, max: 3_000 })),
          at: fc.array(places, { maxLength: 3 }),
          crossing: fc.nat(2_999), // so much of another is inside, the rest behind the end
          from: fc.nat(70),
        }),
        ({ length, common, step, size, at, crossing, from }) => {
          const all = Buffer.alloc(length + size, 'a');
          const bytes = all.subarray(0, length);
          for (let i = common; i < length; i += step) bytes[i] = 98;
          const sub = Buffer.from(`b${'a'.repeat(size - 2)}c`);
          for (const place of at) sub.copy(bytes, Math.min(place, length - size));
          sub.copy(all, length - (crossing % size));
          const found = bytes.indexOf(sub, from);
          assert.equal(native.searchFirst(bytes, sub, from), found);
          assert.equal(native.searchLast(bytes, sub, length), bytes.lastIndexOf(sub));
          let total = 0;
          for (let i = found; i !== -1; i = bytes.indexOf(sub, i + size)) total++;
          assert.equal(native.searchCount(bytes, sub, from, end), total);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('finds it at each place, whenever its first byte becomes a common one', () => {
    const sub = Buffer.from('bac');
    const empty = Buffer.alloc(8_800, 'a');
    for (const common of [0, 1_000, 5_000, empty.length]) {
      const bytes = Buffer.from(empty).fill('b', common);
      for (let at = 0; at <= bytes.length - sub.length; at++) {
        sub.copy(bytes, at);
        assert.equal(native.searchFirst(bytes, sub, 0), at);
        empty.copy(bytes, at, at, at + sub.length);
        if (at + sub.length > common) bytes.fill('b', Math.max(at, common), at + sub.length);
      }
    }
  });

  test('finds it where what is rare changes on the way', () => {
    const part = 2 ** 19;
    const bytes = Buffer.concat(['a', 'b', 'ab', 'c', 'a'].map((fill) => Buffer.alloc(part, fill)));
    const sub = Buffer.from('aaaabaaacaaaaaaa');
    assert.equal(native.searchFirst(bytes, sub, 0), -1);
    assert.equal(native.searchLast(bytes, sub, bytes.length), -1);
    for (const at of [part - 8, 2 * part + 1, 5 * part - sub.length]) {
      const found = Buffer.from(bytes);
      sub.copy(found, at);
      assert.equal(native.searchFirst(found, sub, 0), at);
      assert.equal(native.searchLast(found, sub, found.length), at);
    }
  });
});
