/** Real files, which `scripts/fetch-client-data.mjs` brings. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../checkout.js';

const FOLDER = join(checkout, 'node_modules', '.cache', 'smmap', 'clients');

/** The path of a fetched file or folder. */
export function fetched(name: string): string {
  const path = join(FOLDER, name);
  assert.ok(existsSync(path), `there is no ${name}: run node scripts/fetch-client-data.mjs`);
  return path;
}

/** The path of a file in the data of vega-datasets, which is installed with the tools. */
export function vegaData(name: string): string {
  return join(checkout, 'node_modules', 'vega-datasets', 'data', name);
}
