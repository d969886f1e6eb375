/** What others do to the files of a soak: they are cut, made long again, and replaced. */
import type { SharedState, SoakFiles } from './files.js';

/** Files that are cut at one time. */
const MOST_CUT = 100;

/** Cuts and replaces files, one at a time. */
export class Trouble {
  /** What was done so far. */
  readonly done = { cuts: 0, replacements: 0 };
  readonly #versions: Int32Array;
  /** Files that are cut, with how many pages they have, in the order in which they are mended. */
  readonly #cut = new Map<number, number>();

  readonly #files: SoakFiles;
  readonly #state: SharedState;
  readonly #random: (from: number, to: number) => number;

  constructor(files: SoakFiles, state: SharedState, random: (from: number, to: number) => number) {
    this.#files = files;
    this.#state = state;
    this.#random = random;
    this.#versions = new Int32Array(files.count).fill(1);
  }

  /** Makes all files. */
  make(): void {
    for (let file = 0; file < this.#files.count; file++) this.#files.replace(file, 1);
  }

  /** Does one thing. */
  next(): void {
    const file = this.#random(0, this.#files.count);
    if (this.#cut.size >= MOST_CUT) this.#mendOldest();
    else if (this.#cut.has(file)) return;
    else if (this.#files.isWritten(file) || this.#random(0, 3) > 0) this.#cutOne(file);
    else this.#replace(file);
  }

  /** Makes a file anew of which a writer was ended in the middle of a page. */
  renew(file: number): void {
    this.#change(file, () => this.#files.cut(file, 0));
    this.#cut.set(file, 0);
  }

  #cutOne(file: number): void {
    const pages = this.#random(0, this.#files.pages(file));
    this.#change(file, () => this.#files.cut(file, pages));
    this.#cut.set(file, pages);
    this.done.cuts++;
  }

  #mendOldest(): void {
    const [file, pages] = this.#cut.entries().next().value as [number, number];
    Atomics.add(this.#state.mendings, file, 1);
    this.#change(file, () => this.#files.mend(file, this.#versions[file] as number, pages));
    Atomics.add(this.#state.mendings, file, 1);
    this.#cut.delete(file);
  }

  #replace(file: number): void {
    const version = (this.#versions[file] as number) + 1;
    this.#versions[file] = version;
    this.#files.replace(file, version);
    this.done.replacements++;
  }

  #change(file: number, change: () => void): void {
    Atomics.add(this.#state.changes, file, 1);
    change();
    Atomics.add(this.#state.changes, file, 1);
  }
}
