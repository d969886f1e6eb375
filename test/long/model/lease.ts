/** A cursor's claim on a file and a region. */

import type { Entry } from './entry.js';
import type { RegionModel } from './region.js';

export class Lease {
  region: RegionModel | undefined;

  constructor(
    readonly entry: Entry,
    /** The number under which the cursor is watched. */
    readonly watch: number,
  ) {}
}
