/** What a call gave: a value or a failure, for real and as the model has it. */

import { isDeepStrictEqual } from 'node:util';
import { Refusal } from './refusal.js';

export interface Answer {
  value?: unknown;
  error?: unknown;
  /** Whether the event loop turned meanwhile. */
  turned?: boolean;
}

/** Waits for an answer, and until the event loop has turned. */
export async function answerLater(promise: Promise<unknown>): Promise<Answer> {
  let answer: Answer;
  try {
    answer = { value: await promise };
  } catch (error) {
    answer = { error };
  }
  await new Promise(setImmediate);
  return { ...answer, turned: true };
}

/** The model's answer; what is no {@link Refusal} is thrown on. */
export function answerOf(follow: () => unknown): Answer {
  try {
    return { value: follow() };
  } catch (error) {
    if (error instanceof Refusal) return { error };
    throw error;
  }
}

/** Whether the real answer is the expected one; an expected `undefined` leaves the value open. */
export function agree(real: Answer, expected: Answer): boolean {
  if (expected.error instanceof Refusal) return expected.error.is(real.error);
  if (real.error !== undefined) return false;
  if (expected.value === undefined) return true;
  const { value } = real;
  if (value instanceof Uint8Array && expected.value instanceof Uint8Array) {
    return Buffer.compare(value, expected.value) === 0;
  }
  return isDeepStrictEqual(value, expected.value);
}

export function describe({ value, error }: Answer): string {
  if (error instanceof Refusal) return String(error);
  if (error !== undefined) return `thrown was ${error}`;
  if (!(value instanceof Uint8Array)) return `the answer is ${String(value)}`;
  return `the answer is ${value.length} bytes, ${Buffer.from(value.subarray(0, 12)).toString('hex')}…`;
}
