/** Cursors that are copied are full cursors; those that are forgotten are told of where that is asked for. */

import assert from 'node:assert/strict';
import { closeSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  BudgetExceededError,
  MapClosedError,
  type MapManagerOptions,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  WindowCursor,
} from 'smmap';
import { contentBytes } from './support/files.js';
import { assertNothingLeft, dir, MANAGERS, newFile, read, SIZE } from './support/lifetimes.js';
import { mapped } from './support/proc-maps.js';

/** Ways to have a second cursor in the place of a first. */
const COPIES: Readonly<Record<string, (cursor: WindowCursor) => WindowCursor>> = {
  clone: (cursor) => cursor.clone(),
  'assign to a new cursor': (cursor) => {
    const copy = new WindowCursor();
    copy.assign(cursor);
    return copy;
  },
};

for (const [kind, make] of Object.entries(MANAGERS)) {
  for (const [how, copyOf] of Object.entries(COPIES)) {
    describe(`${how}, ${kind}`, () => {
      test('of a cursor in use: it reads, moves and asks on its own, after the first has gone', () => {
        using manager = make();
        const path = newFile();
        const cursor = read(manager, path);
        const copy = copyOf(cursor);
        assert.deepEqual([copy.ofsBegin, copy.ofsEnd, copy.size], [SIZE - 10, SIZE, 10]);
        assert.deepEqual([copy.path(), copy.fileSize, copy.isAssociated], [path, SIZE, true]);
        assert.equal(copy.region, cursor.region);
        assert.equal(copy.region?.clientCount, 3);
        cursor.close();
        assert.equal(copy.region?.clientCount, 2);
        assert.deepEqual(copy.buffer(), contentBytes(SIZE - 10, 10));
        assert.deepEqual(copy.useRegion(0, 100).buffer(), contentBytes(0, 100));
        assert.deepEqual(copy.refresh().buffer(), contentBytes(0, 100));
        assert.equal(copy.useRegion(SIZE).isValid, false);
        copy.close();
        manager.collect();
        assertNothingLeft(manager);
      });

      test('of a cursor that was never used: the file is not touched', () => {
        using manager = make();
        const copy = copyOf(manager.makeCursor(join(dir, 'missing')));
        assert.equal(copy.isAssociated, true);
        assert.equal(manager.stats().files, 0);
        assert.throws(() => copy.useRegion(0), { code: 'ENOENT' });
      });

      test('of a cursor that stands nowhere', () => {
        using manager = make();
        const copy = copyOf(read(manager, newFile()).useRegion(SIZE));
        assert.deepEqual([copy.isValid, copy.fileSize, copy.size], [false, SIZE, 0]);
        assert.deepEqual(copy.useRegion(7, 9).buffer(), contentBytes(7, 9));
      });

      test('of a cursor without a file', () => {
        assert.equal(copyOf(new WindowCursor()).isAssociated, false);
      });

      test('of a cursor whose file has lost its name: both have the old file', () => {
        using manager = make();
        const path = newFile();
        using cursor = read(manager, path);
        renameSync(newFile(10), path);
        using copy = copyOf(cursor);
        cursor.close();
        assert.equal(copy.fileSize, SIZE);
        assert.deepEqual(copy.useRegion(0, 10).buffer(), contentBytes(0, 10));
        assert.equal(copy.refresh().fileSize, 10);
      });

      test('of a cursor whose descriptor is closed by now', () => {
        using manager = make();
        const fd = openSync(newFile(), 'r');
        using cursor = read(manager, fd);
        closeSync(fd);
        using copy = copyOf(cursor);
        cursor.close();
        assert.equal(copy.fd(), fd);
        assert.deepEqual(copy.useRegion(0, 10).buffer(), contentBytes(0, 10));
      });
    });
  }

  describe(`assign, ${kind}`, () => {
    test('leaves what the cursor had, its file and its manager included', () => {
      using first = make();
      using second = make();
      const cursor = read(first, newFile());
      const left = cursor.region;
      const other = read(second, newFile());
      cursor.assign(other);
      assert.equal(left?.clientCount, 1);
      first.collect();
      assert.deepEqual([first.stats().files, first.numFileHandles], [0, 0]);
      first.close();
      assert.deepEqual(cursor.useRegion(0, 20).buffer(), contentBytes(0, 20));
      cursor.assign(new WindowCursor());
      assert.equal(cursor.isAssociated, false);
      assert.equal(cursor.isValid, false);
      assert.equal(second.stats().files, 1);
      other.close();
      second.collect();
      assert.deepEqual([second.stats().files, mapped(dir).bytes], [0, 0]);
    });

    test('of or to a closed cursor is refused, and nothing changes', () => {
      using manager = make();
      const cursor = read(manager, newFile());
      const closed = read(manager, newFile());
      closed.close();
      assert.throws(() => cursor.assign(closed), MapClosedError);
      assert.deepEqual(cursor.buffer(), contentBytes(SIZE - 10, 10));
      assert.throws(() => closed.assign(cursor), MapClosedError);
      assert.throws(() => closed.clone(), MapClosedError);
      assert.equal(cursor.region?.clientCount, 2);
    });

    test('a buffer over the cursor reads the file that the cursor has now', () => {
      using manager = make();
      const buffer = new SlidingWindowMapBuffer(manager.makeCursor(newFile()));
      assert.equal(buffer.at(0), contentBytes(0, 1)[0]);
      const other = newFile();
      buffer.cursor?.assign(manager.makeCursor(other));
      manager.collect();
      assert.equal(manager.numFileHandles, 0);
      assert.deepEqual(buffer.slice(3, SIZE), contentBytes(3, SIZE - 3));
      assert.ok(mapped(other).bytes > 0);
    });
  });
}

