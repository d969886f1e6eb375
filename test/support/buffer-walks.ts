/** Operations that leave something behind: iterations under way, buffers and cursors moved. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { WindowCursor } from 'smmap';
import { type Check, operation } from './buffer-operation.js';
import { lineBounds } from './buffer-reads.js';
import { inside, spots } from './buffer-spots.js';
import type { Subject } from './buffer-world.js';

/** Patterns whose matches are short, some of which look beyond the match. */
const PATTERNS = [/\n/g, /[ab]{2,5}/g, /(a)\n?b/dg, /^.{0,4}$/gm, /(?<=a)b|\0(?!b)/g, /./gsy];
const MATCHES = { maxMatchLength: 16 };

type Walk = (subject: Subject) => { real: Iterable<unknown>; expected: Iterable<unknown> };

const linesOf = (bytes: Buffer) =>
  lineBounds(bytes).map(([start, end]) => bytes.subarray(start, end));

/** Iterations over a buffer, beside what its bytes have. */
const WALKS: Readonly<Record<string, Walk>> = {
  bytes: ({ buf, bytes }) => ({ real: buf, expected: bytes }),
  lines: ({ buf, bytes }) => ({ real: buf.lines(), expected: linesOf(bytes) }),
  'lines as views': ({ buf, bytes }) => ({
    real: buf.lines({ view: true }),
    expected: linesOf(bytes),
  }),
  'lines as text': ({ buf, bytes }) => ({
    real: buf.lines({ encoding: 'utf8' }),
    expected: linesOf(bytes).map((line) => line.toString('utf8')),
  }),
  chunks: ({ buf, bytes }) => ({ real: unitsOf(buf.chunks()), expected: bytes }),
  ...Object.fromEntries(
    PATTERNS.map((pattern): [string, Walk] => [
      `matches of ${pattern}`,
      ({ buf, bytes }) => ({
        real: told(buf.matchAll(pattern, MATCHES)),
        expected: told(bytes.toString('latin1').matchAll(pattern)),
      }),
    ]),
  ),
};

/** The bytes of chunks; a chunk is looked at only before the next step. */
function* unitsOf(chunks: Iterable<Buffer>): Generator<number> {
  for (const chunk of chunks) yield* Buffer.from(chunk);
}

/** What there is to say of matches. */
function* told(matches: Iterable<RegExpExecArray>): Generator<unknown> {
  for (const match of matches) yield [match.index, ...match, ...(match.indices ?? [])];
}

/** Compares two steps of iterations. Most are numbers or bytes, and many: those the fast way. */
function sameStep(real: IteratorResult<unknown>, expected: IteratorResult<unknown>): void {
  assert.ok(real.done === expected.done);
  const [got, wanted] = [real.value, expected.value];
  if (got === wanted) return;
  if (got instanceof Uint8Array && wanted instanceof Uint8Array) {
    assert.ok(Buffer.compare(got, wanted) === 0, 'the bytes of a step differ');
  } else {
    assert.deepEqual(got, wanted);
  }
}

const steps = fc.oneof(fc.nat(600), fc.nat(60_000));

const walks: Check[] = [
  operation('start a walk', fc.constantFrom(...Object.keys(WALKS)), (name, subject) => {
    const { real, expected } = (WALKS[name] as Walk)(subject);
    subject.walk = { real: real[Symbol.iterator](), expected: expected[Symbol.iterator]() };
  }),
  operation('walk on', steps, (most, subject) => {
    for (let left = most; left > 0 && subject.walk !== undefined; left--) {
      const expected = subject.walk.expected.next();
      sameStep(subject.walk.real.next(), expected);
      if (expected.done === true) subject.walk = undefined;
    }
  }),
  operation('forEachLine', steps, (most, { buf, bytes }) => {
    const seen: [number, number][] = [];
    buf.forEachLine((start, end) => seen.push([start, end]) <= most);
    assert.deepEqual(seen, lineBounds(bytes).slice(0, most + 1));
  }),
];

const moves: Check[] = [
  operation('endAccess', fc.constant('now'), (_, subject) => {
    subject.buf.endAccess();
    assert.equal(subject.cursor.isValid, false);
    stand(subject, Buffer.alloc(0), 0);
  }),
  operation('beginAccess', fc.constant('again'), (_, subject, { data }) => {
    assert.equal(subject.buf.beginAccess(), true);
    stand(subject, data, 0);
  }),
  operation(
    'beginAccess at',
    fc.tuple(spots, fc.option(spots)),
    ([first, last], subject, world) => {
      const { data } = world;
      const offset = inside(first, { bytes: data, offset: 0 });
      const size = last === null ? Infinity : inside(last, { bytes: data, offset: 0 });
      if (subject.buf.beginAccess(subject.cursor, offset, size)) {
        stand(subject, data.subarray(offset, offset + size), offset);
        return;
      }
      assert.ok(offset === data.length && data.length > 0, 'an offset inside was refused');
      subject.buf.endAccess();
      stand(subject, Buffer.alloc(0), 0);
    },
  ),
];

/** Notes what a buffer stands for from now on. */
function stand(subject: Subject, bytes: Buffer, offset: number): void {
  subject.bytes = bytes;
  subject.offset = offset;
  subject.walk = undefined;
  assert.equal(subject.buf.length, bytes.length);
}

const others: Check[] = [
  operation(
    'move another cursor',
    fc.tuple(spots, fc.nat(30_000), fc.boolean()),
    ([spot, size, whole], _, { loose, data, largestRegion }) => {
      assertRight(loose, data);
      const offset = inside(spot, { bytes: data, offset: 0 });
      loose.useRegion(offset, size, { whole });
      assert.equal(loose.isValid, offset < data.length);
      assertRight(loose, data);
      const promised = Math.min(size || data.length, largestRegion, data.length - offset);
      if (whole) assert.equal(loose.size, promised);
    },
  ),
  operation('collect', fc.constant('now'), (_, __, world) => world.collect()),
  operation('check the limits', fc.constant('now'), (_, __, world) => world.checkLimits()),
];

/** A cursor that stays where it is keeps its bytes, whatever the others do. */
function assertRight(cursor: WindowCursor, data: Buffer): void {
  if (!cursor.isValid) return;
  assert.ok(cursor.buffer().equals(data.subarray(cursor.ofsBegin, cursor.ofsEnd)));
}

/** Every operation after which a buffer, an iteration or a manager is not as before. */
export const doings: readonly Check[] = [...walks, ...moves, ...others];
