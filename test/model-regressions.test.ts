/** Scripts in which the model once found a rule broken, made short. */

import { test } from 'node:test';
import { PAGE_SIZE } from 'smmap';
import type { Step } from './long/model/command.js';
import { begin, byteAt, readAsync } from './long/model/commands-buffer.js';
import {
  assign,
  clone,
  close,
  flush,
  forget,
  makeBlank,
  makeCursor,
  read,
  readMap,
  refresh,
  store,
  use,
} from './long/model/commands-cursor.js';
import { closeManager, cut, grow, inject, replace } from './long/model/commands-world.js';
import type { ManagerPlan } from './long/model/manager.js';
import { play } from './long/model/run.js';
import type { Plan } from './long/model/world.js';

const FILE = 12 * PAGE_SIZE;
const named = (name: number) => ({ name, as: 'path' }) as const;

/** A world of four files of twelve pages, and a manager of one-page windows. */
function world(options: Partial<ManagerPlan> = {}): Plan {
  const manager: ManagerPlan = {
    isStatic: false,
    windowPages: 1,
    maxMemorySize: Number.POSITIVE_INFINITY,
    maxOpenHandles: Number.POSITIVE_INFINITY,
    hardLimit: false,
    access: 'read',
    ...options,
  };
  return {
    files: [FILE, FILE, FILE, FILE],
    managers: [manager],
    descriptorLimit: 0,
    realGarbage: false,
    onDisk: false,
  };
}

const scripts: Readonly<Record<string, [Plan, Step[]]>> = {
  'a file that was opened and cannot be looked at is closed': [
    world(),
    [
      inject({ call: 'status', after: 0, times: 1, code: 'EIO' }),
      makeCursor(0, 0, named(0)),
      use(0, 0, 0, false),
    ],
  ],
  'a refresh that fails leaves no entry for a file that nobody uses': [
    world(),
    [
      inject({ call: 'status', after: 1, times: 1, code: 'EIO' }),
      makeCursor(0, 0, named(0)),
      refresh(0),
    ],
  ],
  'a file whose last region goes in a refresh stays known to its manager': [
    world({ isStatic: true }),
    [
      makeCursor(0, 0, named(0)),
      use(0, 0, 0, false),
      cut(0, 1),
      close(0),
      makeCursor(1, 0, named(0)),
      refresh(1),
      use(1, 0, 0, false),
      closeManager(0),
    ],
  ],
  'a forgotten cursor without a region does not hide one with a region': [
    world({ maxMemorySize: PAGE_SIZE, hardLimit: true }),
    [
      makeCursor(0, 0, named(0)),
      refresh(0),
      makeCursor(1, 0, named(0)),
      use(1, 0, 0, false),
      forget(0),
      forget(1),
      makeCursor(2, 0, named(1)),
      use(2, 0, 0, false),
    ],
  ],
  'a region that was shared with a forgotten cursor makes room for its own': [
    world({ maxMemorySize: PAGE_SIZE, hardLimit: true }),
    [
      makeCursor(0, 0, named(0)),
      use(0, 0, 0, false),
      clone(0, 1),
      forget(1),
      use(0, PAGE_SIZE, 0, false),
      read(0),
    ],
  ],
  'a limit that bent is kept again when ENOMEM made forgotten cursors known': [
    world({ maxOpenHandles: 1 }),
    [
      makeCursor(0, 0, named(0)),
      use(0, 0, 0, false),
      makeCursor(1, 0, named(1)),
      use(1, 0, 0, false),
      makeCursor(4, 0, named(2)),
      use(4, 0, 0, false),
      makeCursor(3, 0, named(3)),
      forget(0),
      forget(3),
      forget(1),
      makeCursor(2, 0, named(3)),
      inject({ call: 'map', after: 0, times: 1, code: 'ENOMEM' }),
      use(2, 0, 0, false),
    ],
  ],
  'a cursor that stepped back into a file cut meanwhile promises what there is': [
    world(),
    [
      makeCursor(0, 0, named(0)),
      use(0, 0, 0, false),
      cut(0, 1),
      inject({ call: 'map', after: 0, times: 2, code: 'ENOMEM' }),
      refresh(0),
      read(0),
    ],
  ],
  'a use that finds the file shorter and its region mapped is a hit': [
    world({ windowPages: 2 }),
    [
      makeCursor(0, 0, named(0)),
      use(0, 0, 0, false),
      cut(0, 2 * PAGE_SIZE),
      use(0, 1, 2 * PAGE_SIZE, true),
      read(0),
    ],
  ],
  'without descriptors to spare a read keeps the one that it copies': [
    world(),
    [
      makeCursor(0, 0, named(0)),
      begin(0, 0, 0),
      makeCursor(1, 0, named(1)),
      use(1, 0, 0, false),
      inject({ call: 'duplicate', after: 0, times: 3, code: 'EMFILE' }),
      readAsync(0, 0, 100),
      readAsync(0, 0, 100),
      use(1, PAGE_SIZE, 0, false),
    ],
  ],
  'a flush that fails names the file': [
    world({ access: 'write' }),
    [
      makeCursor(0, 0, named(0)),
      use(0, 0, 0, false),
      store(0, 0, 1),
      inject({ call: 'flush', after: 0, times: 1, code: 'EIO' }),
      flush(0),
    ],
  ],
  'a fault that a map told of is told, and not once more by close()': [
    world({ access: 'write', isStatic: true }),
    [makeCursor(0, 0, named(0)), use(0, 0, 0, false), cut(0, 0), readMap(0), closeManager(0)],
  ],
  'a refresh clears a fault where stores are kept': [
    world({ access: 'copy', isStatic: true }),
    [
      makeCursor(0, 0, named(0)),
      use(0, 0, 0, false),
      store(0, 0, 1),
      cut(0, PAGE_SIZE),
      read(0),
      refresh(0),
      read(0),
    ],
  ],
  'a region that is kept for its stores is not read beyond the end of the file': [
    world({ access: 'copy', isStatic: true }),
    [
      makeCursor(0, 0, named(0)),
      use(0, 0, 0, false),
      store(0, 0, 1),
      cut(0, PAGE_SIZE),
      makeCursor(1, 0, named(0)),
      use(1, 0, 0, false),
      read(1),
      grow(0, PAGE_SIZE, 1),
      replace(1, 5, 2),
      refresh(1),
      read(1),
    ],
  ],
  'regions beside the grid that no longer fit go in the order in which they came': [
    world({ windowPages: 2, maxMemorySize: 3 * PAGE_SIZE, maxOpenHandles: 1 }),
    [
      makeCursor(0, 0, named(0)),
      makeCursor(1, 0, named(0)),
      makeCursor(2, 0, named(0)),
      use(0, 7 * PAGE_SIZE, 0, true),
      use(1, PAGE_SIZE, 0, true),
      use(2, 0, 1, false),
      forget(0),
      makeCursor(0, 0, named(0)),
      use(0, 6 * PAGE_SIZE + 1, 0, true),
      cut(0, 1),
      use(0, 0, 1, false),
      use(1, 9 * PAGE_SIZE, 0, false),
      use(1, 0, 1, false),
    ],
  ],
  'a buffer whose cursor has no file any more says so as it does for any window': [
    world({ isStatic: true, maxMemorySize: 1, maxOpenHandles: 1 }),
    [makeCursor(0, 0, named(0)), begin(0, 0, 0), makeBlank(1), assign(0, 1), byteAt(0, 0)],
  ],
};

for (const [name, [plan, steps]] of Object.entries(scripts)) {
  test(name, () => play(plan, steps));
}
