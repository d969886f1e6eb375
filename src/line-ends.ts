/** Where lines end in a source that is reached through windows: at the byte 10, `\n`. */

import type { ByteSource } from './byte-source.js';
import { native } from './native.js';
import { stretchAt } from './stretch.js';

const NEWLINE = 10;

/** Line ends that are looked up at one go, and bytes that are searched for them before the first is given. */
const ENDS_AT_ONCE = 1024;
const LOOK_AHEAD = 256 * 1024;

/** Used and done with inside one call. */
const IN_COPY = new Uint32Array(ENDS_AT_ONCE);

/** Finds the ends of lines, many at one go. */
export class Ends {
  readonly positions = new Uint32Array(ENDS_AT_ONCE);
  /** How many of the positions are good. */
  found = 0;
  /** Index in the source from which the positions count. */
  begin = 0;
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Index in the source of the last end that was found. */
  get last(): number {
    return this.found === 0 ? 0 : this.at(this.found - 1);
  }

  /** Index in the source of one of them. */
  at(number: number): number {
    return this.begin + (this.positions[number] as number);
  }

  /** The next ends from `start` on; none: no line ends with a `\n` any more. */
  after(start: number): this {
    this.found = 0;
    for (let from = start; this.found === 0 && from < this.#source.length; ) {
      const { bytes, begin } = stretchAt(this.#source, from);
      const to = Math.min(from - begin + LOOK_AHEAD, bytes.length);
      this.begin = begin;
      this.found = native.searchPositions(bytes, NEWLINE, from - begin, to, this.positions);
      this.#source.verify();
      from = begin + to;
    }
    return this;
  }

  /**
   * Whether a copy that was made of `size` bytes from `start` on has its line ends where they were
   * found: somebody may have stored there in between.
   */
  stillIn(copy: Buffer, size: number, start: number): boolean {
    const found = native.searchPositions(copy, NEWLINE, 0, size, IN_COPY);
    let number = 0;
    while (number < this.found && this.at(number) < start) number++;
    for (let i = 0; i < found; i++) {
      if (number === this.found || this.at(number++) !== start + (IN_COPY[i] as number))
        return false;
    }
    return number === this.found || this.at(number) >= start + size;
  }
}
