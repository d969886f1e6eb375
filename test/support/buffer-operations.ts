/** Operations on a buffer, each compared with the same on plain bytes. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Check, operation } from './buffer-operation.js';
import { READERS, readWith } from './buffer-readers.js';
import { occurrences, outcome, pythonSlice } from './buffer-reads.js';
import {
  boundOf,
  bounds,
  indexOf,
  inside,
  insideOrNone,
  needleOf,
  needles,
  spots,
} from './buffer-spots.js';

const steps = fc
  .oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -9000, max: 9000 }))
  .map((step) => step || -1);

/**
 * A copy, which begins at an even address: from an odd one, `toString('utf16le')` of Node 24
 * writes a byte past its own memory when the number of bytes is odd.
 */
function aligned(bytes: Buffer): Buffer {
  return Buffer.from(bytes);
}

const encodings = fc.constantFrom<BufferEncoding>(
  'utf8',
  'latin1',
  'hex',
  'base64',
  'base64url',
  'ascii',
  'utf16le',
);

const reads: Check[] = [
  operation('at', spots, (spot, subject) => {
    const index = indexOf(spot, subject);
    assert.equal(subject.buf.at(index), subject.bytes.at(index));
  }),
  operation('get', spots, (spot, subject) => {
    const index = indexOf(spot, subject);
    const byte = index < 0 ? undefined : subject.bytes[index];
    const get = () => subject.buf.get(index);
    if (byte === undefined) assert.throws(get, { code: 'ERR_OUT_OF_RANGE' });
    else assert.equal(get(), byte);
  }),
  operation(
    'read',
    fc.tuple(fc.constantFrom(...READERS), spots, fc.integer({ min: 1, max: 6 })),
    ([reader, spot, byteLength], { buf, bytes, offset }) => {
      const index = indexOf(spot, { bytes, offset });
      assert.deepEqual(
        outcome(() => readWith(buf, reader, index, byteLength)),
        outcome(() => readWith(bytes, reader, index, byteLength)),
      );
    },
  ),
];

const ranges: Check[] = [
  operation('slice', fc.tuple(bounds, bounds), ([first, last], subject) => {
    const [start, end] = [boundOf(first, subject), boundOf(last, subject)];
    same(subject.buf.slice(start, end), subject.bytes.subarray(start, end));
  }),
  operation('slice by steps', fc.tuple(bounds, bounds, steps), ([first, last, step], subject) => {
    const [start, end] = [boundOf(first, subject), boundOf(last, subject)];
    same(subject.buf.slice(start, end, step), pythonSlice(subject.bytes, start, end, step));
  }),
  operation('subarray', fc.tuple(bounds, bounds), ([first, last], subject) => {
    const [start, end] = [boundOf(first, subject), boundOf(last, subject)];
    same(subject.buf.subarray(start, end), subject.bytes.subarray(start, end));
  }),
  operation(
    'copy',
    fc.tuple(fc.nat(20_000), fc.nat(300), spots, bounds),
    ([room, targetStart, first, last], subject) => {
      const [start, end] = [inside(first, subject), insideOrNone(last, subject)];
      const [target, expected] = [Buffer.alloc(room, 1), Buffer.alloc(room, 1)];
      assert.equal(
        subject.buf.copy(target, targetStart, start, end),
        subject.bytes.copy(expected, targetStart, start, end),
      );
      same(target, expected);
    },
  ),
  operation('toString', fc.tuple(encodings, bounds, bounds), ([encoding, first, last], subject) => {
    const [start, end] = [insideOrNone(first, subject), insideOrNone(last, subject)];
    const text = subject.buf.toString(encoding, start, end);
    assert.ok(text === aligned(subject.bytes.subarray(start, end)).toString(encoding));
  }),
  operation('readAsync', fc.tuple(spots, fc.nat(20_000)), async ([spot, most], subject) => {
    const start = inside(spot, subject);
    const length = Math.min(most, subject.bytes.length - start);
    const { bytes } = subject;
    same(await subject.buf.readAsync(start, length), bytes.subarray(start, start + length));
  }),
  operation('prefetch', fc.tuple(spots, bounds), async ([first, last], subject) => {
    const start = inside(first, subject);
    const { buf } = subject;
    await buf.prefetch(start, insideOrNone(last, subject));
    assert.equal(subject.cursor.faulted, false);
  }),
];

const searches: Check[] = [
  ...(['indexOf', 'lastIndexOf', 'includes'] as const).map((name) =>
    operation(name, fc.tuple(needles, bounds), ([plan, spot], subject) => {
      const { value, encoding } = needleOf(plan, subject);
      const from = boundOf(spot, subject);
      // Buffer's own types know no string | number | Uint8Array, its code does.
      const expected = subject.bytes[name](value as string, from, encoding);
      assert.equal(subject.buf[name](value, from, encoding), expected);
    }),
  ),
  operation('count', needles, (plan, { buf, bytes, offset }) => {
    const needle = needleOf(plan, { bytes, offset });
    const value = typeof needle.value === 'number' ? needle.value : needle.bytes;
    if (needle.bytes.length === 0) assert.throws(() => buf.count(value), TypeError);
    else assert.equal(buf.count(value), occurrences(bytes, needle.bytes));
  }),
];

function same(actual: Buffer, expected: Buffer): void {
  assert.equal(actual.length, expected.length);
  assert.ok(actual.equals(expected), 'the bytes differ');
}

/** Every operation that reads without leaving anything behind. */
export const readings: readonly Check[] = [...reads, ...ranges, ...searches];
