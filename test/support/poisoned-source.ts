/** A source in memory that lets nobody use a window for longer than it is good. */

import type { ByteSource, ByteWindow } from '#src/byte-source.js';
import { MapFaultError } from '#src/errors.js';

/** How a {@link PoisonedSource} is cut into windows. */
export interface Cut {
  /** Sizes of the windows in bytes, used in turn. */
  sizes: readonly number[];
  /** Bytes that each window also shows of the one before it. @default 0 */
  overlap?: number;
  /** Index of a byte that is lost: its window reads as zeros, and `verify` says so. @default none */
  lost?: number;
}

/**
 * Gives windows that lie at odd addresses of memory of their own, which is
 * detached or overwritten, in turn, as soon as the next window is asked for.
 */
export class PoisonedSource implements ByteSource {
  /** May be lowered: the source then ends earlier. */
  length: number;
  /** Windows that were asked for so far. */
  asked = 0;
  /** Windows that there are. */
  readonly windows: number;

  readonly #content: Uint8Array;
  readonly #overlap: number;
  readonly #lost: number;
  /** Where each window begins, and where the last one ends. */
  readonly #borders: number[] = [0];
  #memory: ArrayBuffer | undefined;
  #given = { begin: 0, end: 0 };

  constructor(content: Uint8Array, { sizes, overlap = 0, lost = -1 }: Cut) {
    this.#content = content;
    this.#overlap = overlap;
    this.#lost = lost;
    this.length = content.length;
    for (let end = 0, i = 0; end < content.length; i++) {
      end = Math.min(end + (sizes[i % sizes.length] as number), content.length);
      this.#borders.push(end);
    }
    this.windows = this.#borders.length - 1;
  }

  windowAt(index: number): ByteWindow {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.length) {
      throw new RangeError(`asked for the window at ${index} of ${this.length}`);
    }
    this.asked++;
    this.#poison();
    const after = this.#borders.findIndex((border) => border > index);
    const begin = Math.max((this.#borders[after - 1] as number) - this.#overlap, 0);
    const end = Math.min(this.#borders[after] as number, this.length);
    this.#given = { begin, end };
    this.#memory = new ArrayBuffer(end - begin + 1);
    const bytes = Buffer.from(this.#memory, 1, end - begin);
    if (!this.#isLost()) bytes.set(this.#content.subarray(begin, end));
    return { bytes, begin };
  }

  verify(): void {
    if (!this.#isLost()) return;
    const { begin, end } = this.#given;
    throw new MapFaultError('a page was lost', { offset: begin, size: end - begin });
  }

  /** Whether `view` looks at the memory of the window last given. */
  shows(view: Uint8Array): boolean {
    return view.buffer === this.#memory;
  }

  #isLost(): boolean {
    return this.#given.begin <= this.#lost && this.#lost < this.#given.end;
  }

  #poison(): void {
    if (this.#memory === undefined) return;
    new Uint8Array(this.#memory).fill(97);
    if (this.asked % 2 === 0) structuredClone(this.#memory, { transfer: [this.#memory] });
  }
}
