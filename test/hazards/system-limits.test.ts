/** Limits of the system that are reached: a named error at worst, and the process goes on. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate, inflateSync } from 'node:zlib';
import { SlidingWindowMapManager, StaticWindowMapManager, type WindowCursor } from 'smmap';
import { descriptorsOn } from '../support/descriptors.js';
import {
  contentByte,
  contentBytes,
  tempDir,
  writeContent,
  writeIslands,
} from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { memoryOf, setLimit } from '../support/limits.js';
import { mapped } from '../support/proc-maps.js';

const MIB = 2 ** 20;
/**
 * Left to windows of 64 MiB: not a whole number of them, and the package leaves 128 MiB to
 * the engine. Were it a whole number, a page that the engine takes would decide over the last one.
 */
const ADDRESSES = (1024 + 32) * MIB;
const dir = tempDir();
const path = join(dir, 'file.bin');

/** A sparse file with a few bytes of content at the beginning of each of `count` windows. */
function sparse(windowSize: number, count: number): void {
  const islands = Array.from({ length: count }, (_, k) => ({ offset: k * windowSize, length: 8 }));
  writeIslands(path, windowSize * count, islands);
}

function assertAt(cursor: WindowCursor, offset: number): void {
  assert.deepEqual(cursor.buffer().subarray(0, 8), contentBytes(offset, 8));
}

/** Holds windows until one is refused; gives the error. */
function holdUntilRefused(manager: SlidingWindowMapManager, held: WindowCursor[], most: number) {
  const { windowSize } = manager;
  for (let k = 0; k < most; k++) {
    const cursor = manager.makeCursor(path);
    try {
      cursor.useRegion(k * windowSize);
    } catch (error) {
      return error as NodeJS.ErrnoException;
    }
    held.push(cursor);
  }
  return undefined;
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

await hazards(import.meta.url, {
  'addresses are short (ulimit -v): idle windows go, one by one': () => {
    const windowSize = 64 * MIB;
    const count = 200;
    sparse(windowSize, count);
    const manager = new SlidingWindowMapManager({ windowSize, maxMemorySize: count * windowSize });
    const cursor = manager.makeCursor(path);
    setLimit('as', memoryOf('VmSize') + ADDRESSES);
    for (let k = 0; k < count; k++) assertAt(cursor.useRegion(k * windowSize), k * windowSize);
    assert.ok(manager.stats().evictionsBy.ENOMEM > 0);
    assert.ok(mapped(path).bytes >= 4 * windowSize, 'most idle windows stayed');
    assert.equal(mapped(path).bytes, manager.stats().mappedBytes);
  },

  'addresses are short: too many windows in use is ENOMEM that names the limit': {
    // Or threads of the engine take what is free for malloc, 64 MiB at a go, before a window has it.
    env: { MALLOC_ARENA_MAX: '1' },
    run() {
      const windowSize = 64 * MIB;
      sparse(windowSize, 100);
      const manager = new SlidingWindowMapManager({ windowSize, maxMemorySize: 100 * windowSize });
      setLimit('as', memoryOf('VmSize') + ADDRESSES);
      const held: WindowCursor[] = [];
      const error = holdUntilRefused(manager, held, 100);
      assert.equal(error?.code, 'ENOMEM');
      assert.match(String(error?.message), /ulimit -v/);
      for (const [k, cursor] of held.entries()) assertAt(cursor, k * windowSize);
      held.pop()?.close();
      assertAt(manager.makeCursor(path).useRegion(99 * windowSize), 99 * windowSize);
    },
  },

  'addresses are short: forgotten cursors are found before ENOMEM': () => {
    const windowSize = 64 * MIB;
    const count = 300;
    sparse(windowSize, count);
    const manager = new SlidingWindowMapManager({ windowSize, maxMemorySize: count * windowSize });
    setLimit('as', memoryOf('VmSize') + ADDRESSES);
    for (let k = 0; k < count; k++) {
      assertAt(manager.makeCursor(path).useRegion(k * windowSize), k * windowSize);
    }
    assert.ok(manager.stats().leaked > 0);
  },

  'data is short (ulimit -d): a file larger than that can be read': () => {
    sparse(256 * MIB, 4);
    const manager = new StaticWindowMapManager();
    setLimit('data', memoryOf('VmData') + 128 * MIB);
    const cursor = manager.makeCursor(path).useRegion();
    assert.equal(cursor.size, 1024 * MIB);
    for (let k = 0; k < 4; k++) {
      const at = k * 256 * MIB;
      assert.equal(cursor.map().at(at + 3), contentByte(at + 3));
    }
  },

  'data is short: closed windows leave the engine its own': async () => {
    const windowSize = 8 * MIB;
    sparse(windowSize, 100);
    const manager = new SlidingWindowMapManager({ windowSize, maxMemorySize: windowSize });
    // Far less than all windows; more than garbage that the engine has not come to, or it ends the process itself.
    setLimit('data', memoryOf('VmData') + 384 * MIB);
    const cursor = manager.makeCursor(path);
    for (let k = 0; k < 100; k++) {
      assertAt(cursor.useRegion(k * windowSize), k * windowSize);
      assert.equal(Buffer.alloc(32 * MIB, 1).length, 32 * MIB, `after ${k} windows`);
    }
    const deflated = promisify(deflate)(cursor.buffer(), { chunkSize: MIB });
    manager.close();
    assert.ok(inflateSync(await deflated).length === windowSize);
  },

  'descriptors are short (ulimit -n): regions stay, descriptors go': () => {
    const names = Array.from({ length: 200 }, (_, i) => join(dir, `many-${i}`));
    for (const name of names) writeContent(name, 100);
    const manager = new SlidingWindowMapManager();
    setLimit('nofile', openDescriptors() + 50);
    const held = names.map((name) => manager.makeCursor(name).useRegion());
    for (const cursor of held) assert.deepEqual(cursor.buffer(), contentBytes(0, 100));
    assert.equal(manager.numFileHandles, 200);
    for (const cursor of held) cursor.refresh();
    for (const cursor of held) assert.deepEqual(cursor.buffer(), contentBytes(0, 100));
  },

  'descriptors are short: most are left to the program, whatever is mapped': () => {
    const names = Array.from({ length: 200 }, (_, i) => join(dir, `left-${i}`));
    for (const name of names) writeContent(name, 100);
    const most = 256;
    setLimit('nofile', most);
    const managers = Array.from({ length: 8 }, () => new SlidingWindowMapManager());
    const held = names.flatMap((name) =>
      managers.map((manager) => manager.makeCursor(name).useRegion()),
    );
    for (const cursor of held) assert.deepEqual(cursor.buffer(), contentBytes(0, 100));
    const kept = descriptorsOn(dir);
    assert.ok(kept > 0 && kept <= most / 4, `${kept} are held`);
  },
});
