/** Steps that work on managers, on the disk, and on what is kept. */

import { command } from './command.js';
import type { CursorModel } from './cursor.js';
import { CAPACITY } from './disk.js';
import { inject as arm, type Injection } from './injection.js';
import type { ManagerModel } from './manager.js';
import { collectAndTell } from './probe.js';
import { Refusal } from './refusal.js';
import type { World } from './world.js';

const manager = (world: World, at: number) => world.managers[at] as ManagerModel;
const hasManager = (world: World, at: number) => manager(world, at) !== undefined;

export const collect = command('collect', hasManager, (world, at: number) =>
  world.step(
    () => manager(world, at).real.collect(),
    () => manager(world, at).collect(),
  ),
);

/** The engine collects garbage of its own accord. */
export const collectGarbage = command(
  'collectGarbage',
  (_world, _young: boolean) => true,
  (world, young) =>
    world.step(
      () => collectAndTell(young),
      () => {
        while (world.managers.some((each) => each.bury())) {}
      },
    ),
);

/** Closes what is below a name, or below the folder of all of them. */
export const closeUnder = command(
  'closeUnder',
  (world, at: number, _name: number | undefined) => hasManager(world, at),
  (world, at, name) => {
    const { disk } = world.flow;
    const path = name === undefined ? disk.dir : disk.path(name);
    return world.step(
      () => manager(world, at).real.closeUnder(path),
      () => manager(world, at).closeUnder(name),
    );
  },
);

export const closeManager = command('closeManager', hasManager, (world, at: number) =>
  world.step(
    () => manager(world, at).real.close(),
    () => manager(world, at).close(),
  ),
);

/** Makes another manager in the place of a closed one. */
export const renewManager = command(
  'renewManager',
  (world, at: number) => world.managers[at]?.closed,
  (world, at) =>
    world.step(
      () => undefined,
      () => world.renew(at),
    ),
);

/** What is done to the disk: nothing of it is a call of the package. */
function onDisk<Args extends readonly unknown[]>(
  name: string,
  body: (world: World, ...args: Args) => void,
) {
  return command<Args>(
    name,
    () => true,
    (world, ...args) =>
      world.step(
        () => body(world, ...args),
        () => undefined,
      ),
  );
}

export const replace = onDisk('replace', (world, name: number, size: number, version: number) =>
  world.replace(name, size, version),
);
export const rename = onDisk('rename', ({ flow }, from: number, to: number) =>
  flow.disk.rename(from, to),
);
export const link = onDisk('link', ({ flow }, from: number, to: number) =>
  flow.disk.link(from, to),
);
export const unlink = onDisk('unlink', ({ flow }, name: number) => flow.disk.unlink(name));

const fileAt = ({ flow }: World, at: number) => flow.disk.files[at % flow.disk.files.length];

/** Makes a file longer, by bytes of a version. */
export const grow = onDisk('grow', (world, at: number, bytes: number, version: number) => {
  const file = fileAt(world, at);
  file?.write(file.size, Math.min(file.size + bytes, CAPACITY), version);
});

/** Makes a file shorter. */
export const cut = onDisk('cut', (world, at: number, size: number) => {
  const file = fileAt(world, at);
  if (file !== undefined && size < file.size) file.resize(size);
});

/** Writes over a part of a file. */
export const overwrite = onDisk(
  'overwrite',
  (world, at: number, offset: number, length: number, version: number) => {
    const file = fileAt(world, at);
    if (file !== undefined && offset < file.size) {
      file.write(offset, Math.min(offset + length, file.size), version);
    }
  },
);

export const openDescriptor = onDisk('openDescriptor', (world, at: number, name: number) =>
  world.openDescriptor(at, name),
);
export const closeDescriptor = onDisk('closeDescriptor', (world, at: number) =>
  world.closeDescriptor(at),
);

/** Lets the event loop turn. */
export const turn = command(
  'turn',
  () => true,
  (world) =>
    world.step(
      async () => undefined,
      () => undefined,
    ),
);

/** Has calls of the system fail from now on. */
export const inject = command(
  'inject',
  (_world: World, _injection: Injection) => true,
  (_world, injection) => arm(injection),
);

/** Keeps a cursor's view. */
export const keepView = command(
  'keepView',
  (world, slot: number, _at: number) => world.cursors[slot] !== undefined,
  async (world, slot, at) => {
    const cursor = world.cursors[slot] as CursorModel;
    let view: Buffer | undefined;
    await world.step(
      () => {
        view = cursor.real.buffer();
        if (view !== cursor.real.buffer()) throw new Error('two views while nothing changed');
      },
      () => {
        const region = cursor.sound();
        const { begin, size: length } = cursor;
        const { generation } = region;
        if (view !== undefined) world.views[at] = { view, region, begin, length, generation };
      },
    );
  },
);

/** Reads a kept view: the bytes of its region, or nothing once that is gone. */
export const readView = command(
  'readView',
  (world, at: number) => world.views[at] !== undefined,
  (world, at) =>
    world.step(
      () => Buffer.from(world.views[at]?.view ?? []),
      () => {
        const kept = world.views[at];
        if (kept === undefined) throw new Refusal('no view');
        if (kept.region.generation > kept.generation) return Buffer.alloc(0);
        return kept.region.read(kept.begin, kept.begin + kept.length);
      },
    ),
);
