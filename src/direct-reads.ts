/**
 * Small reads of places that are not mapped. Mapping a window for one of them costs several
 * times a `pread`, so as long as a window would have to push another one out, such a place is
 * read straight from the file, until it has proved itself by being read again.
 */

/** Bytes of the largest read that counts as small. */
export const MOST_DIRECT = 4096;

/** Reads of a window after which it is mapped, if none of its rivals was read meanwhile: so many cost as much as mapping it. */
const PROVEN = 4;
/** Windows that are remembered: about as many as the budget holds, within these bounds. */
const FEWEST_REMEMBERED = 16;
const MOST_REMEMBERED = 1024;

/**
 * How often windows of one file were read directly. Each has one place, which it shares with
 * others: the one read last has it. So a window that is read now and then, among many, is never mapped.
 */
export class DirectReads {
  readonly #cells: Float64Array;
  readonly #counts: Uint8Array;

  /** @param windows how many the budget holds */
  constructor(windows: number) {
    const places = Math.min(Math.max(windows, FEWEST_REMEMBERED), MOST_REMEMBERED);
    this.#cells = new Float64Array(places).fill(-1);
    this.#counts = new Uint8Array(places);
  }

  /** Notes a read in window `cell`; says whether it shall be mapped now. */
  proves(cell: number): boolean {
    const place = cell % this.#cells.length;
    if (this.#cells[place] !== cell) {
      this.#cells[place] = cell;
      this.#counts[place] = 1;
      return false;
    }
    const count = (this.#counts[place] as number) + 1;
    this.#counts[place] = count % PROVEN;
    return count === PROVEN;
  }
}
