/** Maps that change while another thread is at work in them. */

import assert from 'node:assert/strict';
import { pbkdf2 } from 'node:crypto';
import { join } from 'node:path';
import { MemoryMap, PAGE_SIZE } from 'smmap';
import { tempDir, writeContent, writeIslands } from '../support/files.js';
import { hazards } from '../support/hazards.js';

const path = join(tempDir(), 'file.bin');
const CLOSED = { code: 'ERR_SMMAP_CLOSED', message: /was resized meanwhile/ };

/** With one thread in the pool, what is asked for behind this begins later. */
const ONE_THREAD = { env: { ...process.env, UV_THREADPOOL_SIZE: '1' } };

function occupyPool(): void {
  pbkdf2('a', 'b', 50_000, 32, 'sha256', () => {});
}

await hazards(import.meta.url, {
  'made shorter before a prefetch begins: nothing was lost': {
    ...ONE_THREAD,
    run: async () => {
      writeIslands(path, 64 * PAGE_SIZE, []);
      using map = MemoryMap.open(path, { access: 'write' });
      occupyPool();
      const prefetched = map.prefetch();
      map.resize(PAGE_SIZE);
      await assert.rejects(prefetched, CLOSED);
      assert.ok(!map.faulted);
    },
  },

  'made shorter before a read begins: nothing was lost': {
    ...ONE_THREAD,
    run: async () => {
      const size = 4 * 2 ** 20; // more than is copied at once
      writeContent(path, size);
      using map = MemoryMap.open(path, { access: 'write' });
      occupyPool();
      const read = map.readAsync(0, size);
      map.resize(PAGE_SIZE);
      await assert.rejects(read, CLOSED);
      assert.ok(!map.faulted);
    },
  },

  'closed while it is flushed: the stores arrive': {
    ...ONE_THREAD,
    run: async () => {
      writeIslands(path, 64 * PAGE_SIZE, []);
      const map = MemoryMap.open(path, { access: 'write' });
      map.bytes.fill(7);
      occupyPool();
      const flushed = map.flushAsync();
      map.close();
      await flushed;
      using again = MemoryMap.open(path);
      assert.equal(again.count(7), 64 * PAGE_SIZE);
    },
  },
});
