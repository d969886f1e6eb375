/**
 * Opens an Arrow file and prints what that took: `open-arrow.js smmap|node FILE OTHER`. The
 * other file is opened before, so that what the code itself takes is not counted.
 */

import { readFileSync } from 'node:fs';
import { type Table, tableFromIPC } from 'apache-arrow';
import { mapFile } from 'smmap/clients';
import { anonymousBytes, report } from '../../support/memory.js';
import { processorTime } from '../../support/ratios.js';

/** What is printed. */
export interface OpenArrow {
  /** Of processor time. */
  milliseconds: number;
  /** Anonymous memory before the file was opened, and how much more it was after. */
  before: number;
  opened: number;
  /** And after 300 rows were read, all over the file. */
  read: number;
}

const [way, path = '', other = ''] = process.argv.slice(2);

function openTable(file: string): Table {
  return tableFromIPC(way === 'smmap' ? mapFile(file).bytes : readFileSync(file));
}

openTable(other).get(0)?.toJSON();
const before = anonymousBytes();
const began = processorTime();
const table = openTable(path);
const milliseconds = processorTime() - began;
const opened = anonymousBytes() - before;
for (let i = 0; i < 300; i++) table.get(Math.floor((table.numRows * i) / 300))?.toJSON();
const read = anonymousBytes() - before;
await report({ milliseconds, before, opened, read } satisfies OpenArrow);
