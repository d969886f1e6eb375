/** A disk on which no room is left, under a manager that writes: a file system of 1 MiB of its own. */

import assert from 'node:assert/strict';
import {
  appendFileSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { MapFaultError, MemoryMap, PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { native } from '#src/native.js';
import { contentBytes, tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { wayToMount } from '../support/mounts.js';

const MIB = 2 ** 20;
/** Where the small disk is; a hazard's own process is told. */
const disk = process.env.SMMAP_SMALL_DISK ?? tempDir();
const path = join(disk, 'file.bin');
const SIZE = 100 * PAGE_SIZE + 7;

function writer(): SlidingWindowMapManager {
  return new SlidingWindowMapManager({ windowSize: 16 * PAGE_SIZE, access: 'write' });
}

/** What is tried, each in a process and on a disk of its own. */
const TRIALS: Readonly<Record<string, () => void>> = {
  'extendFile says so, leaves the file as it was, and works when there is room': () => {
    writeContent(path, SIZE);
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc(MIB / 4));
    const manager = writer();
    const cursor = manager.makeCursor(path).useRegion(SIZE - 10);
    const { blocks } = statSync(path);
    const enospc = { code: 'ENOSPC', path };
    for (const size of [MIB - MIB / 4 + PAGE_SIZE, MIB, 2 ** 40]) {
      assert.throws(() => cursor.extendFile(size), enospc);
      assert.equal(cursor.fileSize, SIZE);
      assert.equal(statSync(path).blocks, blocks, 'what was allocated is free again');
      assert.ok(readFileSync(path).equals(contentBytes(0, SIZE)));
    }
    assert.deepEqual(cursor.buffer(), contentBytes(SIZE - 10, 10));
    unlinkSync(filler);
    cursor.extendFile(MIB - 64 * 1024);
    for (let offset = 0; offset < cursor.fileSize; offset = cursor.ofsEnd) {
      cursor.useRegion(offset);
      contentBytes(offset, cursor.size).copy(cursor.buffer());
    }
    manager.close();
    assert.ok(readFileSync(path).equals(contentBytes(0, MIB - 64 * 1024)));
  },

  'extendFile that fails cuts nothing that somebody else appended meanwhile': () => {
    writeContent(path, SIZE);
    const manager = writer();
    const cursor = manager.makeCursor(path).useRegion(0);
    const extend = native.extend;
    native.extend = (...asked) => {
      appendFileSync(path, contentBytes(SIZE, 100)); // after the size was asked for
      extend(...asked);
    };
    assert.throws(() => cursor.extendFile(2 * MIB), { code: 'ENOSPC' });
    native.extend = extend;
    assert.ok(readFileSync(path).equals(contentBytes(0, SIZE + 100)));
    cursor.extendFile(SIZE + 200).useRegion(SIZE, 200);
    assert.ok(cursor.buffer().subarray(0, 100).equals(contentBytes(SIZE, 100)));
    manager.close();
  },

  'a store into a hole for which there is no block is no crash, and is told': () => {
    writeContent(path, SIZE);
    truncateSync(path, 4 * MIB); // without blocks: that is what extendFile is for
    const manager = writer();
    const cursor = manager.makeCursor(path);
    let kept = SIZE;
    const fill = () => {
      for (let offset = 0; offset < 4 * MIB; offset = cursor.ofsEnd) {
        cursor.useRegion(offset);
        contentBytes(offset, cursor.size).copy(cursor.buffer());
        cursor.flush();
        kept = cursor.ofsEnd;
      }
    };
    assert.throws(fill, (error) => error instanceof MapFaultError && error.offset === kept);
    assert.ok(kept > MIB / 2);
    assert.ok(readFileSync(path).subarray(0, kept).equals(contentBytes(0, kept)));
    manager.close();
  },

  'a store that is lost and not flushed is told by close': () => {
    writeFileSync(path, '');
    truncateSync(path, 4 * MIB);
    const manager = new SlidingWindowMapManager({ windowSize: 4 * MIB, access: 'write' });
    manager.makeCursor(path).useRegion(0).buffer().fill(1);
    assert.throws(() => manager.close(), MapFaultError);
    manager.close();
  },
};

/** The same where blocks can only be had by storing into them. */
const BLOCK_BY_BLOCK: Readonly<Record<string, () => void>> = {
  'no fallocate: growth that fails half-way leaves the file as it was': () => {
    writeContent(path, SIZE);
    using manager = writer();
    using cursor = manager.makeCursor(path).useRegion(SIZE - 10);
    using map = MemoryMap.open(path, { access: 'write' });
    const refused = { code: 'EFBIG', path };
    for (const size of [2 * MIB, 2 ** 30]) {
      assert.throws(() => cursor.extendFile(size), refused);
      assert.throws(() => map.resize(size), refused);
      assert.deepEqual([statSync(path).size, map.length, cursor.fileSize], [SIZE, SIZE, SIZE]);
    }
    assert.ok(readFileSync(path).equals(contentBytes(0, SIZE)));
    map.resize(SIZE + PAGE_SIZE);
    assert.equal(statSync(path).size, SIZE + PAGE_SIZE);
  },
};

/** Makes a file system that only a process and its children see, and that goes with them. */
function mounting(how: string): string[] {
  return ['sh', '-c', `${how} "$SMMAP_SMALL_DISK" && exec "$@"`, 'sh'];
}

process.env.SMMAP_SMALL_DISK = disk; // also for the processes of the hazards

function on(how: string, trials: Readonly<Record<string, () => void>>) {
  const mount = mounting(how);
  const way = wayToMount([...mount, 'true']);
  const under = [...(way ?? []), ...mount];
  const skip = way === undefined ? 'no such file system may be mounted here' : false;
  return Object.entries(trials).map(([name, run]) => [name, { run, skip, under }] as const);
}

await hazards(
  import.meta.url,
  Object.fromEntries([
    ...on('mount -t tmpfs -o size=1m smmap', TRIALS),
    // 1 MiB at the most; a store beyond it is to be refused and no signal, which Node alone ignores.
    ...on("trap '' XFSZ && ulimit -f 2048 && mount -t ramfs smmap", BLOCK_BY_BLOCK),
  ]),
);
