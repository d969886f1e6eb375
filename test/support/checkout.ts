/** Where this project lies. */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's own folder. */
export const checkout = dirname(fileURLToPath(import.meta.resolve('smmap/package.json')));

/** The text of a file of the checkout, its path given from the checkout's folder. */
export function readText(path: string): string {
  return readFileSync(join(checkout, path), 'utf8');
}
