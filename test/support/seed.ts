/** Where random scripts begin. */
import { fullSize } from './scale.js';

/** The same at each check, so that what is red there is red because of a change. */
const SEED = 20_261_120;

/** Said from outside (`SMMAP_SEED`); else another place at each full run, and always the same at a usual one. */
export function someSeed(): number {
  const { SMMAP_SEED: said } = process.env;
  if (said !== undefined) return Number(said);
  return fullSize ? Date.now() % 2 ** 31 : SEED;
}
