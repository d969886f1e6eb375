/** What reading an object from a git pack touches, told from the list that `git verify-pack -v` gives. */
import type { Access } from './trace.js';

/** Numbers of the files in the trace. */
const INDEX = 0;
const PACK = 1;

/** Layout of an index of version 2: head, fan-out, names, checksums, offsets. */
const HEAD = 8;
const FANOUT = 256 * 4;
const NAME = 20;
const CHECKSUM = 4;
const OFFSET = 4;

interface Packed {
  readonly offset: number;
  readonly length: number;
  readonly base: string | undefined;
}

/** Follows objects through an index and its pack, and notes what was read. */
export class PackReader {
  readonly accesses: Access[] = [];
  readonly #objects = new Map<string, Packed>();
  readonly #names: string[];

  /** @param listing what `git verify-pack -v` prints */
  constructor(listing: string) {
    for (const line of listing.split('\n')) {
      const [, id, length, offset, base] =
        /^([0-9a-f]{40}) \w+ +\d+ (\d+) (\d+)(?: \d+ ([0-9a-f]{40}))?$/.exec(line) ?? [];
      if (id === undefined) continue;
      this.#objects.set(id, { offset: Number(offset), length: Number(length), base });
    }
    this.#names = [...this.#objects.keys()].sort();
  }

  /** Reads one object by its name. */
  read(id: string): void {
    this.#lookUp(id);
    for (let next: string | undefined = id; next !== undefined; ) {
      const { offset, length, base } = this.#objects.get(next) as Packed;
      this.accesses.push({ file: PACK, offset, length });
      next = base; // its place is told by an offset in the delta, not by the index
    }
  }

  #lookUp(id: string): void {
    const names = this.#names;
    const first = Number.parseInt(id.slice(0, 2), 16);
    this.#readIndex(HEAD + Math.max(0, first - 1) * 4, 8);
    let low = this.#countBelow(first);
    let high = this.#countBelow(first + 1);
    while (low < high) {
      const middle = (low + high) >> 1;
      this.#readIndex(HEAD + FANOUT + middle * NAME, NAME);
      const name = names[middle] as string;
      if (name === id) {
        const offsets = HEAD + FANOUT + names.length * (NAME + CHECKSUM);
        this.#readIndex(offsets + middle * OFFSET, OFFSET);
        return;
      }
      if (name < id) low = middle + 1;
      else high = middle;
    }
    throw new Error(`${id} is not in the pack`);
  }

  /** Names whose first byte is less than `byte`: what the fan-out table says. */
  #countBelow(byte: number): number {
    const prefix = byte.toString(16).padStart(2, '0');
    let low = 0;
    for (let high = byte > 255 ? 0 : this.#names.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((this.#names[middle] as string) < prefix) low = middle + 1;
      else high = middle;
    }
    return byte > 255 ? this.#names.length : low;
  }

  #readIndex(offset: number, length: number): void {
    this.accesses.push({ file: INDEX, offset, length });
  }
}
