/**
 * Looks up addresses in a MaxMind database and prints how many were known:
 * `look-up.js smmap|node FILE SEED COUNT`.
 */

import { readFileSync } from 'node:fs';
import { type CityResponse, Reader } from 'mmdb-lib';
import { mapFile } from 'smmap/clients';
import { addresses } from '../../support/clients/addresses.js';
import { anonymousBytes, report } from '../../support/memory.js';
import { processorTime } from '../../support/ratios.js';

/** What is printed. */
export interface LookUp {
  known: number;
  /** Milliseconds of processor time until it was open. */
  open: number;
  /** Anonymous memory that opening and the first look-up took. */
  opened: number;
}

const [way, path = '', seed, count] = process.argv.slice(2);
const before = anonymousBytes();
const began = processorTime();
const reader = new Reader<CityResponse>(
  way === 'smmap' ? mapFile(path).buffer : readFileSync(path),
);
const open = processorTime() - began;
reader.get('8.8.8.8');
const opened = anonymousBytes() - before;
let known = 0;
for (const address of addresses(Number(seed), Number(count))) {
  if (reader.get(address) !== null) known++;
}
await report({ known, open, opened } satisfies LookUp);
