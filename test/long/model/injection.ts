/** Failures of the system that a script orders in advance. */

import { constants } from 'node:os';
import { done } from './tally.js';

/** Calls of the addon that can be made to fail. */
export type Call =
  | 'map'
  | 'open'
  | 'duplicate'
  | 'status'
  | 'statusOfPath'
  | 'statusOfNumber'
  | 'extend'
  | 'flush';

/** What a call fails with: the system's code, or the ceiling of mappings (`map` alone). */
export type FailureCode =
  | 'ENOMEM'
  | 'EMFILE'
  | 'ENFILE'
  | 'EIO'
  | 'EACCES'
  | 'ESTALE'
  | 'ENOSPC'
  | 'ceiling';

/** Failures to come. */
export interface Injection {
  call: Call;
  /** Calls that still succeed before it. */
  after: number;
  /** Calls in a row that fail. */
  times: number;
  code: FailureCode;
}

let armed: Injection | undefined;

/** Orders failures in the place of those that were ordered before and have not come; none: no more. */
export function inject(injection: Injection | undefined): void {
  armed = injection && { ...injection };
}

/** To be asked at each call: what it is to fail with. */
export function failureOf(call: Call): FailureCode | undefined {
  if (armed?.call !== call) return undefined;
  if (armed.after-- > 0) return undefined;
  const { code } = armed;
  done['failures ordered']++;
  if (--armed.times === 0) armed = undefined;
  return code;
}

/** A failure as the addon throws it. */
export function systemFailure(code: FailureCode, call: Call): Error {
  const errno = (constants.errno as Record<string, number>)[code];
  if (errno === undefined) throw new Error(`${code} is no error of the system`);
  return Object.assign(new Error(), { errno: -errno, syscall: call });
}
