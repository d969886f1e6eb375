/** Random arguments: mostly such as make sense, and often where something begins or ends. */

import fc from 'fast-check';
import { PAGE_SIZE } from 'smmap';
import type { Argument } from './script.js';

type Arguments = fc.Arbitrary<Argument>;

/** Chooses by weight, of which tenths count. */
export function weighted<T>(...choices: [weight: number, arbitrary: fc.Arbitrary<T>][]) {
  return fc.oneof(
    ...choices.map(([weight, arbitrary]) => ({ weight: Math.round(10 * weight), arbitrary })),
  );
}

/** Bytes near the edge of one of the first pages. */
export const edges: fc.Arbitrary<number> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: -2, max: 2 }))
  .map(([page, beside]) => page * PAGE_SIZE + beside);
export const wholePages: fc.Arbitrary<number> = fc
  .integer({ min: 0, max: 4 })
  .map((pages) => pages * PAGE_SIZE);
export const few: fc.Arbitrary<number> = fc.integer({ min: 0, max: 60 });
const many = fc.integer({ min: 0, max: 5 * PAGE_SIZE });
const negative = fc.integer({ min: -60, max: -1 });
const fromTheEnd: Arguments = fc.integer({ min: -60, max: 3 }).map((end) => ({ end }));

/** What is no whole number, or none that every language can hold. */
const strange = weighted<Argument>(
  [3, fc.constant({ text: '1' })],
  [2, fc.constant(1.5)],
  [2, fc.constantFrom(2 ** 60, -(2 ** 60))],
  [1, fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER)],
);

/** Places in a map. */
export const places: Arguments = weighted<Argument>(
  [50, few],
  [25, fromTheEnd],
  [10, edges],
  [5, many],
  [3, negative],
  [2, strange],
);
/** Places in a map and places counted from its end. */
export const indices: Arguments = weighted<Argument>([6, places], [1, negative]);

/** Bounds and steps of a slice, all or the first of them. */
const bounds: Arguments = weighted<Argument>([5, indices], [1, fc.constant(null)]);
const steps: Arguments = weighted<Argument>(
  [6, fc.constantFrom(1, -1, null)],
  [6, fc.constantFrom(2, 3, -2, -7, PAGE_SIZE)],
  [1, fc.constant(0)],
  [1, strange],
);
export const slices: fc.Arbitrary<Argument[]> = fc.oneof(
  fc.tuple(),
  fc.tuple(bounds),
  fc.tuple(bounds, bounds),
  fc.tuple(bounds, bounds, steps),
);

const letters = fc.constantFrom(...'0123456789@\n\0a\xff');
/** Letters that the files have, and a few others. */
export const words: fc.Arbitrary<string> = fc.string({ unit: letters, maxLength: 12, size: 'max' });
const longer = fc
  .tuple(
    fc.string({ unit: letters, minLength: 1, maxLength: 12 }),
    fc.integer({ min: 9, max: 900 }),
  )
  .map(([text, times]) => text.repeat(times));

/** Bytes to write, and sometimes what is none. */
export const bytes: Arguments = weighted<Argument>(
  [30, words.map((word) => ({ bytes: word }))],
  [2, longer.map((text) => ({ bytes: text }))],
  [1, words.map((text) => ({ text }))],
  [1, few],
);
/** Bytes to assign to a slice: mostly as many as it has. */
export const assigned: Arguments = weighted<Argument>(
  [4, words.filter((word) => word !== '').map((fit) => ({ fit }))],
  [1, bytes],
);
/** What to look for: often there, and short. */
export const needles: Arguments = weighted<Argument>(
  [10, fc.string({ unit: letters, maxLength: 3, size: 'max' }).map((word) => ({ bytes: word }))],
  [6, fc.integer({ min: 0, max: 3000 }).map((at) => ({ bytes: `@${at}\n` }))],
  [1.5, words.map((text) => ({ text }))],
  [0.4, fc.integer({ min: -1, max: 256 })],
);
/** Values of a byte, and sometimes of none. */
export const values: Arguments = weighted<Argument>(
  [20, fc.integer({ min: 0, max: 255 })],
  [2, fc.constantFrom(-1, 256)],
  [1, strange],
);
/** How many bytes to read. */
export const counts: Arguments = weighted<Argument>(
  [12, few],
  [2, edges],
  [2, fc.constantFrom(null, -1, -7)],
  [1, strange],
);
/** Lengths that a map is to have. */
export const newLengths: Arguments = weighted<Argument>(
  [6, fc.integer({ min: 1, max: 60 })],
  [9, fc.integer({ min: -60, max: 60 }).map((end) => ({ end }))],
  [5, edges],
  [1.5, fc.constantFrom(0, 0, -1)],
  [1, fc.constantFrom<Argument>({ text: '1' }, 1.5)],
);
