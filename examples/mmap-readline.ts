/** A map used like an open file: read a line, go back, write over it, read it again. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryMap } from 'smmap';

const folder = mkdtempSync(join(tmpdir(), 'smmap-readline-'));
try {
  const path = join(folder, 'sample.txt');
  writeFileSync(path, 'Hello, this line is in a file.\nAnd so is this.\n');
  {
    using map = MemoryMap.open(path, { access: 'write' });
    console.log(`before: ${map.readline().toString().trimEnd()}`);

    map.seek(0);
    map.write(Buffer.from('HELLO, and this too'));
    console.log(`position: ${map.tell()} of ${map.length}`);

    map.seek(0);
    console.log(`after: ${map.readline().toString().trimEnd()}`);
    console.log(`next: ${map.readline().toString().trimEnd()}`);
    map.flush(); // only for those who must survive a loss of power
  }
  console.log(`file: ${readFileSync(path, 'utf8').split('\n')[0]}`);
} finally {
  rmSync(folder, { recursive: true });
}
