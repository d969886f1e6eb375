/** Which errors of this package stand for which of Python's. */

import type { Result } from './script.js';

/** Python's name and message, and the class and code that belong to it. The first line that fits counts. */
const KINDS: readonly (readonly [python: RegExp, ours: readonly string[]])[] = [
  [/^ValueError: mmap closed or invalid$/, ['MapClosedError ERR_SMMAP_CLOSED']],
  [/^ValueError: mmap (can't specify both|invalid) access/, ['TypeError ERR_INVALID_ARG_VALUE']],
  [/^ValueError: .*trackfd/, ['TypeError ERR_INVALID_STATE']],
  [/^(Value|Overflow)Error: /, ['RangeError ERR_OUT_OF_RANGE']],
  // `at` is `undefined` where an index is outside, as that of every array.
  [/^IndexError: /, ['RangeError ERR_OUT_OF_RANGE', 'undefined']],
  [/^TypeError: mmap can't modify a readonly/, ['ReadOnlyError ERR_SMMAP_READ_ONLY']],
  [
    /^TypeError: mmap can't resize a readonly or copy-on-write/,
    ['ReadOnlyError ERR_SMMAP_READ_ONLY', 'TypeError ERR_INVALID_STATE'],
  ],
  [/^TypeError: /, ['TypeError ERR_INVALID_ARG_TYPE']],
];

/** Whether two results are errors of one kind; `undefined` when neither is an error. */
export function sameErrors(theirs: Result, ours: Result): boolean | undefined {
  const [left, right] = [errorOf(theirs), errorOf(ours)];
  if (left === undefined && right === undefined) return undefined;
  if (left === undefined || right === undefined) return false;
  const ofSystem = /^OSError (\w+)$/.exec(left);
  if (ofSystem !== null) return right === `Error ${ofSystem[1]}`;
  return KINDS.find(([python]) => python.test(left))?.[1].includes(right) ?? false;
}

/** What an error says, or `undefined` for every other result. */
export function errorOf(result: Result): string | undefined {
  if (typeof result !== 'object' || result === null || !('error' in result)) return undefined;
  return result.error;
}
