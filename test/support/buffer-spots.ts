/** Places in a buffer and things to look for: what the arguments of operations are made of. */

import fc from 'fast-check';
import { PAGE_SIZE } from 'smmap';
import type { Subject } from './buffer-world.js';

/** A place worth a try, told apart from the length and the offset of the buffer. */
export interface Spot {
  from: 'begin' | 'end' | 'file';
  plus: number;
  /** Counted from the end, as negative indices are. */
  negative: boolean;
}

/** Any place: near the ends, near the borders of windows, inside, outside. */
export const spots: fc.Arbitrary<Spot> = fc.record({
  from: fc.constantFrom('begin', 'end', 'file'),
  plus: fc.oneof(
    fc.integer({ min: -12, max: 12 }),
    fc
      .tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -9, max: 9 }))
      .map(([pages, past]) => pages * PAGE_SIZE + past),
    fc.integer({ min: -90_000, max: 90_000 }),
  ),
  negative: fc.boolean(),
});

/** A place, or none given. */
export const bounds: fc.Arbitrary<Spot | undefined> = fc.option(spots, { nil: undefined, freq: 6 });

type Placed = Pick<Subject, 'bytes' | 'offset'>;

/** The index that a spot means: any whole number, inside the buffer or not. */
export function indexOf(spot: Spot, { bytes, offset }: Placed): number {
  const base = { begin: 0, end: bytes.length, file: -offset }[spot.from];
  return base + spot.plus - (spot.negative ? bytes.length : 0);
}

/** As {@link indexOf}, for a bound that may be left out. */
export function boundOf(spot: Spot | undefined, subject: Placed): number | undefined {
  return spot && indexOf(spot, subject);
}

/** The index of 0 to the buffer's length that is nearest to the spot. */
export function inside(spot: Spot, subject: Placed): number {
  return Math.min(Math.max(indexOf(spot, subject), 0), subject.bytes.length);
}

/** As {@link inside}, for a bound that may be left out. */
export function insideOrNone(spot: Spot | undefined, subject: Placed): number | undefined {
  return spot && inside(spot, subject);
}

/** What to look for: a stretch of the buffer in some form, or any bytes. */
export type NeedlePlan =
  | { spot: Spot; length: number; as: 'byte' | 'buffer' | 'array' | 'latin1' }
  | Uint8Array;

/** Short needles, needles longer than a window, empty ones, and some that are not there. */
export const needles: fc.Arbitrary<NeedlePlan> = fc.oneof(
  fc.record({
    spot: spots,
    length: fc.oneof(fc.nat(9), fc.nat(3 * PAGE_SIZE)),
    as: fc.constantFrom('byte', 'buffer', 'array', 'latin1'),
  }),
  fc.uint8Array({ maxLength: 4 }),
);

/** A needle as it is handed over, and the bytes it stands for. */
export interface Needle {
  value: number | Uint8Array | string;
  encoding: BufferEncoding | undefined;
  bytes: Buffer;
}

/** The needle that a plan means in a buffer. */
export function needleOf(plan: NeedlePlan, subject: Placed): Needle {
  const begin = plan instanceof Uint8Array ? 0 : inside(plan.spot, subject);
  const bytes =
    plan instanceof Uint8Array
      ? Buffer.from(plan)
      : Buffer.from(subject.bytes.subarray(begin, begin + plan.length));
  const as = plan instanceof Uint8Array ? 'buffer' : plan.as;
  if (as === 'byte') {
    const byte = bytes[0] ?? 7;
    return { value: byte, encoding: undefined, bytes: Buffer.of(byte) };
  }
  if (as === 'latin1') return { value: bytes.toString('latin1'), encoding: 'latin1', bytes };
  return { value: as === 'buffer' ? bytes : new Uint8Array(bytes), encoding: undefined, bytes };
}
