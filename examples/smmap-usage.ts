/** The usual ways to use Python's smmap, one after the other: `node smmap-usage.js FILE`. */
import { SlidingWindowMapBuffer, SlidingWindowMapManager, StaticWindowMapManager } from 'smmap';

const [path = process.execPath] = process.argv.slice(2);

// A manager with limits of its own, and several files (here: one) behind several cursors.
const manager = new SlidingWindowMapManager({
  windowSize: 64 * 1024 * 1024,
  maxMemorySize: 1024 * 1024 * 1024,
  maxOpenHandles: 100,
});
const cursor = manager.makeCursor(path).useRegion(0, 1024 * 1024);
const second = manager.makeCursor(path).useRegion(1_000_000, 512 * 1024);
console.log(`mapped: ${manager.mappedMemorySize}, handles: ${manager.numFileHandles}`);

if (cursor.isValid) {
  const { ofsBegin, ofsEnd, size, fileSize } = cursor;
  console.log(`slice: ${ofsBegin} to ${ofsEnd}, ${size} of ${fileSize}`);
  const view = cursor.buffer(); // as a memoryview
  console.log(`header: ${view.subarray(0, 4).toString('hex')}`);
  if (cursor.includesOfs(512_000)) console.log(`byte: ${view[512_000 - ofsBegin]}`);
}

// Another region; then none.
cursor.useRegion(2 * 1024 * 1024, 512 * 1024);
console.log(`moved to: ${cursor.ofsBegin}`);
cursor.unuseRegion();
second.unuseRegion();
console.log(`freed: ${manager.collect()}`);

// In order, window by window.
let sum = 0;
for (cursor.useRegion(0); cursor.isValid; cursor.useRegion(cursor.ofsEnd)) {
  sum += cursor.size;
}
console.log(`in order: ${sum}`);
cursor.close();

// Like a string, the windows hidden.
const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
console.log(`first and last: ${buffer.at(0)} ${buffer.at(-1)}`);
console.log(`header and trailer: ${buffer.slice(0, 1024).length} ${buffer.slice(-1024).length}`);
console.log(`middle: ${buffer.slice(1_000_000, 1_000_004).toString('hex')}`);
buffer.endAccess();

// A part of a file, released at the end of the block; index 0 is its first byte.
{
  using part = new SlidingWindowMapBuffer();
  if (part.beginAccess(manager.makeCursor(path), 2048, 1024 * 1024)) {
    const beginning = part.slice(0, 4).toString('hex');
    console.log(`part: ${part.length}, ${beginning}, ${part.cursor?.isValid}`);
  }
}

// In pieces of a size of one's own.
const pieces = new SlidingWindowMapBuffer();
try {
  pieces.beginAccess(manager.makeCursor(path));
  let count = 0;
  for (let at = 0; at < pieces.length; at += 64 * 1024) {
    if (pieces.slice(at, at + 64 * 1024).length > 0) count++;
  }
  console.log(`pieces: ${count}`);
} finally {
  pieces.endAccess();
}
manager.close();

// Whole files.
using whole = new StaticWindowMapManager({ maxMemorySize: 4 * 1024 ** 3, maxOpenHandles: 50 });
using all = whole.makeCursor(path).useRegion();
console.log(`whole: ${all.buffer().subarray(-1000).length}, ${all.map().length === all.fileSize}`);
console.log(`removed: ${whole.forceMapHandleRemovalWin(path)}`); // on Windows 1: so it can be deleted
