/** Faults of smmap's about files: what a file is, how large it is, how it is named and opened. */

import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MapRegion, PAGE_SIZE, SlidingWindowMapBuffer, type WindowCursor } from 'smmap';
import { contentByte, contentBytes } from './support/files.js';
import {
  type Both,
  books,
  both,
  byNameAndNumber,
  type Make,
  newFile,
  numbersAt,
  outcome,
  pagesMapped,
  rows,
  same,
} from './support/smmap-rows.js';

/** The answers of both kinds of managers, for a file named in both ways. */
function everyWay<T>(
  answer: (make: Make, nameOf: (path: string) => string | number) => T,
): Both<{ path: T; descriptor: T }> {
  return both((make) => byNameAndNumber((nameOf) => answer(make, nameOf)));
}

/** One answer for all of these. */
function sameEveryWay<T>(answer: T): Both<{ path: T; descriptor: T }> {
  return same({ path: answer, descriptor: answer });
}

function firstBytes(cursor: WindowCursor): number[] {
  return [...cursor.useRegion(0).buffer().subarray(0, 4)];
}

rows('files', {
  'row 14: a file that has grown is seen as it is now': {
    right: sameEveryWay([2, true]),
    smmap: sameEveryWay([1, false]),
    ours: () =>
      everyWay((make, nameOf) => {
        const path = newFile(PAGE_SIZE);
        using manager = make();
        const name = nameOf(path);
        using old = manager.makeCursor(name).useRegion(0);
        old.unuseRegion();
        appendFileSync(path, contentBytes(PAGE_SIZE, PAGE_SIZE));
        manager.collect();
        using cursor = manager.makeCursor(name);
        const answer = [cursor.fileSize / PAGE_SIZE, cursor.useRegion(PAGE_SIZE).isValid];
        assert.deepEqual(cursor.buffer(), contentBytes(PAGE_SIZE, PAGE_SIZE));
        assert.equal(old.refresh().fileSize, 2 * PAGE_SIZE);
        assert.equal(books(manager)[1], 2);
        return answer;
      }),
  },

  'row 15: beyond the end of a file that was cut a cursor is not valid': {
    right: sameEveryWay(false),
    smmap: {
      sliding: { path: 'ValueError', descriptor: 'ValueError' },
      static: { path: 'AssertionError', descriptor: 'AssertionError' },
    },
    ours: () =>
      everyWay((make, nameOf) => {
        const path = newFile(10 * PAGE_SIZE);
        using manager = make();
        using cursor = manager.makeCursor(nameOf(path));
        assert.equal(cursor.fileSize, 10 * PAGE_SIZE);
        truncateSync(path, PAGE_SIZE);
        const answer = outcome(() => cursor.useRegion(PAGE_SIZE).isValid);
        assert.deepEqual(books(manager), [0, 0]);
        assert.deepEqual(cursor.useRegion(0).buffer(), contentBytes(0, PAGE_SIZE));
        return answer;
      }),
  },

  'row 16: a name that was given to another file stands for that file': {
    right: same(numbersAt(PAGE_SIZE, 4)),
    smmap: same(numbersAt(0, 4)),
    ours: () =>
      both((make) => {
        const path = newFile(PAGE_SIZE);
        using manager = make();
        using old = manager.makeCursor(path).useRegion(0);
        renameSync(newFile(PAGE_SIZE, PAGE_SIZE), path);
        using cursor = manager.makeCursor(path);
        const answer = firstBytes(cursor);
        assert.deepEqual(old.buffer(), contentBytes(0, PAGE_SIZE));
        assert.deepEqual(books(manager), [2, 2]);
        return answer;
      }),
  },

  'row 17: a descriptor number that was given to another file stands for that file': {
    right: same([true, numbersAt(PAGE_SIZE, 4)]),
    smmap: same([true, numbersAt(0, 4)]),
    ours: () =>
      both((make) => {
        using manager = make();
        const fd = openSync(newFile(PAGE_SIZE), 'r');
        using old = manager.makeCursor(fd).useRegion(0);
        closeSync(fd);
        const again = openSync(newFile(PAGE_SIZE, PAGE_SIZE), 'r');
        try {
          using cursor = manager.makeCursor(again);
          const answer = [again === fd, firstBytes(cursor)];
          assert.deepEqual(old.buffer(), contentBytes(0, PAGE_SIZE));
          assert.deepEqual(books(manager), [2, 2]);
          return answer;
        } finally {
          closeSync(again);
        }
      }),
  },

  'row 18: all names of a file share its regions': {
    right: same([1, [1, 1]]),
    smmap: same([5, [5, 5]]),
    ours: () =>
      both((make) => {
        const path = newFile(PAGE_SIZE);
        symlinkSync(path, `${path}-symbolic`);
        linkSync(path, `${path}-hard`);
        const folder = dirname(path);
        const around = `${folder}/../${basename(folder)}/${basename(path)}`;
        const fd = openSync(path, 'r');
        try {
          using manager = make();
          for (const name of [path, `${path}-symbolic`, `${path}-hard`, around, fd]) {
            using cursor = manager.makeCursor(name).useRegion(0);
            assert.deepEqual(cursor.buffer(), contentBytes(0, PAGE_SIZE));
          }
          return [manager.numOpenFiles, books(manager)];
        } finally {
          closeSync(fd);
        }
      }),
  },

  'row 21: a file that has neither region nor cursor is forgotten': {
    right: same([50, 0]),
    smmap: same([50, 50]),
    ours: () =>
      both((make) => {
        using manager = make();
        for (let k = 0; k < 50; k++) {
          manager.makeCursor(newFile(PAGE_SIZE)).useRegion(0).close();
        }
        const answer = [manager.collect(), manager.stats().files];
        assert.deepEqual(manager.inspect(), []);
        assert.deepEqual(books(manager), [0, 0]);
        return answer;
      }),
  },

  'row 35: a file may be named in every way in which the language names files': {
    right: same([numbersAt(0, 4), numbersAt(0, 4)]),
    smmap: same(['TypeError', 'TypeError']),
    ours: async () => {
      const path = newFile(PAGE_SIZE);
      await using handle = await open(path);
      return both((make) => {
        using manager = make();
        assert.deepEqual(firstBytes(manager.makeCursor(handle)), numbersAt(0, 4));
        const names = [pathToFileURL(path), Buffer.from(path)];
        return names.map((name) => outcome(() => firstBytes(manager.makeCursor(name))));
      });
    },
  },

  'row 36: flags that would write, create or empty the file are refused, and it is not touched': {
    right: same([
      ['ERR_OUT_OF_RANGE', 1],
      ['ERR_OUT_OF_RANGE', 1],
    ]),
    smmap: same([
      ['PermissionError', 1],
      ['ValueError', 0],
    ]),
    ours: () => {
      const { O_WRONLY, O_TRUNC, O_CREAT, O_NOATIME } = constants;
      return both((make) => {
        using manager = make();
        const missing = `${newFile(0)}-missing`;
        using nowhere = manager.makeCursor(missing);
        assert.throws(() => nowhere.useRegion(0, 0, O_CREAT), { code: 'ERR_OUT_OF_RANGE' });
        assert.equal(existsSync(missing), false);
        return [O_WRONLY, O_TRUNC].map((flags) => {
          const path = newFile(PAGE_SIZE);
          using cursor = manager.makeCursor(path);
          const used = outcome(() => cursor.useRegion(0, 0, flags).isValid);
          const refused = { code: 'ERR_OUT_OF_RANGE' };
          assert.throws(() => new SlidingWindowMapBuffer(cursor, 0, 1, flags), refused);
          assert.throws(() => new MapRegion(path, 0, PAGE_SIZE, flags), refused);
          assert.deepEqual(pagesMapped(path), []);
          const size = statSync(path).size / PAGE_SIZE;
          assert.equal(cursor.useRegion(0, 0, O_NOATIME).isValid, true);
          return [used, size];
        });
      });
    },
  },

  'row 40: a manager that is made for writing writes': {
    right: same([contentByte(6), 0, contentByte(8)]),
    smmap: same('TypeError'),
    ours: () =>
      both((make) => {
        const path = newFile(PAGE_SIZE);
        assert.notEqual(contentByte(7), 0);
        {
          using manager = make({ access: 'write' });
          using cursor = manager.makeCursor(path).useRegion(0);
          cursor.buffer()[7] = 0;
          cursor.flush();
        }
        using reader = make();
        using cursor = reader.makeCursor(path).useRegion(0);
        cursor.buffer()[6] = 0; // stays private, and goes with the window
        return [...readFileSync(path).subarray(6, 9)];
      }),
  },
});
