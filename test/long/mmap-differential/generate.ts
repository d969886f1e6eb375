/** Random scripts. */

import fc from 'fast-check';
import { PAGE_SIZE } from 'smmap';
import {
  assigned,
  bytes,
  counts,
  edges,
  few,
  indices,
  needles,
  newLengths,
  places,
  slices,
  values,
  weighted,
  wholePages,
  words,
} from './arguments.js';
import { destructive, harmless } from './constants.js';
import { makings } from './makings.js';
import {
  type Argument,
  type Call,
  FILES,
  type Meddling,
  type Script,
  SLOTS,
  type Step,
} from './script.js';
import type { Python } from './theirs.js';

/** Steps in a script after those that make its first maps. */
const STEPS = 60;
/** Bytes in a file at the beginning. */
const SIZES = [
  0,
  1,
  40,
  100,
  PAGE_SIZE - 1,
  PAGE_SIZE,
  PAGE_SIZE + 1,
  2 * PAGE_SIZE + 7,
  4 * PAGE_SIZE,
];
const sizes = fc.oneof(fc.constantFrom(...SIZES), fc.constantFrom(...SIZES), edges);

type Lists = fc.Arbitrary<Argument[]>;

const nothing: Lists = fc.tuple();
const searches: Lists = fc.oneof(
  fc.tuple(needles),
  fc.tuple(needles, indices),
  fc.tuple(needles, indices, indices),
);
const whences = weighted<Argument>([9, fc.constantFrom(0, 1, 2)], [1, fc.constantFrom(3, -1)]);
const flushed: Lists = weighted<Argument[]>(
  [4, nothing],
  [1, fc.tuple(wholePages)],
  [3, fc.tuple(wholePages, places)],
  [1, fc.tuple(places)],
  [2, fc.tuple(few, few)],
);
const harmlessAdvice: fc.Arbitrary<Argument> = fc.record({
  advice: fc.constantFrom(...harmless),
  asNumber: fc.boolean(),
});
const destructiveAdvice: fc.Arbitrary<Argument> = fc.record({
  advice: fc.constantFrom(...destructive),
  asNumber: fc.boolean(),
});
const advised: Lists = weighted<Argument[]>(
  [4, fc.tuple(harmlessAdvice)],
  [4, fc.tuple(harmlessAdvice, wholePages, places)],
  [2, fc.tuple(harmlessAdvice, places)],
  [6, fc.tuple(destructiveAdvice)],
  [6, fc.tuple(destructiveAdvice, wholePages, wholePages)],
  [8, fc.tuple(destructiveAdvice, wholePages, few)],
  [2, fc.tuple(destructiveAdvice, places, places)],
  [1.2, fc.tuple(fc.constant<Argument>(9999))],
);

/** Each call: of all steps, how many, and its arguments. */
const CALLS: Readonly<Record<string, [weight: number, Lists]>> = {
  at: [4, fc.tuple(weighted<Argument>([20, indices], [1, fc.constantFrom(1.5, { text: '1' })]))],
  get: [3, fc.tuple(places)],
  set: [6, fc.tuple(places, values)],
  slice: [8, slices],
  setSlice: [9, fc.tuple(assigned, slices).map(([data, bounds]) => [data, ...bounds])],
  find: [8, searches],
  rfind: [8, searches],
  read: [6, fc.oneof(nothing, fc.tuple(counts), fc.tuple(counts))],
  readByte: [3, nothing],
  readline: [4, nothing],
  write: [7, fc.tuple(bytes)],
  writeByte: [4, fc.tuple(values)],
  seek: [4, fc.oneof(fc.tuple(places), fc.tuple(places), fc.tuple(indices, whences))],
  seekable: [0.5, nothing],
  tell: [1, nothing],
  size: [3, nothing],
  resize: [9, fc.tuple(newLengths)],
  move: [5, fc.tuple(places, places, weighted<Argument>([3, fc.nat({ max: 20 })], [1, places]))],
  flush: [4, flushed],
  madvise: [6, advised],
  close: [1.6, nothing],
  closed: [0.5, nothing],
  length: [3, nothing],
  iterate: [0.5, nothing],
  inspect: [3, nothing],
};

const slots = fc.nat({ max: SLOTS - 1 });
const calls: fc.Arbitrary<Step> = weighted<Step>(
  ...Object.entries(CALLS).map(([name, [weight, args]]): [number, fc.Arbitrary<Call>] => [
    weight,
    fc.record({ do: fc.constant(name), map: slots, args }),
  ]),
);
const files = fc.nat({ max: FILES - 1 });
const meddling = weighted<Meddling>(
  [
    3,
    fc.record({
      do: fc.constant<'poke'>('poke'),
      file: files,
      offset: fc.oneof(few, edges),
      bytes: words,
    }),
  ],
  [1, fc.record({ do: fc.constant<'cut'>('cut'), file: files, size: fc.oneof(few, edges, edges) })],
);

/** Calls that say something only one after the other. */
const together: fc.Arbitrary<Step[]> = fc
  .tuple(slots, fc.integer({ min: 1, max: 60 }), fc.nat({ max: 4 }))
  .map(([map, size, kind]): Step[] => {
    if (kind > 0) {
      const part = [{ advice: 'dontdump', asNumber: true }, 0, PAGE_SIZE];
      const grow = { do: 'resize', map, args: [{ end: PAGE_SIZE }] };
      return [{ do: 'madvise', map, args: part }, grow];
    }
    const flags = 'MAP_PRIVATE';
    const source = 'anonymous';
    return [
      { do: 'map', map, source, mode: 'r+', named: false, flags, length: 2 * size },
      { do: 'setSlice', map, args: [{ fit: '@' }] },
      { do: 'resize', map, args: [size] },
      { do: 'resize', map, args: [2 * size + 1] },
    ];
  });

/** Scripts for a Python. */
export function scripts({ trackFd, seekable }: Python): fc.Arbitrary<Script> {
  const making = makings(trackFd);
  const first = fc
    .tuple(...Array.from({ length: SLOTS }, () => making))
    .map((made) => made.map((step, map) => ({ ...step, map })));
  const asked = seekable ? calls : calls.filter((step) => step.do !== 'seekable');
  const step = weighted<Step>([90, asked], [4, making], [5, meddling as fc.Arbitrary<Step>]);
  const some = weighted<Step[]>([99, fc.tuple(step)], [1, together]);
  const rest = fc.array(some, { maxLength: STEPS, size: 'max' });
  return fc
    .record({ files: fc.array(sizes, { minLength: FILES, maxLength: FILES }), first, rest })
    .map(({ files, first, rest }) => ({ files, steps: [...first, ...rest.flat()] }));
}
