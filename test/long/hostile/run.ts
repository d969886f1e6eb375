/**
 * Hostile calls over the public face, in rounds; each round depends on its seed alone.
 *
 *   node run.js SEED SECONDS    rounds with the seeds from SEED on, until the time is over
 *   node run.js SEED            the round of one seed
 *
 * Prints each seed before its round, so that the last line names the one that ended the process,
 * and at the end what was done, as JSON.
 */

import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { readdirSync, writeSync } from 'node:fs';
import { types } from 'node:util';
import { MemoryMap, processCounts, SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { descriptorsOn } from '../../support/descriptors.js';
import { mapped } from '../../support/proc-maps.js';
import { type AnyClass, classes, functions, membersOf, staticsOf } from './members.js';
import { argumentsFor, tame } from './values.js';
import { folder, Marker, World } from './world.js';

const CALLS = 150;

/** Calls that make memory, or make a file longer: see `tame`. */
const MAKERS = new Set(['MemoryMap', 'anonymous', 'resize', 'extendFile', 'MapRegion']);

const figures = { rounds: 0, calls: 0, answers: 0, refusals: 0, markers: 0 };
const kinds: Record<string, number> = {};

/** What may be thrown: an error that has a code, a type or range error, or what our own code threw. */
function judge(error: unknown, what: string): void {
  if (error instanceof Marker) {
    figures.markers++;
    return;
  }
  figures.refusals++;
  assert.ok(error instanceof Error, `${what} threw ${String(error)}`);
  const { code } = error as NodeJS.ErrnoException;
  const kind = typeof code === 'string' ? code : error.name;
  kinds[kind] = (kinds[kind] ?? 0) + 1;
  const known =
    typeof code === 'string' ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    error.name === 'AbortError';
  if (!known) throw new Error(`${what} threw what nobody can know`, { cause: error });
}

/** Looks at an answer as a program would, and keeps what can be used on. */
function use(world: World, answer: unknown, what: string): void {
  figures.answers++;
  if (typeof answer !== 'object' || answer === null || types.isProxy(answer)) return;
  if (answer instanceof Promise) {
    world.pending.push(
      answer.then(
        () => undefined,
        (error) => judge(error, what),
      ),
    );
    return;
  }
  if (answer instanceof Uint8Array) {
    if (world.chance(2)) answer[answer.length - 1] = (answer[0] ?? 0) + 1;
    world.views.push(answer);
  } else if (classes.some(([, made]) => answer instanceof made)) {
    world.objects.push(answer);
  } else if (Symbol.iterator in answer) {
    let steps = 0;
    for (const _ of answer as Iterable<unknown>) {
      if (world.chance(8)) world.act();
      if (++steps === 20) break;
    }
  }
}

function attempt(world: World, what: string, call: () => unknown): void {
  figures.calls++;
  try {
    use(world, call(), what);
  } catch (error) {
    judge(error, what);
  }
}

function construct(world: World, [name, made]: [string, AnyClass]): void {
  const args = argumentsFor(world, name);
  const given = MAKERS.has(name) ? args.map(tame) : args;
  attempt(world, `new ${name}`, () => Reflect.construct(made, given));
}

function callOn(world: World, object: object, key: PropertyKey): void {
  const name = String(key);
  const args = argumentsFor(world, name);
  const given = MAKERS.has(name) ? args.map(tame) : args;
  attempt(world, name, () => {
    const member: unknown = Reflect.get(object, key);
    if (typeof member !== 'function') {
      // Not what the object itself has: a program that stores there harms its own object only.
      if (!Object.hasOwn(object, key) && world.chance(8)) Reflect.set(object, key, given[0]);
      return member;
    }
    const receiver = world.chance(20) ? given[0] : object;
    return Reflect.apply(member as (...args: unknown[]) => unknown, receiver, given);
  });
}

function step(world: World): void {
  const choice = world.random(0, 20);
  if (choice === 0) construct(world, world.pick(classes));
  else if (choice === 1) {
    const [name, call] = world.pick(functions);
    attempt(world, name, () => call(...argumentsFor(world, name).map(tame)));
  } else if (choice === 2) {
    const [, made] = world.pick(classes);
    const key = world.pick(staticsOf(made));
    if (key !== undefined) callOn(world, made, key);
  } else if (choice === 3) {
    attempt(world, 'act', () => world.act());
  } else if (choice === 4) {
    attempt(world, 'begin', () => begin(world)); // by now most are closed
  } else {
    const object = world.pick(world.objects);
    const key = world.pick(membersOf(object));
    if (key !== undefined) callOn(world, object, key);
  }
}

/** What nearly every sequence needs first. */
function begin(world: World): void {
  const manager = new SlidingWindowMapManager({
    windowSize: world.pick([4_096, 65_536]),
    maxMemorySize: world.pick([65_536, 400_000]),
    hardLimit: world.chance(2),
    access: world.pick(['read', 'write', 'copy']),
  });
  world.objects.push(manager);
  const map = MemoryMap.open('small.bin', { access: world.pick(['read', 'write', 'copy']) });
  world.objects.push(map);
  world.objects.push(manager.makeCursor('large.bin').useRegion(world.random(0, 300_000)));
  world.objects.push(new SlidingWindowMapBuffer(manager.makeCursor('lines.txt')));
}

async function round(seed: number): Promise<void> {
  writeSync(1, `seed ${seed}\n`);
  const descriptors = readdirSync('/proc/self/fd').length;
  const world = new World(seed);
  const listener = () => {
    try {
      if (world.chance(3)) world.act();
    } catch {
      // a listener's own failure would be an uncaught exception, as with every channel
    }
  };
  const told = channel(`smmap:${world.pick(['map', 'unmap', 'evict', 'fault', 'retry'])}`);
  told.subscribe(listener);
  attempt(world, 'begin', () => begin(world));
  for (let i = 0; i < CALLS; i++) {
    step(world);
    if (world.chance(30)) await new Promise((resolve) => setImmediate(resolve));
  }
  told.unsubscribe(listener);
  await world.end();
  assert.equal(mapped(folder).lines, 0, 'files are still mapped');
  assert.equal(processCounts().maps, 0, 'mappings are left');
  assert.equal(descriptorsOn(folder), 0, 'files are still open');
  assert.equal(readdirSync('/proc/self/fd').length, descriptors, 'descriptors are left');
  figures.rounds++;
}

const [seed = '1', seconds] = process.argv.slice(2);
const end = performance.now() + Number(seconds ?? 0) * 1_000;
let next = Number(seed);
do await round(next++);
while (performance.now() < end);
writeSync(1, `${JSON.stringify({ ...figures, kinds })}\n`);
