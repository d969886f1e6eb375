/**
 * What the managers ask of the addon, recorded call by call. The model follows the
 * record: what the system answered is given, everything else the model must foresee.
 */

import { constants } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type MapRegion, WindowCursor } from 'smmap';
import { type DescriptorHandle, type MappingHandle, native } from '#src/native.js';
import { type Call, failureOf, systemFailure } from './injection.js';

/** One thing that happened, in the order of its happening. */
export type Happening =
  | {
      kind: 'map';
      handle: MappingHandle;
      descriptor: DescriptorHandle;
      offset: number;
      length: number;
      /** The system's code, or 'ceiling'; left out where it was mapped. */
      failure?: string;
    }
  | { kind: 'unmap'; handle: MappingHandle }
  | { kind: 'opened'; descriptor: DescriptorHandle }
  | { kind: 'closed'; descriptor: DescriptorHandle }
  | { kind: 'looked'; descriptor: DescriptorHandle }
  | { kind: 'failed'; call: Call; code: string }
  | { kind: 'readNow'; got: number }
  | { kind: 'watched'; watch: number }
  | {
      kind: 'dead';
      watch: number;
      /** After which collection it was found: cursors of one search have the same. */
      collection: number;
    }
  | {
      kind: 'used';
      cursor: WindowCursor;
      offset: number;
      /** Faults of the region that it came from. */
      faults: number;
      /** The region that it came to. */
      region?: MapRegion | undefined;
    };

/** How garbage is collected for the managers. */
export type Collector = (youngOnly: boolean) => void;

/** The switches of the record. */
export const probe = {
  happenings: [] as Happening[],
  /** Descriptors that the process seems to be allowed; 0: any number. */
  descriptorLimit: 0,
  /** What is open now. */
  open: new Set<DescriptorHandle>(),
  /** Watches whose objects count as collected. */
  dead: new Set<number>(),
  collector: collectForReal as Collector,
  /** Collections so far. */
  collections: 0,
};

function note(happening: Happening): void {
  probe.happenings.push(happening);
}

/** Puts a call in the place of one of the addon's; it is given the addon's own. */
function around<Name extends keyof typeof native>(
  name: Name,
  wrap: (own: (typeof native)[Name]) => (typeof native)[Name],
): void {
  native[name] = wrap(native[name].bind(native) as (typeof native)[Name]);
}

function codeOf(error: unknown): string {
  const { errno } = error as { errno: number };
  const [code] = Object.entries(constants.errno).find(([, number]) => number === -errno) ?? [];
  return code ?? `E${-errno}`;
}

/** Runs a call of the addon, or fails as was ordered. */
function asked<T>(call: Call, run: () => T): T {
  try {
    const code = failureOf(call);
    if (code !== undefined) throw systemFailure(code, call);
    return run();
  } catch (error) {
    note({ kind: 'failed', call, code: codeOf(error) });
    throw error;
  }
}

function opened(descriptor: DescriptorHandle): DescriptorHandle {
  probe.open.add(descriptor);
  note({ kind: 'opened', descriptor });
  return descriptor;
}

around('map', (own) => (handle, descriptor, offset, length, ...rest) => {
  const mapping = { kind: 'map', handle, descriptor, offset, length } as const;
  try {
    const code = failureOf('map');
    if (code !== undefined && code !== 'ceiling') throw systemFailure(code, 'map');
    const mapped = code === undefined && own(handle, descriptor, offset, length, ...rest);
    note(mapped ? mapping : { ...mapping, failure: 'ceiling' });
    return mapped;
  } catch (error) {
    note({ ...mapping, failure: codeOf(error) });
    throw error;
  }
});

around('close', (own) => (handle) => {
  note({ kind: 'unmap', handle });
  return own(handle);
});

around(
  'open',
  (own) => (path, writable, flags) => opened(asked('open', () => own(path, writable, flags))),
);
around('duplicate', (own) => (fd, writable) => opened(asked('duplicate', () => own(fd, writable))));
around('closeDescriptor', (own) => (descriptor) => {
  probe.open.delete(descriptor);
  note({ kind: 'closed', descriptor });
  own(descriptor);
});
around('status', (own) => (descriptor, into) => {
  asked('status', () => own(descriptor, into));
  note({ kind: 'looked', descriptor });
});
around('statusOfPath', (own) => (path, into) => asked('statusOfPath', () => own(path, into)));
around('statusOfNumber', (own) => (fd, into) => asked('statusOfNumber', () => own(fd, into)));
around('extend', (own) => (descriptor, from, to) => {
  asked('extend', () => own(descriptor, from, to));
});
around('flush', (own) => (...given) => {
  asked('flush', () => own(...given));
});
around('readNow', (own) => (descriptor, into, position) => {
  const got = own(descriptor, into, position);
  note({ kind: 'readNow', got });
  return got;
});
around('descriptorLimit', () => () => probe.descriptorLimit);

around('watch', (own) => (object) => {
  const watch = own(object);
  probe.dead.delete(watch); // numbers are used again
  note({ kind: 'watched', watch });
  return watch;
});
around('watched', (own) => (watch) => {
  const object = probe.dead.has(watch) ? undefined : own(watch);
  if (object === undefined) note({ kind: 'dead', watch, collection: probe.collections });
  return object;
});
around('unwatch', (own) => (watch) => {
  probe.dead.delete(watch);
  own(watch);
});

const { useRegion } = WindowCursor.prototype;
WindowCursor.prototype.useRegion = function used(offset = 0, size = 0, flags = 0) {
  const faults = this.region?.faults ?? 0;
  const use: Extract<Happening, { kind: 'used' }> = { kind: 'used', cursor: this, offset, faults };
  note(use);
  useRegion.call(this, offset, size, flags);
  use.region = this.region;
  return this;
};

let engine: ((options?: { type: 'minor' }) => void) | undefined;

/** The engine's own collector, which the managers would find for themselves. */
export function collectForReal(youngOnly: boolean): void {
  if (engine === undefined) {
    setFlagsFromString('--expose-gc');
    engine = runInNewContext('gc') as typeof engine;
    setFlagsFromString('--no-expose-gc');
  }
  engine?.(youngOnly ? { type: 'minor' } : undefined);
}

/** What a FinalizationRegistry would call; the script says when. */
const registries: (() => void)[] = [];

class Registry {
  constructor(heard: () => void) {
    registries.push(heard);
  }
  register(): void {}
  unregister(): void {}
}

function collect(youngOnly: boolean): void {
  probe.collections++;
  probe.collector(youngOnly);
}

/** Garbage is collected, and the event loop comes to those who wanted to hear of it. */
export async function collectAndTell(youngOnly: boolean): Promise<void> {
  collect(youngOnly);
  for (const heard of registries) heard();
  await null; // they put it off to the end of the job
}

// The managers take the collector of a program that was started with one.
Object.assign(globalThis, {
  gc: (options?: { type?: string }) => collect(options?.type === 'minor'),
  FinalizationRegistry: Registry,
});
