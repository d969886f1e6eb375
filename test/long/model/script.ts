/** Any script: a world and the steps that are done in it. */

import fc from 'fast-check';
import { PAGE_SIZE } from 'smmap';
import * as some from './arguments.js';
import { any, type Step } from './command.js';
import * as buffer from './commands-buffer.js';
import * as cursor from './commands-cursor.js';
import * as world from './commands-world.js';
import { CAPACITY } from './disk.js';
import type { Injection } from './injection.js';
import type { ManagerPlan } from './manager.js';
import { type Plan, SLOTS } from './world.js';

/** Steps in the longest script. */
const LONGEST = 500;

/** Plain objects, which print as they are written. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

const managerPlans: fc.Arbitrary<ManagerPlan> = record({
  isStatic: fc.nat(4).map((n) => n === 0),
  windowPages: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 6 }) },
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.constant(0) },
  ),
  maxMemorySize: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 3, max: 40 }).map((pages) => pages * PAGE_SIZE) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 2 * CAPACITY }) },
    { weight: 1, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
  ),
  maxOpenHandles: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(Number.POSITIVE_INFINITY)),
  hardLimit: fc.nat(2).map((n) => n === 0),
  access: fc.constantFrom('read' as const, 'read' as const, 'write' as const, 'copy' as const),
});

export const plans: fc.Arbitrary<Plan> = record({
  files: fc.array(some.fileSizes, { minLength: 4, maxLength: SLOTS.names, size: 'max' }),
  managers: fc.array(managerPlans, { minLength: 1, maxLength: 2 }),
  descriptorLimit: fc.constantFrom(0, 4, 8, 12, 40),
  realGarbage: fc.nat(19).map((n) => n === 19),
  onDisk: fc.nat(9).map((n) => n === 9),
});

/** Failures of one call, the same each time. */
function failures(call: Injection['call'], ...codes: Injection['code'][]): fc.Arbitrary<Injection> {
  return record({
    call: fc.constant(call),
    after: fc.nat(2),
    times: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 12 })),
    code: fc.constantFrom(...codes),
  });
}

const injections: fc.Arbitrary<Injection> = fc.oneof(
  {
    weight: 6,
    arbitrary: failures('map', 'ENOMEM', 'ENOMEM', 'ceiling', 'EIO', 'EACCES', 'ENFILE', 'ESTALE'),
  },
  { weight: 3, arbitrary: failures('open', 'EMFILE', 'ENFILE', 'EIO', 'EACCES', 'ENOMEM') },
  { weight: 1, arbitrary: failures('duplicate', 'EMFILE', 'ENFILE') },
  { weight: 2, arbitrary: failures('status', 'EIO', 'ESTALE') },
  { weight: 2, arbitrary: failures('statusOfPath', 'EIO', 'EACCES', 'ESTALE') },
  { weight: 1, arbitrary: failures('statusOfNumber', 'EIO') },
  { weight: 1, arbitrary: failures('extend', 'ENOSPC', 'EIO') },
  { weight: 1, arbitrary: failures('flush', 'EIO') },
);

const namings: fc.Arbitrary<cursor.Naming> = fc.oneof(
  {
    weight: 12,
    arbitrary: record({
      name: some.names,
      as: fc.constantFrom('path' as const, 'path' as const, 'url' as const, 'bytes' as const),
    }),
  },
  { weight: 2, arbitrary: record({ descriptor: some.descriptors }) },
  {
    weight: 2,
    arbitrary: record({ descriptor: some.descriptors, as: fc.constant('handle' as const) }),
  },
  {
    weight: 1,
    arbitrary: record({
      special: fc.constantFrom('directory' as const, 'pipe' as const, 'proc' as const),
    }),
  },
);

const nameOrAll = fc.option(some.names, { nil: undefined, freq: 6 });
const steps = fc.constantFrom(1, 1, 1, 1, -1, 3, -700, 4097);
const scans = fc.constantFrom(
  'indexOf' as const,
  'lastIndexOf' as const,
  'includes' as const,
  'lines' as const,
);

/** Every kind of step, and how often it comes. */
const kinds: [number, fc.Arbitrary<Step>][] = [
  [80, any(cursor.makeCursor, some.cursors, some.managers, namings)],
  [1, any(cursor.makeBlank, some.cursors)],
  [70, any(cursor.use, some.cursors, some.places, some.sizes, fc.boolean())],
  [8, any(cursor.unuse, some.cursors)],
  [20, any(cursor.read, some.cursors)],
  [3, any(cursor.readMap, some.cursors)],
  [8, any(cursor.store, some.cursors, some.offsets, some.bytes)],
  [2, any(cursor.fileSize, some.cursors)],
  [6, any(cursor.refresh, some.cursors)],
  [3, any(cursor.close, some.cursors)],
  [3, any(cursor.forget, some.cursors)],
  [3, any(cursor.clone, some.cursors, some.cursors)],
  [2, any(cursor.assign, some.cursors, some.cursors)],
  [1, any(cursor.flush, some.cursors)],
  [2, any(cursor.extendFile, some.cursors, some.fileSizes)],
  [1, any(cursor.prefetch, some.cursors)],
  [14, any(buffer.begin, some.cursors, some.offsets, some.sizes)],
  [2, any(buffer.end, some.cursors)],
  [6, any(buffer.byteAt, some.cursors, some.offsets)],
  [4, any(buffer.number, some.cursors, some.offsets)],
  [6, any(buffer.slice, some.cursors, some.bounds, some.bounds, steps)],
  [4, any(buffer.subarray, some.cursors, some.bounds, some.bounds)],
  [2, any(buffer.chunks, some.cursors)],
  [3, any(buffer.scan, some.cursors, scans, some.offsets, fc.nat(40))],
  [2, any(buffer.readAsync, some.cursors, some.offsets, some.sizes)],
  [2, any(buffer.prefetchBuffer, some.cursors, some.offsets, some.sizes)],
  [2, any(world.collect, some.managers)],
  [2, any(world.collectGarbage, fc.boolean())],
  [1, any(world.closeUnder, some.managers, nameOrAll)],
  [1, any(world.closeManager, some.managers)],
  [10, any(world.renewManager, some.managers)],
  [2, any(world.replace, some.names, some.fileSizes, some.versions)],
  [1, any(world.rename, some.names, some.names)],
  [1, any(world.link, some.names, some.names)],
  [1, any(world.unlink, some.names)],
  [6, any(world.grow, some.files, some.offsets, some.versions)],
  [6, any(world.cut, some.files, some.offsets)],
  [2, any(world.overwrite, some.files, some.offsets, some.offsets, some.versions)],
  [2, any(world.openDescriptor, some.descriptors, some.names)],
  [1, any(world.closeDescriptor, some.descriptors)],
  [1, any(world.turn)],
  [4, any(world.inject, injections)],
  [6, any(world.keepView, some.cursors, some.views)],
  [6, any(world.readView, some.views)],
];

/** Any steps, those that are common as often as they should be. */
export const scripts: fc.Arbitrary<Iterable<Step>> = fc.commands(
  kinds.flatMap(([weight, kind]) => new Array<fc.Arbitrary<Step>>(weight).fill(kind)),
  { maxCommands: LONGEST, size: 'max' },
);
