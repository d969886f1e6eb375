/** A log that grows while it is read: only what is new is looked at, however large the file has become. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';

const folder = mkdtempSync(join(tmpdir(), 'smmap-follow-'));
const path = join(folder, 'log.txt');
try {
  writeFileSync(path, 'first\nsecond\nthi');
  using manager = new SlidingWindowMapManager({ windowSize: 64 * 1024 });
  using cursor = manager.makeCursor(path);
  using bytes = new SlidingWindowMapBuffer(cursor);

  let position = printLines(bytes, 0);
  appendFileSync(path, 'rd\n');
  position = printLines(bytes, position);
  appendFileSync(path, 'fourth\n');
  printLines(bytes, position);
} finally {
  rmSync(folder, { recursive: true });
}

/** Prints the lines that are complete, and says where the rest begins. */
function printLines(bytes: SlidingWindowMapBuffer, begin: number): number {
  bytes.cursor?.refresh(); // looks at the file again
  bytes.beginAccess(); // takes its new size
  let start = begin;
  for (let end = bytes.indexOf('\n', start); end !== -1; end = bytes.indexOf('\n', start)) {
    console.log(bytes.toString('utf8', start, end));
    start = end + 1;
  }
  return start;
}
