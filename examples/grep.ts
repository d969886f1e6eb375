/** Searches a file of any size, text or not: `node grep.js PATTERN FILE` prints offset and match. */
import { SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';

const [pattern = 'Copyright \\S+', path = process.execPath] = process.argv.slice(2);

using manager = new SlidingWindowMapManager({ maxMemorySize: 64 * 1024 * 1024 });
using bytes = new SlidingWindowMapBuffer(manager.makeCursor(path));

// The bytes are read as Latin-1, so an index is a byte offset, also beyond 4 GiB.
for (const match of bytes.matchAll(new RegExp(pattern, 'g'), { maxMatchLength: 4096 })) {
  console.log(`${match.index}: ${match[0]}`);
}
