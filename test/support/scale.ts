/** How large the long suites run. */

/**
 * True for `npm run prove`: every figure in full size, and published (see `proof.ts`).
 * Else the suites are sized so that all of them pass in minutes.
 */
export const fullSize = process.env.SMMAP_FULL === '1';

/** `full` in a full-size run, else `usual`. */
export function scaled(usual: number, full: number): number {
  return fullSize ? full : usual;
}
