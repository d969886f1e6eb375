import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { resolveSlice } from '#src/slice.js';

const REACH = 12;
const steps = [undefined, ...Array.from({ length: 2 * REACH + 1 }, (_, i) => i - REACH)].filter(
  (step) => step !== 0,
);
const bounds = [undefined, ...Array.from({ length: 2 * REACH + 1 }, (_, i) => i - REACH)];

/**
 * SHA-256, cut to 16 digits, of what Python 3 says of every slice, one digest for
 * each length from 0 on:
 *
 *     for a in bounds: for b in bounds: for c in steps:
 *         start, stop, step = slice(a, b, c).indices(length)
 *         print(start, stop, step, len(range(start, stop, step)))
 */
const PYTHON = [
  '1e177e498496d949',
  'b622f2f9d282bc70',
  'd9a198a513ae34a8',
  '79ffc08f6098ce12',
  'e8cd4cc88218db58',
  '38587135a7bf9333',
  'be6d60cb2b4b85ee',
  'f7ef02cfd7ddaac7',
  'afb22d66bbf94f1f',
  '098ad46f4b995712',
  'f93dfa8fcbc9e0bc',
];

/** The indices of a slice as Python's documentation defines them, tried one by one. */
function indicesOf(length: number, start?: number, end?: number, step = 1): number[] {
  const index = (bound: number) => (bound < 0 ? bound + length : bound);
  const down = step < 0;
  const from = start === undefined ? (down ? length - 1 : 0) : index(start);
  const to = end === undefined ? (down ? -1 : length) : index(end);
  const all = Array.from({ length }, (_, i) => (down ? length - 1 - i : i));
  const reachable = all.filter((i) => (down ? i <= from && i > to : i >= from && i < to));
  return reachable.filter((i) => (i - (reachable[0] as number)) % step === 0);
}

describe('resolveSlice', () => {
  test('says what Python says', () => {
    for (const [length, expected] of PYTHON.entries()) {
      const hash = createHash('sha256');
      for (const a of bounds) {
        for (const b of bounds) {
          for (const c of steps) {
            const { start, stop, step, count } = resolveSlice(length, a, b, c);
            hash.update(`${start} ${stop} ${step} ${count}\n`);
          }
        }
      }
      assert.equal(hash.digest('hex').slice(0, 16), expected, `length ${length}`);
    }
  });

  test('selects what the definition selects', () => {
    for (let length = 0; length <= 8; length++) {
      for (const a of bounds) {
        for (const b of bounds) {
          for (const c of steps) {
            const { start, step, count } = resolveSlice(length, a, b, c);
            const selected = Array.from({ length: count }, (_, i) => start + i * step);
            assert.deepEqual(selected, indicesOf(length, a, b, c), `${length}: ${a} ${b} ${c}`);
          }
        }
      }
    }
  });

  test('counts exactly up to 2^53', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const large = [
      [-most, most, most, 0, most, 1],
      [undefined, undefined, 3, 0, most, 3002399751580331],
      [undefined, undefined, -3, most - 1, -1, 3002399751580331],
      [undefined, undefined, -most, most - 1, -1, 1],
      [undefined, undefined, most - 1, 0, most, 2],
      [1, undefined, 2, 1, most, 4503599627370495],
      [-1, undefined, -7, most - 1, -1, 1286742750677285],
    ] as const;
    for (const [a, b, c, start, stop, count] of large) {
      assert.deepEqual(resolveSlice(most, a, b, c), { start, stop, step: c, count });
    }
  });

  test('takes null, infinite bounds and negative zero', () => {
    const all = { start: 0, stop: 5, step: 1, count: 5 };
    assert.deepEqual(resolveSlice(5, null, null, null), all);
    assert.deepEqual(resolveSlice(5, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY), all);
    assert.deepEqual(resolveSlice(5, -0), all);
    assert.deepEqual(resolveSlice(5, -0, null, -1), { start: 0, stop: -1, step: -1, count: 1 });
    const down = { start: 4, stop: -1, step: -1, count: 5 };
    assert.deepEqual(resolveSlice(5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1), down);
  });

  test('refuses a step of 0, fractions, unsafe numbers and other types', () => {
    const outside = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
    for (const bad of [0.5, Number.NaN, 2 ** 53, -(2 ** 53)]) {
      assert.throws(() => resolveSlice(5, bad), { ...outside, message: /"start"/ });
      assert.throws(() => resolveSlice(5, 0, bad), { ...outside, message: /"end"/ });
    }
    for (const bad of [0, -0, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      assert.throws(() => resolveSlice(5, 0, 5, bad), { ...outside, message: /"step"/ });
    }
    const unfit = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    for (const bad of ['1', 1n, {}, true] as unknown as number[]) {
      assert.throws(() => resolveSlice(5, bad), { ...unfit, message: /"start"/ });
      assert.throws(() => resolveSlice(5, 0, bad), { ...unfit, message: /"end"/ });
      assert.throws(() => resolveSlice(5, 0, 5, bad), { ...unfit, message: /"step"/ });
    }
  });
});
