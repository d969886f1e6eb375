/** The faults of smmap that may make the two sides differ. */

import { readText } from '../../support/checkout.js';

/** A row of `excuses.json`. */
export interface Excuse {
  /**
   * What its switch in the model is called: the number of the row in
   * `docs/from-smmap-faults.md`, or 'placement', of which `docs/decisions/placement.md` tells.
   */
  row: string;
  fault: string;
  /** Python that shows the fault; the last line is an expression. */
  reproduction: string[];
  /** What Python says of it: the value, or the error. */
  gives: unknown;
}

/** The rows in the order in which they are added to the rules. */
export const excuses: readonly Excuse[] = JSON.parse(
  readText('test/long/differential/excuses.json'),
);
