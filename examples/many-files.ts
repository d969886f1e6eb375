/** Every file below a folder, within one budget for all of them: `node many-files.js FOLDER`. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SlidingWindowMapBuffer, StaticWindowMapManager } from 'smmap';

const [folder = '.'] = process.argv.slice(2);

using manager = new StaticWindowMapManager({ maxMemorySize: 8 * 1024 * 1024, maxOpenHandles: 100 });
let files = 0;
let lines = 0;
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  using cursor = manager.makeCursor(join(entry.parentPath, entry.name)); // closed with each turn
  lines += new SlidingWindowMapBuffer(cursor).count('\n');
  files++;
}
console.log(`${files} files, ${lines} lines`);
console.log(
  `${manager.numFileHandles} of them are still mapped, and free when there is need of room`,
);
