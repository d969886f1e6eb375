/**
 * Holds the answers of the two sides to a script against each other. Each step has to
 * give the same result, or errors of kinds that belong together, and leave the same
 * bytes behind. What differs needs a row of `rows.json`.
 */

import { sameErrors } from './errors.js';
import type { Difference, Row } from './rows.js';
import { isMaking, type Making, type Said, type Script, type Step } from './script.js';

/** What came of a comparison. */
export interface Verdict {
  /** Steps that were compared, by their names. */
  steps: Map<string, number>;
  /** Those that both sides refused. */
  refused: number;
  /** By row: the steps that it was used in. */
  used: Map<string, number>;
  /** The two sides went ways of their own before the end. */
  parted: boolean;
  /** The first thing that nothing excuses. */
  failure: string | undefined;
}

/** Compares what was said of the steps, up to the first after which the two sides went ways of their own. */
export function compare(
  rows: readonly Row[],
  script: Script,
  theirs: Said[],
  ours: Said[],
): Verdict {
  const verdict: Verdict = {
    steps: new Map(),
    refused: 0,
    used: new Map(),
    parted: false,
    failure: undefined,
  };
  const made: Making[] = [];
  for (const [index, step] of script.steps.entries()) {
    const [left, right] = [theirs[index] as Said, ours[index] as Said];
    if (left.undone !== undefined) continue;
    if (isMaking(step)) made[step.map] = step;
    verdict.steps.set(step.do, (verdict.steps.get(step.do) ?? 0) + 1);
    const sameState = textOf(left.state) === textOf(right.state);
    if (sameState && sameResults(left, right)) {
      verdict.refused += isError(left) ? 1 : 0;
      continue;
    }
    const making = 'map' in step ? made[step.map] : undefined;
    const before = theirs[index - 1]?.state;
    const difference: Difference = { step, theirs: left, ours: right, making, before };
    const row = rows.find((row) => row.excuses(difference) && (sameState || row.parts));
    if (row === undefined) {
      verdict.failure = tell(index, step, left, right);
      return verdict;
    }
    verdict.used.set(row.row, (verdict.used.get(row.row) ?? 0) + 1);
    verdict.parted = !sameState;
    if (verdict.parted) return verdict;
  }
  return verdict;
}

function sameResults({ result: theirs }: Said, { result: ours }: Said): boolean {
  const refused = sameErrors(theirs, ours);
  return refused ?? textOf(theirs) === textOf(ours);
}

function isError({ result }: Said): boolean {
  return typeof result === 'object' && result !== null && 'error' in result;
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}

function tell(index: number, step: Step, theirs: Said, ours: Said): string {
  const sides = [`Python said       ${textOf(theirs)}`, `this package said ${textOf(ours)}`];
  return [`step ${index}, ${textOf(step)}:`, ...sides].join('\n  ');
}
