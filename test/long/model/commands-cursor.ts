/** Steps that work on cursors and on views of them. */

import { pathToFileURL } from 'node:url';
import { type PathOrFd, WindowCursor } from 'smmap';
import { command } from './command.js';
import { CursorModel } from './cursor.js';
import type { Source } from './entry.js';
import { Refusal } from './refusal.js';
import { specialFiles } from './special.js';
import type { World } from './world.js';

/** How a file is named to `makeCursor`. */
export type Naming =
  | { name: number; as: 'path' | 'url' | 'bytes' }
  | { descriptor: number; as?: 'handle' }
  | { special: keyof typeof specialFiles };

/** What is handed to `makeCursor`, and what it stands for; `undefined`: there is no such descriptor. */
function named(world: World, naming: Naming): { given: PathOrFd; source: Source } | undefined {
  if ('descriptor' in naming) {
    const fd = world.descriptors[naming.descriptor];
    if (fd === undefined) return undefined;
    return { given: naming.as === 'handle' ? { fd } : fd, source: { fd } };
  }
  if ('special' in naming) {
    const source = specialFiles[naming.special];
    return { given: source.path, source };
  }
  const path = world.flow.disk.path(naming.name);
  const forms = { path, url: pathToFileURL(path), bytes: Buffer.from(path) };
  return { given: forms[naming.as], source: { path, slot: naming.name } };
}

const has = (world: World, slot: number) => world.cursors[slot] !== undefined;
/** Whether another cursor can take the place: nothing is lost with the one that is there. */
const isFree = (world: World, slot: number) => {
  const { lease, manager } = world.cursors[slot] ?? {};
  return lease === undefined || lease.entry.closed || manager?.closed === true;
};
const at = (world: World, slot: number) => world.cursors[slot] as CursorModel;

export const makeCursor = command(
  'makeCursor',
  (world, slot: number, manager: number, naming: Naming) =>
    isFree(world, slot) && world.managers[manager] && named(world, naming),
  async (world, slot, manager, naming) => {
    const model = world.managers[manager];
    const name = named(world, naming);
    if (model === undefined || name === undefined) return;
    let made: WindowCursor | undefined;
    await world.step(
      () => {
        made = model.real.makeCursor(name.given);
      },
      () => {
        if (model.closed) throw new Refusal('ERR_SMMAP_CLOSED');
        world.put(slot, new CursorModel(made as WindowCursor, world.flow, model, name.source));
      },
    );
  },
);

export const makeBlank = command(
  'makeBlank',
  (world, slot: number) => isFree(world, slot),
  (world, slot) =>
    world.step(
      () => undefined,
      () => world.put(slot, new CursorModel(new WindowCursor(), world.flow)),
    ),
);

export const use = command(
  'use',
  (world, slot: number, _offset: number, _size: number, _whole: boolean) => has(world, slot),
  (world, slot, offset, size, whole) =>
    world.step(
      () => at(world, slot).real.useRegion(offset, size, { whole }) === at(world, slot).real,
      () => {
        world.flow.trace.take('used', 'useRegion');
        at(world, slot).use(offset, size, whole);
        return true;
      },
    ),
);

export const unuse = command(
  'unuse',
  (world, slot: number) => has(world, slot),
  (world, slot) =>
    world.step(
      () => at(world, slot).real.unuseRegion(),
      () => at(world, slot).unuse(),
    ),
);

/** Reads all that the cursor shows. */
export const read = command(
  'read',
  (world, slot: number) => has(world, slot),
  (world, slot) =>
    world.step(
      () => Buffer.from(at(world, slot).real.buffer()),
      () => {
        const { begin, size } = at(world, slot);
        return at(world, slot)
          .sound()
          .read(begin, begin + size);
      },
    ),
);

/** Reads all of the region through the map over it. */
export const readMap = command(
  'readMap',
  (world, slot: number) => has(world, slot),
  (world, slot) =>
    world.step(
      () => {
        const { real } = at(world, slot);
        const map = real.map();
        if (map !== real.map()) throw new Error('two maps while nothing changed');
        return Buffer.concat([map.slice(0, 100), map.slice(100)]);
      },
      () => {
        const cursor = at(world, slot);
        const region = cursor.sound();
        const bytes = region.read(region.begin, region.end);
        cursor.manager?.verify(region);
        return bytes;
      },
    ),
);

/** Stores a byte through the cursor's view; in a writing manager only inside the file. */
export const store = command(
  'store',
  (world, slot: number, _at: number, _byte: number) => {
    const cursor = world.cursors[slot];
    return cursor?.region !== undefined && cursor.region.entry.file.size > cursor.begin;
  },
  (world, slot, place, byte) => {
    const { region, begin, size } = at(world, slot);
    const room = Math.min(size, (region?.entry.file.size ?? 0) - begin);
    return world.step(
      () => {
        at(world, slot).real.buffer()[place % room] = byte;
      },
      () =>
        at(world, slot)
          .sound()
          .store(begin + (place % room), byte),
    );
  },
);

export const fileSize = command(
  'fileSize',
  (world, slot: number) => has(world, slot),
  (world, slot) =>
    world.step(
      () => at(world, slot).real.fileSize,
      () => at(world, slot).leased().entry.size,
    ),
);

export const refresh = command(
  'refresh',
  (world, slot: number) => has(world, slot),
  (world, slot) =>
    world.step(
      () => at(world, slot).real.refresh() === at(world, slot).real,
      () => {
        at(world, slot).refresh();
        return true;
      },
    ),
);

export const close = command(
  'close',
  (world, slot: number) => has(world, slot),
  (world, slot) =>
    world.step(
      () => at(world, slot).real.close(),
      () => at(world, slot).close(),
    ),
);

/** Nobody has the cursor any more, nor the buffer that reads through it. */
export const forget = command(
  'forget',
  (world, slot: number) => world.cursors[slot]?.closed === false,
  (world, slot) =>
    world.step(
      () => undefined,
      () => world.forget(slot),
    ),
);

export const clone = command(
  'clone',
  (world, from: number, to: number) => has(world, from) && isFree(world, to) && from !== to,
  async (world, from, to) => {
    let made: WindowCursor | undefined;
    await world.step(
      () => {
        made = at(world, from).real.clone();
      },
      () => {
        const blank = new CursorModel(made as WindowCursor, world.flow);
        blank.assign(at(world, from));
        world.put(to, blank);
      },
    );
  },
);

export const assign = command(
  'assign',
  (world, to: number, from: number) => has(world, to) && has(world, from),
  (world, to, from) =>
    world.step(
      () => at(world, to).real.assign(at(world, from).real),
      () => at(world, to).assign(at(world, from)),
    ),
);

export const flush = command(
  'flush',
  (world, slot: number) => has(world, slot),
  (world, slot) =>
    world.step(
      () => at(world, slot).real.flush(),
      () => at(world, slot).flush(),
    ),
);

export const extendFile = command(
  'extendFile',
  (world, slot: number, _size: number) => has(world, slot),
  (world, slot, size) =>
    world.step(
      () => at(world, slot).real.extendFile(size) === at(world, slot).real,
      () => {
        at(world, slot).extendFile(size);
        return true;
      },
    ),
);

export const prefetch = command(
  'prefetch',
  (world, slot: number) => has(world, slot),
  (world, slot) =>
    world.step(
      () => at(world, slot).real.prefetch(),
      () => at(world, slot).prefetch(),
    ),
);
