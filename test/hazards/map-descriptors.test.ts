/** Maps where descriptors are few. */

import assert from 'node:assert/strict';
import { openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryMap, PAGE_SIZE } from 'smmap';
import { contentBytes, tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';

const path = join(tempDir(), 'file.bin');
const FEW = { ulimit: ['-n 128'] };

await hazards(import.meta.url, {
  'none is left for a map: the limit is named': {
    ...FEW,
    run: () => {
      writeContent(path, PAGE_SIZE);
      const fd = openSync(path, 'r');
      const maps: MemoryMap[] = [];
      const fill = () => {
        for (;;) maps.push(new MemoryMap(fd, 0, { access: 'read' }));
      };
      assert.throws(fill, { code: 'EMFILE', message: /ulimit -n is 128/ });
      for (const map of maps) map.close();
    },
  },

  'the file was renamed when its descriptor had been let go': {
    ...FEW,
    run: async () => {
      writeContent(path, 2 * PAGE_SIZE);
      const maps = Array.from({ length: 100 }, () => MemoryMap.open(path, { access: 'write' }));
      const [map] = maps as [MemoryMap];
      renameSync(path, `${path}.old`);
      assert.throws(() => map.size(), { code: 'ERR_SMMAP_FILE_CHANGED' });
      assert.equal(map.residency(), undefined);
      assert.deepEqual(await map.readAsync(5, PAGE_SIZE), contentBytes(5, PAGE_SIZE));
      map.flush();
      for (const each of maps) each.close();
    },
  },
});
