/** Pages that are lost under managers that write: what was stored there is gone, and somebody is told. */

import assert from 'node:assert/strict';
import { readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import {
  MapFaultError,
  type MapManagerOptions,
  PAGE_SIZE,
  SlidingWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { contentBytes, tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';

const WINDOW = 4 * PAGE_SIZE;
const SIZE = 4 * WINDOW;
/** Bytes in the file after it is cut, and an offset whose page is gone then. */
const KEPT = PAGE_SIZE + 10;
const LOST = 2 * PAGE_SIZE + 5;
const dir = tempDir();
let made = 0;

interface Written {
  path: string;
  manager: SlidingWindowMapManager;
  /** Stands on the first window. */
  cursor: WindowCursor;
  view: Buffer;
}

/** A new file, and a cursor that may store into it. */
function written(options: MapManagerOptions): Written {
  const path = join(dir, `file-${++made}`);
  writeContent(path, SIZE);
  const manager = new SlidingWindowMapManager({ windowSize: WINDOW, ...options });
  const cursor = manager.makeCursor(path).useRegion(0);
  return { path, manager, cursor, view: cursor.buffer() };
}

/** Cuts the file and stores into the part that is gone. */
function loseStore({ path, view }: Written): void {
  truncateSync(path, KEPT);
  view[LOST] = 77;
}

function assertFault(call: () => unknown, path: string): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof MapFaultError, String(error));
    assert.deepEqual([error.file, error.offset, error.size], [path, 0, WINDOW]);
    return true;
  });
}

const WRITE = { access: 'write' } as const;
const COPY = { access: 'copy' } as const;

await hazards(import.meta.url, {
  'a store into a lost page is no crash, and flush tells of it': () => {
    const file = written(WRITE);
    loseStore(file);
    assert.equal(file.manager.stats().faults, 1);
    assert.equal(file.cursor.faulted, true);
    assertFault(() => file.cursor.flush(), file.path);
    assertFault(() => file.cursor.flush(), file.path);
    assert.equal(statSync(file.path).size, KEPT, 'the file did not grow by it');
  },

  'a cut that nobody met: flush brings what is left to the device': () => {
    const { path, cursor, view } = written(WRITE);
    view.fill(1);
    truncateSync(path, KEPT);
    cursor.flush();
    assert.ok(readFileSync(path).equals(Buffer.alloc(KEPT, 1)));
  },

  'close tells, once, when nobody was told; everything is released all the same': () => {
    const file = written(WRITE);
    const other = file.manager.makeCursor(file.path).useRegion(3 * WINDOW);
    loseStore(file);
    assertFault(() => file.manager.close(), file.path);
    assert.equal(mapped(file.path).lines, 0);
    assert.equal(file.manager.numFileHandles, 0);
    for (const cursor of [file.cursor, other]) {
      assert.throws(() => cursor.buffer(), { code: 'ERR_SMMAP_CLOSED' });
    }
    assert.equal(file.view.length, 0);
    file.manager.close();
    file.manager[Symbol.dispose]();
  },

  'close does not tell again what was told': () => {
    for (const told of [
      ({ cursor }: Written) => cursor.flush(),
      ({ cursor }: Written) => cursor.useRegion(0),
      ({ cursor }: Written) => cursor.buffer(),
    ]) {
      const file = written(WRITE);
      loseStore(file);
      assertFault(() => told(file), file.path);
      file.manager.close();
      assert.equal(mapped(file.path).lines, 0);
    }
  },

  'close tells also of a window that went before it': async () => {
    const goings: Record<string, (file: Written) => unknown> = {
      collect: ({ manager, cursor }) => {
        cursor.unuseRegion();
        assert.equal(manager.collect(), 1);
      },
      closeUnder: ({ manager }) => assert.equal(manager.closeUnder(dir), 1),
      'an eviction': ({ manager, cursor }) => {
        cursor.unuseRegion();
        const other = written(WRITE);
        other.manager.close();
        manager.makeCursor(other.path).useRegion(0).close();
        assert.equal(manager.stats().evictions, 1);
      },
      'a closed cursor': ({ manager, cursor }) => {
        cursor.close();
        manager.collect();
      },
      'views taken away by the event loop': async ({ view }) => {
        for (let turns = 0; view.length > 0 && turns < 1_000_000; turns++) await turn();
        assert.equal(view.length, 0);
      },
    };
    for (const [name, go] of Object.entries(goings)) {
      const file = written({ ...WRITE, maxMemorySize: WINDOW });
      loseStore(file);
      await go(file);
      assertFault(() => file.manager.close(), file.path);
      assert.equal(mapped(file.path).lines, 0, name);
      file.manager.close();
    }
  },

  'close of a manager that does not write tells nothing': () => {
    for (const access of ['read', 'copy'] as const) {
      const file = written({ access });
      loseStore(file);
      file.manager.close();
      assert.equal(mapped(file.path).lines, 0);
    }
  },

  'windows that lost nothing go on, and refresh mends the one that did': () => {
    const file = written(WRITE);
    const other = file.manager.makeCursor(file.path).useRegion(WINDOW, 10);
    truncateSync(file.path, WINDOW + 10);
    truncateSync(file.path, SIZE); // long again, with zeros: nothing is lost in the first window
    other.buffer().fill(3);
    other.flush();
    loseStore(file);
    assertFault(() => file.cursor.useRegion(0), file.path);
    file.cursor.refresh();
    assert.equal(file.cursor.size, KEPT);
    file.cursor.buffer().fill(4);
    file.cursor.flush();
    assert.ok(readFileSync(file.path).equals(Buffer.alloc(KEPT, 4)));
    file.cursor.extendFile(SIZE).useRegion(LOST, 1);
    file.cursor.buffer()[0] = 5;
    assert.equal(readFileSync(file.path)[LOST], 5);
    file.manager.close();
  },

  'a copy that lost a page it had not stored into is mended by refresh': () => {
    const file = written(COPY);
    truncateSync(file.path, KEPT);
    assert.equal(file.view[LOST], 0);
    assertFault(() => file.cursor.buffer(), file.path);
    file.cursor.refresh();
    assert.equal(file.cursor.faulted, false);
    assert.ok(file.cursor.buffer().equals(contentBytes(0, KEPT)));
    const fresh = file.manager.makeCursor(file.path).useRegion(0);
    assert.ok(fresh.buffer().equals(contentBytes(0, KEPT)));
  },

  'a copy that lost a page beside its stores says so, and refresh begins anew': () => {
    const file = written(COPY);
    file.view[0] = 9;
    loseStore(file);
    assertFault(() => file.cursor.buffer(), file.path);
    assertFault(() => file.manager.makeCursor(file.path).useRegion(0), file.path);
    file.cursor.refresh();
    assert.ok(file.cursor.buffer().equals(contentBytes(0, KEPT)), 'the file, without the stores');
  },

  'a copy of a file that was cut keeps the stores before the cut, and ends there': () => {
    const file = written(COPY);
    file.view[0] = 9;
    truncateSync(file.path, KEPT);
    file.cursor.refresh();
    const wanted = contentBytes(0, KEPT);
    wanted[0] = 9;
    assert.equal(file.cursor.size, KEPT);
    assert.ok(file.cursor.buffer().equals(wanted));
    assert.equal(file.cursor.useRegion(KEPT).isValid, false);
    const fresh = file.manager.makeCursor(file.path).useRegion(5, WINDOW, { whole: true });
    assert.ok(fresh.buffer().equals(wanted.subarray(5)));
    assert.equal(file.manager.stats().faults, 0);
  },
});
