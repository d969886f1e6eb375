/** Maps whose file is cut: whatever reaches a lost page tells of it, and the process goes on. */

import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type Advice, MemoryMap, PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';

const path = join(tempDir(), 'file.bin');
const FAULT = { code: 'ERR_SMMAP_FAULT' };

/** A map of a file of which only the first page is left. */
function cutMap(access: 'read' | 'write' | 'copy'): MemoryMap {
  writeContent(path, 8 * PAGE_SIZE);
  const map = MemoryMap.open(path, { access });
  truncateSync(path, PAGE_SIZE);
  return map;
}

/** Kilobytes of data: room for the engine, and a limit all the same. */
const DATA = '-d 1000000';

await hazards(import.meta.url, {
  'locking brings in pages that are gone': () => {
    for (const access of ['read', 'write', 'copy'] as const) {
      const map = cutMap(access);
      assert.throws(() => map.lock(), FAULT);
      assert.ok(map.faulted);
      assert.throws(() => map.get(0), FAULT);
    }
  },

  'advice brings in pages that are gone': () => {
    for (const advice of ['populate-read', 'populate-write'] satisfies Advice[]) {
      const map = cutMap('write');
      map.madvise(advice, 0, PAGE_SIZE); // that one is there
      assert.throws(() => map.madvise(advice), FAULT);
      assert.ok(map.faulted);
    }
  },

  'stores into lost pages, while data is limited': {
    ulimit: [DATA],
    run: () => {
      for (const access of ['write', 'copy'] as const) {
        const map = cutMap(access);
        const view = map.bytes;
        view[5 * PAGE_SIZE] = 1; // what the engine compiles in: no call of ours is near
        assert.throws(() => map.set(6 * PAGE_SIZE, 1), FAULT);
        assert.throws(() => map.write(Buffer.alloc(PAGE_SIZE)), FAULT);
        if (access === 'write') assert.throws(() => map.close(), FAULT);
      }
    },
  },

  'stores into lost pages of a region, while data is limited': {
    ulimit: [DATA],
    run: () => {
      writeContent(path, 8 * PAGE_SIZE);
      const manager = new SlidingWindowMapManager({ access: 'write' });
      const cursor = manager.makeCursor(path).useRegion();
      const view = cursor.buffer();
      truncateSync(path, 0);
      view.fill(7);
      assert.ok(cursor.faulted);
      assert.throws(() => cursor.flush(), FAULT);
    },
  },
});
