/** Arguments: good ones, wrong ones, and such as run code of the caller's when they are looked at. */

import { MapRegion, MapWindow, WindowCursor } from 'smmap';
import { Marker, type World } from './world.js';

type Make = (world: World) => unknown;

const NUMBERS = [
  ...[0, -0, 1, -1, 2, 7, 8, 100, 255, 256, 4_095, 4_096, 4_097, 5_000, 32_768, 65_536, 300_002],
  ...[300_003, 300_004, 2 ** 20, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 52, 2 ** 53 - 1],
  ...[2 ** 53, 2 ** 63, 1e300, -4_096, -(2 ** 31), -(2 ** 53), 0.5, -0.5, 1.5],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
];

/** What a call that makes memory or makes a file longer may be told: more would be given, and fill the machine. */
const MOST_BYTES = 2 ** 20;
const NOBODY_HAS = 2 ** 47;

/** A number of bytes to make: small enough, or more than there can be. */
export function tame(value: unknown): unknown {
  if (typeof value !== 'number' || !(value > MOST_BYTES) || value >= NOBODY_HAS) return value;
  return value % MOST_BYTES;
}

const number: Make = (world) =>
  world.chance(2) ? world.pick(NUMBERS) : world.random(-100, 330_000);

const bytes: Make = (world) => {
  const text = world.pick(['o', 'two', 'four', '\n', '', 'x'.repeat(300)]);
  return world.pick<unknown>([text, Buffer.from(text), new Uint8Array(Buffer.from(text)), 10]);
};

/** Code of the caller's that does something unexpected, and answers anything. */
const callback: Make = (world) => () => {
  if (world.chance(3)) world.act();
  return world.pick<unknown>([undefined, true, false, 0, 1, 'x', null]);
};

/** An object that looks like another and acts whenever it is looked at. */
const spy: Make = (world) => {
  const act = () => {
    if (world.chance(4)) world.act();
  };
  const target = world.pick<object>([
    options(world) as object,
    Buffer.from('spied upon'),
    [1, 2, 3],
    { length: 4_096, fd: world.descriptor() },
    world.pick(world.objects) ?? {},
  ]);
  return new Proxy(target, {
    get: (object, key) => {
      act();
      return Reflect.get(object, key);
    },
    has: (object, key) => {
      act();
      return Reflect.has(object, key);
    },
    ownKeys: (object) => {
      act();
      return Reflect.ownKeys(object);
    },
    getPrototypeOf: (object) => {
      act();
      return Reflect.getPrototypeOf(object);
    },
  });
};

/** What becomes a primitive only by running code. */
const convertible: Make = (world) => {
  const answer = world.pick<unknown>([1, 4_096, 'large.bin', 2n, {}, Number.NaN]);
  const act = () => {
    world.act();
    return answer;
  };
  return world.pick<unknown>([
    { valueOf: act },
    { toString: act },
    { [Symbol.toPrimitive]: act },
    { [Symbol.iterator]: act },
    Object.defineProperty({}, 'fd', { get: act, enumerable: true }),
    Object.defineProperty(new Uint8Array(8), 'length', { get: act }),
    Object.assign(() => answer, { valueOf: act }),
  ]);
};

const regex: Make = (world) => {
  const plain = world.pick([/o/g, /t.o/g, /\n/, /(?:)/g, /[a-z]+/gy, /four|one/gu]);
  if (world.chance(2)) return plain;
  return Object.assign(new RegExp(plain), {
    exec: (text: string) => {
      world.act();
      return RegExp.prototype.exec.call(plain, text);
    },
  });
};

const signal: Make = (world) => {
  const controller = new AbortController();
  if (world.chance(2)) controller.abort();
  else queueMicrotask(() => controller.abort());
  return controller.signal;
};

