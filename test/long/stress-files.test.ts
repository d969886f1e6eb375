/** Many times more files than descriptors (`ulimit -n`): everything is read, and nothing of another file. */

import assert from 'node:assert/strict';
import { closeSync, openSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BudgetExceededError,
  FileChangedError,
  PAGE_SIZE,
  processCounts,
  SlidingWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { native } from '#src/native.js';
import { contentBytes, tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { scaled } from '../support/scale.js';
import { assertNothingLeft, openBelow } from './stress/leaks.js';
import { SmallFiles } from './stress/small-files.js';

const DESCRIPTORS = 256;
const COUNT = scaled(6_000, 100_000);
/** The folder of the files, made by the process that runs the tests for all those that it starts. */
const { SMMAP_SMALL_FILES: folder } = process.env;
const files = folder === undefined ? SmallFiles.make(COUNT) : new SmallFiles(folder, COUNT);

const few = { ulimit: [`-n ${DESCRIPTORS}`], env: { SMMAP_SMALL_FILES: files.dir } };

function assertContent(cursor: WindowCursor, i: number): void {
  assert.deepEqual(cursor.buffer(), files.content(i), files.path(i));
}

/** Numbers from 0 to `COUNT`, each once, in an order in which none is near the one before. */
function* shuffled(): Generator<number> {
  const step = 7_919; // prime, and no divisor of COUNT
  for (let i = 0; i < COUNT; i++) yield (i * step) % COUNT;
}

function assertFewOpen(): void {
  const open = openBelow(files.dir);
  assert.ok(open <= DESCRIPTORS / 4, `${open} descriptors are open`);
}

/** Opens something until there is no descriptor left. */
function takeAll(): number[] {
  const taken: number[] = [];
  const take = () => {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  };
  assert.throws(take, { code: 'EMFILE' });
  return taken;
}

const WINDOW = PAGE_SIZE;
const SIZE = 2 * WINDOW;

/** Content that differs from `contentBytes` in every byte. */
function otherBytes(offset: number, length: number): Buffer {
  return Buffer.from(contentBytes(offset, length).map((byte) => byte ^ 0xff));
}

/** What can happen to a file; gives whether its name then stands for another one. */
const CHANGES: readonly ((path: string) => boolean)[] = [
  (path) => {
    writeFileSync(`${path}-new`, otherBytes(0, SIZE));
    renameSync(`${path}-new`, path);
    return true;
  },
  (path) => {
    unlinkSync(path); // its inode is free for the next one
    writeFileSync(path, otherBytes(0, SIZE));
    return true;
  },
  (path) => {
    writeFileSync(path, otherBytes(0, SIZE)); // in place: it is the same file
    return false;
  },
];

/** Whether the file system says when a file was made: else a used inode cannot be told from a new one. */
function tellsBirth(path: string): boolean {
  const status = new BigInt64Array(5);
  native.statusOfPath(Buffer.from(path), status);
  return status[3] !== 0n;
}

/** Files that are changed while a manager knows them and has no descriptor of theirs. */
function changeBehindTheBack(count: number, standing: boolean): void {
  const dir = tempDir();
  const paths = Array.from({ length: count }, (_, i) => join(dir, `${i}`));
  for (const path of paths) writeContent(path, SIZE);
  const manager = new SlidingWindowMapManager({ windowSize: WINDOW });
  const cursors = paths.map((path) => manager.makeCursor(path).useRegion(0, 10));
  if (!standing) {
    for (const cursor of cursors) cursor.unuseRegion();
    manager.collect(); // a mapping would keep the inode
  }
  for (let i = 0; i < DESCRIPTORS; i++) manager.makeCursor(files.path(i)).useRegion().close();
  assert.equal(openBelow(dir), 0, 'their descriptors were let go');

  for (const [i, cursor] of cursors.entries()) {
    const path = paths[i] as string;
    const inode = statSync(path).ino;
    const isOther = (CHANGES[i % CHANGES.length] as (typeof CHANGES)[0])(path);
    if (isOther) {
      const what = `${path}, its inode was ${inode}, is ${statSync(path).ino}`;
      assert.throws(() => cursor.useRegion(WINDOW), FileChangedError, what);
      assert.equal(cursor.isValid, standing);
      if (standing) assert.deepEqual(cursor.buffer(), contentBytes(0, 10), what);
      cursor.refresh();
    }
    assert.deepEqual(cursor.useRegion(WINDOW).buffer(), otherBytes(WINDOW, WINDOW));
    assert.deepEqual(cursor.useRegion(0).buffer(), otherBytes(0, WINDOW));
    cursor.close();
  }
  manager.close();
  assertNothingLeft(dir);
}

await hazards(import.meta.url, {
  'more files than descriptors, their cursors closed': {
    ...few,
    run: () => {
      const manager = new SlidingWindowMapManager();
      for (const i of shuffled()) {
        using cursor = manager.makeCursor(files.path(i)).useRegion();
        assertContent(cursor, i);
        if (i % 1_000 === 0) assertFewOpen();
      }
      assert.equal(manager.stats().misses, COUNT);
      assert.equal(manager.stats().leaked, 0);
      manager.close();
      assertNothingLeft(files.dir);
    },
  },

  'more files than descriptors, their cursors forgotten': {
    ...few,
    run: () => {
      const manager = new SlidingWindowMapManager();
      for (const i of shuffled()) {
        assertContent(manager.makeCursor(files.path(i)).useRegion(), i);
        if (i % 1_000 === 0) assertFewOpen();
      }
      const { leaked, regions } = manager.stats();
      assert.ok(regions <= processCounts().ceiling);
      assert.ok(leaked + regions >= COUNT, `${leaked} forgotten cursors were found`);
      manager.close();
      assertNothingLeft(files.dir);
    },
  },

  'more files than descriptors, their cursors kept': {
    ...few,
    run: () => {
      const manager = new SlidingWindowMapManager({ maxOpenHandles: 1_000 });
      const cursors = new Map<number, WindowCursor>();
      for (const i of shuffled()) {
        const cursor = manager.makeCursor(files.path(i)).useRegion();
        assertContent(cursor, i);
        cursor.unuseRegion();
        cursors.set(i, cursor);
        if (i % 1_000 === 0) assertFewOpen();
      }
      assert.equal(manager.stats().files, COUNT);
      for (const i of [...cursors.keys()].reverse()) {
        const cursor = cursors.get(i) as WindowCursor;
        assertContent(cursor.useRegion(), i);
        cursor.unuseRegion();
        if (i % 1_000 === 0) assertFewOpen();
      }
      assert.equal(manager.numFileHandles, 1_000);
      for (const cursor of cursors.values()) cursor.close();
      assert.equal(manager.stats().files, 1_000, 'those that have regions');
      assert.equal(manager.collect(), 1_000);
      assert.equal(manager.stats().files, 0);
      assertNothingLeft(files.dir);
    },
  },

  'more files than descriptors, their regions held: read without a descriptor': {
    ...few,
    run: () => {
      const manager = new SlidingWindowMapManager();
      const held = new Map<number, WindowCursor>();
      const hold = () => {
        for (const i of shuffled()) {
          held.set(i, manager.makeCursor(files.path(i)).useRegion());
        }
      };
      const { ceiling } = processCounts();
      const most = ceiling - Math.floor(ceiling / 8);
      if (most >= COUNT) hold();
      else assert.throws(hold, BudgetExceededError);
      assert.equal(held.size, Math.min(most, COUNT));
      assertFewOpen();
      for (const [i, cursor] of held) assertContent(cursor, i);
      for (const [i, cursor] of held) {
        assertContent(cursor.useRegion(0, 200), i);
        assert.equal(cursor.useRegion(files.content(i).length).isValid, false, 'it knows its end');
      }
      manager.close();
      assertNothingLeft(files.dir);
    },
  },

  'files that change behind the back of cursors that stand on them': {
    ...few,
    run: () => changeBehindTheBack(scaled(900, 9_000), true),
  },

  'files that change behind the back of cursors that stand nowhere': {
    ...few,
    skip: tellsBirth(files.path(0)) ? false : 'a used inode cannot be told from a new one here',
    run: () => changeBehindTheBack(scaled(900, 9_000), false),
  },

  'descriptors of which the program takes all that it can get': {
    ...few,
    run: () => {
      const none = new SlidingWindowMapManager();
      const taken = takeAll();
      using refused = none.makeCursor(files.path(0));
      assert.throws(() => refused.useRegion(), { code: 'EMFILE', path: files.path(0) });
      assert.equal(refused.isValid, false);
      closeSync(taken.pop() as number);
      assertContent(refused.useRegion(), 0); // with the one that is free now
      const manager = new SlidingWindowMapManager();
      const held = Array.from({ length: 1_000 }, (_, i) =>
        manager.makeCursor(files.path(i)).useRegion(),
      );
      for (const [i, cursor] of held.entries()) assertContent(cursor, i);
      for (const fd of taken) closeSync(fd);
      assert.equal(openBelow(files.dir), 1, 'one after the other had it');
      for (const [i, cursor] of held.entries()) assertContent(cursor.refresh(), i);
      manager.close();
      none.close();
      assertNothingLeft(files.dir);
    },
  },
});
