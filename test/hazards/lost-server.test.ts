/** A file system whose server is killed, and then unmounted: an error, and never the end. */

import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { MemoryMap, PAGE_SIZE, SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { descriptorsOn } from '../support/descriptors.js';
import { assertFault, isFault } from '../support/faults.js';
import { contentBytes } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';
import { deviceWithFile, GOOD, LOST } from './fixtures/bad-pages.js';
import { mounting } from './fixtures/failing-device.js';

await hazards(
  import.meta.url,
  mounting({
    'a server that is gone: pages that were read stay, the others are an error': async () => {
      const { device, path } = await deviceWithFile();
      const manager = new SlidingWindowMapManager();
      const cursor = manager.makeCursor(path).useRegion();
      const view = cursor.buffer();
      assert.ok(Buffer.from(view.subarray(0, GOOD)).equals(contentBytes(0, GOOD)));
      const map = MemoryMap.open(path);
      const buffer = new SlidingWindowMapBuffer(cursor);
      await device.die();
      assert.ok(view.subarray(0, GOOD).equals(contentBytes(0, GOOD)));
      await assert.rejects(buffer.readAsync(GOOD, 1), (error) => isFault(error, path));
      await assert.rejects(buffer.prefetch(GOOD, 1), (error) => isFault(error, path));
      assert.equal(view[LOST[0]], 0);
      assert.equal(cursor.faulted, true);
      assertFault(() => buffer.slice(0, 1), path, 'slice');
      assertFault(() => map.slice(), path, 'map.slice');
      const unreachable = { code: 'ENOTCONN', path };
      assert.throws(() => cursor.refresh(), unreachable);
      assert.throws(() => manager.makeCursor(path).useRegion(), unreachable);
      assertFault(() => cursor.useRegion(), path, 'useRegion');
      map.close();
      manager.close();
      assert.equal(mapped(path).lines, 0);
      assert.equal(descriptorsOn(path), 0);
    },

    'a server that is gone under stores: flush says so, and close releases everything':
      async () => {
        const { device, path } = await deviceWithFile();
        const manager = new SlidingWindowMapManager({ access: 'write' });
        const cursor = manager.makeCursor(path).useRegion();
        cursor.buffer()[0] = 7;
        const map = MemoryMap.open(path, { access: 'write' });
        map.set(PAGE_SIZE, 7);
        await device.die();
        assert.throws(() => cursor.flush(), { syscall: 'msync', path });
        assert.throws(() => map.flush(), { syscall: 'msync', path });
        assertFault(() => map.set(LOST[0], 7), path, 'set'); // it was not in memory
        assertFault(() => map.close(), path, 'close');
        manager.close();
        assert.equal(mapped(path).lines, 0);
        assert.equal(descriptorsOn(path), 0);
      },

    'a server that is gone and unmounted': async () => {
      const { device, path } = await deviceWithFile();
      const manager = new SlidingWindowMapManager({ windowSize: 8 * PAGE_SIZE });
      const cursor = manager.makeCursor(path).useRegion();
      const fd = openSync(path, 'r');
      const map = new MemoryMap(fd, 0, { access: 'read' });
      closeSync(fd);
      await device.die();
      device.unmount();
      assert.equal(cursor.buffer()[5], 0);
      assertFault(() => cursor.buffer(), path, 'buffer');
      assert.throws(() => map.slice(), { code: 'ERR_SMMAP_FAULT' });
      assert.throws(() => cursor.refresh(), { code: 'ENOENT', path });
      assert.throws(() => manager.makeCursor(path).useRegion(), { code: 'ENOENT', path });
      map.close();
      manager.close();
      assert.equal(mapped(path).lines, 0);
    },
  }),
);