/** Everything that is warned of while `call` runs and up to the next turn. */
async function warningsOf(call: () => void): Promise<Error[]> {
  const warnings: Error[] = [];
  const listener = (warning: Error) => warnings.push(warning);
  process.on('warning', listener);
  try {
    call();
    await turn();
    return warnings;
  } finally {
    process.off('warning', listener);
  }
}

/** Forgets cursors on twenty pages, with room for two, and so has them found. */
function forgetCursors(options: MapManagerOptions): SlidingWindowMapManager {
  const limits = { windowSize: PAGE_SIZE, maxMemorySize: 2 * PAGE_SIZE };
  const manager = new SlidingWindowMapManager({ ...limits, ...options });
  const path = newFile(20 * PAGE_SIZE);
  for (let page = 0; page < 20; page++) forgetOneHere(manager, path, page);
  assert.ok(manager.stats().leaked >= 15, `${manager.stats().leaked} were found`);
  return manager;
}

function forgetOneHere(manager: SlidingWindowMapManager, path: string, page: number): void {
  const cursor = manager.makeCursor(path).useRegion(page * PAGE_SIZE);
  assert.equal(cursor.buffer()[0], contentBytes(page * PAGE_SIZE, 1)[0]);
}

/** A warning of Node's, with what Node adds to it. */
interface Warning extends Error {
  code?: string;
  detail?: string;
}

describe('the option debug', () => {
  test('the first cursor that is found forgotten is warned of, with the place of its first use', async () => {
    const warnings: Warning[] = await warningsOf(() => forgetCursors({ debug: true }).close());
    assert.deepEqual(
      warnings.map(({ code, name }) => ({ code, name })),
      [{ code: 'SMMAP_FORGOTTEN_CURSOR', name: 'SmmapWarning' }],
    );
    assert.match(warnings[0]?.message ?? '', /file\.bin/);
    assert.match(warnings[0]?.detail ?? '', /^ +at forgetOneHere \(.*manager-lifetime-cursors/m);
  });

  test('each manager warns for itself', async () => {
    const twice = () => [1, 2].map(() => forgetCursors({ debug: true }).close());
    assert.equal((await warningsOf(twice)).length, 2);
  });

  test('without it nothing is warned of; with it neither, where all are closed', async () => {
    assert.deepEqual(await warningsOf(() => forgetCursors({}).close()), []);
    const closeAll = () => {
      using manager = new SlidingWindowMapManager({
        windowSize: PAGE_SIZE,
        maxMemorySize: 2 * PAGE_SIZE,
        debug: true,
      });
      const path = newFile();
      for (let page = 0; page < 5; page++) {
        using cursor = manager.makeCursor(path).useRegion(page * PAGE_SIZE);
        using copy = cursor.clone();
        assert.equal(copy.isValid, true);
      }
      assert.equal(manager.stats().leaked, 0);
    };
    assert.deepEqual(await warningsOf(closeAll), []);
  });

  /** The error of a manager with room for two pages, both of which are in use, one by two cursors. */
  function exceeded(debug: boolean): BudgetExceededError {
    using manager = new SlidingWindowMapManager({
      windowSize: PAGE_SIZE,
      maxMemorySize: 2 * PAGE_SIZE,
      hardLimit: true,
      debug,
    });
    const path = newFile();
    function firstHolder(): WindowCursor {
      return manager.makeCursor(path).useRegion(0);
    }
    function secondHolder(): WindowCursor {
      return manager.makeCursor(path).useRegion(PAGE_SIZE);
    }
    function copier(cursor: WindowCursor): WindowCursor {
      return cursor.clone();
    }
    using first = firstHolder();
    using second = secondHolder();
    using copy = copier(first);
    assert.ok(second.isValid && copy.isValid);
    try {
      manager.makeCursor(path).useRegion(2 * PAGE_SIZE);
    } catch (error) {
      assert.ok(error instanceof BudgetExceededError);
      return error;
    }
    return assert.fail('the limit was passed');
  }

  test('BudgetExceededError tells where each holder was first used', () => {
    const { holders } = exceeded(true);
    const places = holders.map(({ stacks }) => stacks?.map((stack) => /at (\w+)/.exec(stack)?.[1]));
    assert.deepEqual(places, [['firstHolder', 'copier'], ['secondHolder']]);
    const lines = holders.flatMap(({ stacks }) => stacks ?? []).flatMap((s) => s.split('\n'));
    assert.ok(lines.every((line) => /^ +at /.test(line) && !line.includes('/bundle/')));
  });

  test('and without it does not', () => {
    for (const holder of exceeded(false).holders) assert.equal('stacks' in holder, false);
  });
});
