/** What the arguments of steps are drawn from. */

import fc from 'fast-check';
import { PAGE_SIZE } from 'smmap';
import { CAPACITY, VERSIONS } from './disk.js';
import { SLOTS } from './world.js';

export const cursors = fc.nat(SLOTS.cursors - 1);
export const managers = fc.nat(1);
export const names = fc.nat(SLOTS.names - 1);
export const descriptors = fc.nat(SLOTS.descriptors - 1);
export const views = fc.nat(SLOTS.views - 1);
export const versions = fc.nat(VERSIONS - 1);
/** One of the files there ever were, counted round. */
export const files = fc.nat(11);
export const bytes = fc.nat(255);

/** Places in a file, or beyond it: borders of pages and windows above all. */
export const offsets: fc.Arbitrary<number> = fc.oneof(
  { weight: 2, arbitrary: fc.nat(CAPACITY - 1) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat(CAPACITY / PAGE_SIZE - 1), fc.integer({ min: -2, max: 2 }))
      .map(([pages, past]) => Math.max(0, pages * PAGE_SIZE + past)),
  },
  { weight: 1, arbitrary: fc.constant(0) },
);

/** As {@link offsets}, and often one of a few: regions that are entered again and again. */
export const places: fc.Arbitrary<number> = fc.oneof(
  { weight: 2, arbitrary: offsets },
  { weight: 1, arbitrary: fc.nat(9).map((page) => page * PAGE_SIZE) },
);

/** Sizes of files: mostly of many pages. */
export const fileSizes: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: CAPACITY / 2, max: CAPACITY }) },
  {
    weight: 2,
    arbitrary: fc
      .integer({ min: CAPACITY / 2 / PAGE_SIZE, max: CAPACITY / PAGE_SIZE })
      .map((pages) => pages * PAGE_SIZE),
  },
  { weight: 2, arbitrary: offsets },
);

/** Sizes that a cursor is asked for; 0 is all there is. */
export const sizes: fc.Arbitrary<number> = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 100 }),
  offsets,
);

/** Bounds as slices have them: negative, outside, left out. */
export const bounds: fc.Arbitrary<number | undefined> = fc.oneof(
  offsets,
  offsets.map((offset) => -offset),
  fc.constant(undefined),
);
