/** The bytes of a map by subscript and by slice, read and changed: what Python writes `map[0]` and `map[2:5]`. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryMap } from 'smmap';

const folder = mkdtempSync(join(tmpdir(), 'smmap-subscript-'));
try {
  const path = join(folder, 'sample.txt');
  writeFileSync(path, 'A file in memory is an array of bytes.\n');

  const fd = openSync(path, 'r+');
  using map = new MemoryMap(fd, 32); // the first 32 bytes
  closeSync(fd); // the map has a descriptor of its own

  console.log(String.fromCharCode(map.get(0)));
  console.log(String.fromCharCode(map.get(2)));
  console.log(map.slice(2, 6).toString());

  map.set(0, 'a'.charCodeAt(0));
  map.setSlice(Buffer.from('MEMORY'), 10, 16);
  console.log(map.slice().toString());
  console.log(readFileSync(path, 'utf8').trimEnd()); // whoever reads the file sees it at once

  try {
    map.get(32); // one too far: in Python an IndexError
  } catch (error) {
    console.log((error as NodeJS.ErrnoException).code);
  }
} finally {
  rmSync(folder, { recursive: true });
}
