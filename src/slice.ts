/** The geometry of Python's slices: numbers only, no bytes. */

import { invalidType, outOfRange } from './arguments.js';

/** The indices a slice stands for: `start`, `start + step`, … , `count` of them. */
export interface ResolvedSlice {
  start: number;
  /** The first index left out, as `slice.indices` of Python says it: -1 when a slice runs down to index 0. */
  stop: number;
  /** Never 0. */
  step: number;
  count: number;
}

/**
 * What `sequence[start:end:step]` of Python selects in a sequence of `length`.
 * Negative bounds count from the end, bounds outside are cut to the sequence, and
 * `undefined` or `null` is a bound left out. `Infinity` and `-Infinity` are bounds too.
 * @throws TypeError `ERR_INVALID_ARG_TYPE` when a bound or the step is no number
 * @throws RangeError `ERR_OUT_OF_RANGE` when one is a fraction, NaN or unsafe, or the step is 0
 */
export function resolveSlice(
  length: number,
  start?: number | null,
  end?: number | null,
  step?: number | null,
): ResolvedSlice {
  const by = stepOf(step);
  // Running down, the bounds are the last index and the one before index 0.
  const [low, high] = by > 0 ? [0, length] : [-1, length - 1];
  const first = boundOf('start', start, by > 0 ? low : high, low, high, length);
  const stop = boundOf('end', end, by > 0 ? high : low, low, high, length);
  const distance = by > 0 ? stop - first : first - stop;
  const count = distance > 0 ? Math.floor((distance - 1) / Math.abs(by)) + 1 : 0;
  return { start: first, stop, step: by, count };
}

function stepOf(step: number | null | undefined): number {
  if (step === undefined || step === null) return 1;
  if (typeof step !== 'number') throw invalidType('step', 'a number', step);
  if (Number.isSafeInteger(step) && step !== 0) return step;
  throw outOfRange('step', 'a whole number other than 0', step);
}

function boundOf(
  name: string,
  value: number | null | undefined,
  missing: number,
  low: number,
  high: number,
  length: number,
): number {
  if (value === undefined || value === null) return missing;
  if (typeof value !== 'number') throw invalidType(name, 'a number', value);
  if (!Number.isSafeInteger(value) && Math.abs(value) !== Number.POSITIVE_INFINITY) {
    throw outOfRange(name, 'a whole number, Infinity or -Infinity', value);
  }
  // Adding 0 turns -0 into 0.
  const index = value < 0 ? value + length : value + 0;
  return Math.min(Math.max(index, low), high);
}
