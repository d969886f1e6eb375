/** A part of a source, as a source: what lies outside is not looked at. */
import type { ByteSource, ByteWindow } from './byte-source.js';

/** The bytes from `start` to `end` of another source; index 0 is `start`. */
export class Part implements ByteSource {
  readonly length: number;
  readonly #source: ByteSource;
  readonly #start: number;

  constructor(source: ByteSource, start: number, end: number) {
    this.#source = source;
    this.#start = start;
    this.length = end - start;
  }

  windowAt(index: number): ByteWindow {
    const { bytes, begin } = this.#source.windowAt(this.#start + index);
    const first = Math.max(this.#start - begin, 0);
    const last = Math.min(this.#start + this.length - begin, bytes.length);
    return { bytes: bytes.subarray(first, last), begin: begin + first - this.#start };
  }

  verify(): void {
    this.#source.verify();
  }

  lookAgain(index: number): void {
    this.#source.lookAgain?.(this.#start + index);
  }
}
