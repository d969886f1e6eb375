/** The deliberate differences from Python's `mmap`. */

import { readText } from '../../support/checkout.js';
import { conditions } from './conditions.js';
import { errorOf } from './errors.js';
import type { Making, Result, Said, State, Step } from './script.js';

/** What `rows.json` says of a difference. */
interface Written {
  /** Its name. */
  row: string;
  difference: string;
  /** The steps in which it shows. */
  steps: string[];
  /** A regular expression for what Python may give: `a value`, or an error. */
  python: string;
  /** The same for this package. */
  ours: string;
  /** Bytes, files or maps may differ afterwards: the two sides are not compared any further. */
  parts?: boolean;
  /** Not every Python has it. */
  varies?: boolean;
  /** Python that shows its side; the last line is an expression. */
  reproduction: string[];
  /** What Python says of it: the value, or the error. */
  gives: unknown;
}

/** One step on both sides. */
export interface Difference {
  step: Step;
  theirs: Said;
  ours: Said;
  /** How the map was made. */
  making: Making | undefined;
  /** What there was before the step, on both sides. */
  before: State | undefined;
}

/** A deliberate difference. */
export interface Row extends Written {
  parts: boolean;
  varies: boolean;
  /** Whether this is one of it. */
  excuses(difference: Difference): boolean;
}

/** All that are listed. */
export function allRows(): Row[] {
  const written: Written[] = JSON.parse(readText('test/long/mmap-differential/rows.json'));
  return written.map(toRow);
}

function toRow(written: Written): Row {
  const { row, steps, python, ours } = written;
  const condition = conditions[row];
  return {
    ...written,
    parts: written.parts ?? false,
    varies: written.varies ?? false,
    excuses: (difference) =>
      steps.includes(difference.step.do) &&
      fits(difference.theirs.result, python) &&
      fits(difference.ours.result, ours) &&
      (condition?.(difference) ?? true),
  };
}

function fits(result: Result, wanted: string): boolean {
  return new RegExp(`^(?:${wanted})$`).test(errorOf(result) ?? 'a value');
}