/** Options by names that some call knows; each value good, or not. */
const options: Make = (world) => {
  const good: Record<string, Make> = {
    windowSize: () => world.pick([-1, 0, 4_096, 65_536, 100_000]),
    maxMemorySize: () => world.pick([0, 65_536, 200_000, Number.POSITIVE_INFINITY]),
    maxOpenHandles: () => world.pick([1, 2, 5, Number.POSITIVE_INFINITY]),
    hardLimit: () => world.chance(2),
    access: () => world.pick(['read', 'write', 'copy', 'default']),
    debug: () => world.chance(2),
    whole: () => world.chance(2),
    view: () => world.chance(2),
    async: () => world.chance(2),
    offset: () => world.pick([0, 1, 4_096, 10_000]),
    length: () => world.pick([0, 1, 5_000]),
    flags: () => world.pick([0, 1, 2, 0x22, 0x8000]),
    prot: () => world.pick([1, 2, 3]),
    trackFd: () => world.chance(2),
    maxMatchLength: () => world.pick([1, 10, 1_000]),
    signal: () => signal(world),
  };
  const chosen = Object.keys(good).filter(() => world.chance(6));
  const made: Record<string, unknown> = {};
  for (const name of chosen) {
    const value = world.chance(8) ? anything(world) : good[name]?.(world);
    if (!world.chance(6)) made[name] = value;
    else {
      const get = () => {
        world.act();
        return value;
      };
      Object.defineProperty(made, name, { get, enumerable: true });
    }
  }
  return made;
};

const plain: Make = (world) =>
  world.pick<unknown>([
    ...[
      undefined,
      null,
      true,
      false,
      '',
      'text',
      '\0',
      'x'.repeat(5_000),
      Symbol('s'),
      1n,
      2n ** 70n,
    ],
    ...[{}, [], new Date(), /r/, new Map(), Object.create(null), new Number(3), new String('s')],
    ...[new ArrayBuffer(40), new SharedArrayBuffer(40), new DataView(new ArrayBuffer(40))],
    ...[new BigInt64Array(5), new Float32Array(3), detached(), globalThis, new Marker('given')],
  ]);

function detached(): Uint8Array {
  const array = new Uint8Array(16);
  structuredClone(array, { transfer: [array.buffer] });
  return array;
}

const live: Make = (world) => world.pick(world.chance(2) ? world.objects : world.views);

const anything: Make = (world) =>
  world.pick([number, plain, live, spy, convertible, callback, bytes, options])(world);

const of =
  (made: abstract new (...args: never[]) => object): Make =>
  (world) =>
    world.find(made);

/** What the parameters of a call are; those of others are numbers, options or bytes. */
const HINTS: Readonly<Record<string, readonly Make[]>> = {
  makeCursor: [(world) => (world.chance(3) ? world.descriptor() : world.path())],
  MemoryMap: [(world) => (world.chance(3) ? -1 : world.descriptor()), number, options],
  open: [(world) => world.path(), options],
  SlidingWindowMapManager: [options],
  StaticWindowMapManager: [options],
  SlidingWindowMapBuffer: [of(WindowCursor), number, number],
  beginAccess: [of(WindowCursor), number, number],
  assign: [of(WindowCursor)],
  MapRegion: [(world) => world.path(), number, number],
  MapRegionList: [(world) => world.path()],
  fromRegion: [of(MapRegion)],
  extendLeftTo: [of(MapWindow), number],
  extendRightTo: [of(MapWindow), number],
  closeUnder: [(world) => world.path()],
  forceMapHandleRemovalWin: [(world) => world.path()],
  setSlice: [bytes, number, number],
  write: [bytes],
  copy: [(world) => world.pick([Buffer.alloc(5_000), live(world)]), number, number, number],
  matchAll: [regex, options],
  forEachLine: [callback],
  lines: [options],
  prefetch: [number, number, options],
  readAsync: [number, number, options],
  madvise: [(world) => world.pick(['normal', 'dontneed', 'willneed', 4, 9, 100])],
  toString: [
    (world: World) => world.pick(['utf8', 'hex', 'latin1', 'utf16le', 'nonsense']),
    number,
  ],
};

for (const name of ['find', 'rfind', 'indexOf', 'lastIndexOf', 'includes', 'count']) {
  (HINTS as Record<string, readonly Make[]>)[name] = [bytes, number, number];
}

/** Arguments for a call of this name. */
export function argumentsFor(world: World, name: string): unknown[] {
  const hints = HINTS[name] ?? [];
  const count = world.chance(6) ? world.random(0, 7) : Math.max(hints.length, world.random(0, 4));
  return Array.from({ length: count }, (_, index) => {
    const make = world.chance(4)
      ? anything
      : (hints[index] ?? world.pick([number, number, options]));
    return make(world);
  });
}
