/** Faults of smmap's cursors: copies, ends, what is asked of one that is nowhere, what is closed by force. */

import assert from 'node:assert/strict';
import { closeSync, linkSync, openSync } from 'node:fs';
import { MapClosedError, PAGE_SIZE, WindowCursor } from 'smmap';
import { contentByte, contentBytes } from './support/files.js';
import { books, both, newFile, outcome, pagesMapped, rows, same } from './support/smmap-rows.js';

/** What a call answers that is made to believe it runs on Windows. */
function onWindows<T>(call: () => T): T {
  const real = Object.getOwnPropertyDescriptor(process, 'platform') as PropertyDescriptor;
  Object.defineProperty(process, 'platform', { ...real, value: 'win32' });
  try {
    return call();
  } finally {
    Object.defineProperty(process, 'platform', real);
  }
}

rows('cursors', {
  'row 19: a copy of a cursor in use is a cursor like any other': {
    right: same([
      [10 * PAGE_SIZE, true],
      [10 * PAGE_SIZE, true],
    ]),
    smmap: same([
      ['TypeError', 'TypeError'],
      ['TypeError', 'TypeError'],
    ]),
    ours: () =>
      both((make) => {
        const path = newFile(10 * PAGE_SIZE);
        using manager = make();
        const cursor = manager.makeCursor(path).useRegion(0);
        const assigned = new WindowCursor();
        assigned.assign(cursor);
        const copies = [cursor.clone(), assigned];
        assert.equal(cursor.region?.clientCount, 4);
        cursor.close();
        const answer = copies.map((copy) => {
          assert.deepEqual(copy.buffer(), contentBytes(0, copy.size));
          const used = outcome(() => copy.useRegion(5 * PAGE_SIZE, 100).isValid);
          assert.deepEqual(copy.buffer(), contentBytes(5 * PAGE_SIZE, 100));
          return [outcome(() => copy.fileSize), used];
        });
        assert.deepEqual(
          copies.map((copy) => [copy.path(), copy.region?.clientCount]),
          [
            [path, 3],
            [path, 3],
          ],
        );
        for (const copy of copies) copy.close();
        assert.equal(manager.collect(), manager.windowSize === 0 ? 1 : 2);
        assert.deepEqual(books(manager), [0, 0]);
        return answer;
      }),
  },

  'row 20: however cursors come and go, a file has one list of regions': {
    right: same([1, 1, [0, 0]]),
    smmap: same([2, 1, [1, 1]]),
    ours: () =>
      both((make) => {
        const path = newFile(PAGE_SIZE);
        using manager = make();
        const [first, second] = [manager.makeCursor(path), manager.makeCursor(path)];
        assert.deepEqual([first.fileSize, second.fileSize], [PAGE_SIZE, PAGE_SIZE]); // both have the file
        first.close();
        second.useRegion(0);
        const third = manager.makeCursor(path).useRegion(0);
        assert.equal(second.region, third.region);
        const mappedOnce = manager.numFileHandles;
        second.unuseRegion();
        third.unuseRegion();
        return [mappedOnce, manager.collect(), books(manager)];
      }),
  },

  'row 22: what is closed by force is neither counted nor handed out any more': {
    right: same([1, [0, 0], contentByte(5), false]),
    smmap: same([1, [1, 1], 'ValueError', true]),
    ours: () =>
      both((make) => {
        const path = newFile(PAGE_SIZE);
        using manager = make();
        const close = [
          () => onWindows(() => manager.forceMapHandleRemovalWin(path)),
          () => manager.closeUnder(path),
        ];
        const answers = close.map((closeByForce) => {
          using held = manager.makeCursor(path).useRegion(0);
          const view = held.buffer();
          const closed = outcome(closeByForce);
          assert.equal(view.length, 0);
          assert.throws(() => held.buffer(), MapClosedError);
          assert.deepEqual(manager.inspect(), []);
          const left = books(manager);
          using fresh = manager.makeCursor(path);
          return [closed, left, outcome(() => fresh.useRegion(0).buffer()[5]), held.isValid];
        });
        assert.deepEqual(answers[0], answers[1]);
        return answers[0];
      }),
  },

  'row 23: closing by force knows folders from prefixes, and passes over descriptors': {
    right: same([0, 1, 0]),
    smmap: same([null, 2, 'AttributeError']),
    ours: () =>
      both((make) => {
        const repo = newFile(PAGE_SIZE);
        linkSync(newFile(PAGE_SIZE), `${repo}2`);
        using manager = make();
        using held = manager.makeCursor(`${repo}2`).useRegion(0);
        using closed = manager.makeCursor(repo).useRegion(0);
        const elsewhere = manager.forceMapHandleRemovalWin(repo);
        assert.equal(closed.isValid, process.platform !== 'win32');
        const regions = onWindows(() => manager.forceMapHandleRemovalWin(repo));
        assert.deepEqual(held.buffer(), contentBytes(0, PAGE_SIZE));
        assert.deepEqual(pagesMapped(repo), []);
        const fd = openSync(repo, 'r');
        try {
          using numbered = make();
          using byNumber = numbered.makeCursor(fd).useRegion(0);
          const close = () => numbered.forceMapHandleRemovalWin(`${repo}2`);
          const withDescriptor = outcome(() => onWindows(close));
          assert.deepEqual(byNumber.buffer(), contentBytes(0, PAGE_SIZE));
          return [elsewhere, regions, withDescriptor];
        } finally {
          closeSync(fd);
        }
      }),
  },

  'row 24: a negative offset is refused, and nothing is mapped for it': {
    right: same(['ERR_OUT_OF_RANGE', [0, 0]]),
    smmap: {
      sliding: [
        [true, -5, 0],
        [1, 4],
      ],
      static: ['AssertionError', [1, 10]],
    },
    ours: () =>
      both((make) => {
        using manager = make();
        using cursor = manager.makeCursor(newFile(10 * PAGE_SIZE));
        const used = outcome(() => cursor.useRegion(-5, 10));
        assert.equal(cursor.isValid, false);
        return [used, books(manager)];
      }),
  },

  'row 33: a cursor that stands nowhere says so, whatever it is asked': {
    right: same([0, 0, 0, false, 'ERR_SMMAP_INVALID_CURSOR']),
    smmap: same([10, ...Array(4).fill('AttributeError')]),
    ours: () =>
      both((make) => {
        using manager = make();
        using cursor = manager.makeCursor(newFile(PAGE_SIZE)).useRegion(0, 10);
        cursor.unuseRegion();
        const answer = [
          () => cursor.size,
          () => cursor.ofsBegin,
          () => cursor.ofsEnd,
          () => cursor.includesOfs(0),
          () => new WindowCursor().useRegion(),
        ];
        return answer.map(outcome);
      }),
  },

  'row 37: a cursor that was closed is not used again': {
    right: same(['ERR_SMMAP_CLOSED', 0, [0, 0]]),
    smmap: same([true, 0, [1, 1]]),
    ours: () =>
      both((make) => {
        using manager = make();
        let kept: WindowCursor;
        {
          using cursor = manager.makeCursor(newFile(PAGE_SIZE));
          kept = cursor;
        }
        const used = outcome(() => kept.useRegion(0).isValid);
        return [used, manager.collect(), books(manager)];
      }),
  },
});
