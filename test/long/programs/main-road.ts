/** The main road, for any runtime: windows, a budget, forgotten cursors, a cut file. Prints JSON. */

import { truncateSync } from 'node:fs';
import { SlidingWindowMapBuffer, SlidingWindowMapManager, SmmapError } from 'smmap';
import { contentBytes, writeContent } from '../../support/files.js';
import { mapped } from '../../support/proc-maps.js';

const WINDOW = 65_536;
const WINDOWS = 16;
const path = process.argv[2] as string;

writeContent(path, WINDOWS * WINDOW);
const manager = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: 4 * WINDOW });
const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
const equal = buffer.slice().equals(contentBytes(0, WINDOWS * WINDOW));

let most = 0;
for (let i = 0; i < 2_000; i++) {
  manager.makeCursor(path).useRegion((i % WINDOWS) * WINDOW, 10);
  if (i % 100 === 0) most = Math.max(most, mapped(path).bytes);
}

const cursor = manager.makeCursor(path).useRegion(0);
const view = cursor.buffer();
truncateSync(path, 5_000);
const lost = view[WINDOW - 1];
const { faults } = manager.stats();
let code = 'none';
try {
  cursor.useRegion(0);
} catch (error) {
  if (error instanceof SmmapError) code = error.code;
}
manager.close();

process.stdout.write(
  JSON.stringify({ equal, most, lost, faults, code, left: view.length, lines: mapped(path).lines }),
);
