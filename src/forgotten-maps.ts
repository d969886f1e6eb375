/** Finding maps that were forgotten without `close()`: their files' descriptors are closed. */
import { CollectionMarks } from './collection-marks.js';
import type { MappedFile } from './file.js';
import { countLeakedMap, native } from './native.js';

/** Fewer than this are not looked through for their own sake. */
const FEWEST_SWEPT = 256;

/** By the number under which the map's memory is watched. */
const watched = new Map<number, MappedFile | undefined>();
let sweepAt = FEWEST_SWEPT;
const marks = new CollectionMarks(sweepMaps);

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
    marks.add(this.#mark);
  }

  /** The map is closed. */
  end(): void {
    marks.remove(this.#mark);
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
