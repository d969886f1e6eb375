/** Maps that nobody closes: the collector finds them before a limit is reached, given turns of the event loop. */

import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { MemoryMap, PAGE_SIZE, processCounts } from 'smmap';
import { native } from '#src/native.js';
import { contentByte, tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';

const path = join(tempDir(), 'file.bin');

/** More than any default of `vm.max_map_count`. */
const MANY = 100_000;

async function forget(count: number, make: () => MemoryMap): Promise<void> {
  for (let i = 0; i < count; i++) {
    make();
    if (i % 100 === 0) await turn();
  }
}

await hazards(import.meta.url, {
  'more maps than the process may have': () => {
    writeContent(path, PAGE_SIZE);
    const before = processCounts().leakedMaps;
    return forget(MANY, () => MemoryMap.open(path)).then(() => {
      assert.ok(processCounts().leakedMaps > before + MANY / 4, 'they are counted');
    });
  },

  'more maps of a descriptor than there are descriptors': {
    ulimit: ['-n 1024'],
    run: async () => {
      writeContent(path, PAGE_SIZE);
      const fd = openSync(path, 'r');
      await forget(5_000, () => new MemoryMap(fd, 0, { access: 'read' }));
      assert.ok(native.descriptorCount() < 1_024);
      closeSync(fd);
    },
  },

  'a view outlives its map': async () => {
    writeContent(path, PAGE_SIZE);
    const view = MemoryMap.open(path).bytes;
    await forget(MANY, () => MemoryMap.anonymous(PAGE_SIZE));
    for (let i = 0; i < PAGE_SIZE; i++) assert.equal(view[i], contentByte(i));
  },
});
