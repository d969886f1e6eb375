/** The last lines of a file of any size: `node tail.js FILE [COUNT]`. */
import { SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';

const [path = process.execPath, count = '10'] = process.argv.slice(2);
const NEWLINE = 10;

using manager = new SlidingWindowMapManager({ windowSize: 64 * 1024 });
using bytes = new SlidingWindowMapBuffer(manager.makeCursor(path));

let start = bytes.length;
let end = bytes.at(-1) === NEWLINE ? start - 1 : start; // of the line that is looked at
for (let found = 0; found < Number(count) && end >= 0; found++) {
  const newline = end === 0 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1);
  start = newline + 1;
  end = newline;
}
for (const piece of piecesFrom(start)) process.stdout.write(piece);

/** The rest of the file in pieces that fit into memory, as copies: a view must not wait in a stream. */
function* piecesFrom(begin: number): Generator<Buffer> {
  for (let at = begin; at < bytes.length; at += 64 * 1024) yield bytes.slice(at, at + 64 * 1024);
}
