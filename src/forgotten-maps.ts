/** Finding maps that were forgotten without `close()`: their files' descriptors are closed. */
import type { MappedFile } from './file.js';
import { countLeakedMap, native } from './native.js';

/** Fewer than this are not looked through for their own sake. */
const FEWEST_SWEPT = 256;

/** By the number under which the map's memory is watched. */
const watched = new Map<number, MappedFile | undefined>();
let sweepAt = FEWEST_SWEPT;
let isSweepDue = false;

/**
 * Says that something was collected, when the event loop turns. What a registry holds stays alive
 * to the end of a synchronous job, so it holds no map but a mark that goes with it; and Node 20 was
 * seen to end the process when a thread was terminated that had one, so only the main thread has.
 * Made with the first map: to ask which thread this is loads 1 to 5 ms of Node.
 */
let marks: FinalizationRegistry<undefined> | undefined;
let isFirst = true;

function makeMarks(): void {
  isFirst = false;
  const { isMainThread } = process.getBuiltinModule('node:worker_threads');
  if (isMainThread) marks = new FinalizationRegistry(sweepSoon);
}

/** A map's memory, watched until the map is closed. */
export class MapWatch {
  readonly #number: number;
  readonly #mark = {};

  /** @param file whose descriptor is closed when the map is forgotten; the memory has its own way back */
  constructor(memory: object, file: MappedFile | undefined) {
    if (watched.size >= sweepAt) {
      sweepMaps();
      sweepAt = Math.max(FEWEST_SWEPT, 2 * watched.size); // so that each pays for one look or two
    }
    this.#number = native.watch(memory);
    watched.set(this.#number, file);
    if (isFirst) makeMarks();
    marks?.register(this.#mark, undefined, this.#mark);
  }

  /** The map is closed. */
  end(): void {
    marks?.unregister(this.#mark);
    unwatch(this.#number);
  }
}

function unwatch(number: number): void {
  if (watched.delete(number)) native.unwatch(number);
}

/** Closes what maps that the engine has collected left open; returns how many they were. */
export function sweepMaps(): number {
  let found = 0;
  for (const [number, file] of watched) {
    if (native.watched(number) !== undefined) continue;
    unwatch(number);
    file?.closeDescriptor();
    countLeakedMap();
    found++;
  }
  return found;
}

/** Once for all marks that went together. */
function sweepSoon(): void {
  if (isSweepDue) return;
  isSweepDue = true;
  queueMicrotask(() => {
    isSweepDue = false;
    sweepMaps();
  });
}
