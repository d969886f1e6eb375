/** The workers of a soak: as one ends, in one way or another, the next one starts. */
import { Worker } from 'node:worker_threads';
import type { SharedState, SoakFiles } from './files.js';
import { add, nothingTold, type Told } from './tally.js';
import type { SoakOrder } from './worker.js';

/** Operations that a worker lives for. */
const LIFE = [200, 1_200] as const;
const ENDS = ['close', 'leave', 'exit', 'terminate'] as const;
const END = 0;

/** As many workers as were asked for, at any time. */
export class Crowd {
  /** What all of them told. */
  readonly told: Told = nothingTold();
  /** Workers so far. */
  started = 0;
  readonly #running: Promise<void>[] = [];
  readonly #files: SoakFiles;
  readonly #state: SharedState;
  readonly #random: (from: number, to: number) => number;
  readonly #onLost: (file: number) => void;

  /** @param onLost called with files that a worker had for writing when it was ended */
  constructor(
    files: SoakFiles,
    state: SharedState,
    random: (from: number, to: number) => number,
    onLost: (file: number) => void,
  ) {
    this.#files = files;
    this.#state = state;
    this.#random = random;
    this.#onLost = onLost;
  }

  /** Has so many workers at work until everybody is to end. */
  start(workers: number): void {
    for (let i = 0; i < workers; i++) this.#running.push(this.#keepOne());
  }

  /** Resolved when the last one has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #keepOne(): Promise<void> {
    while (Atomics.load(this.#state.control, END) === 0) await this.#runOne();
  }

  async #runOne(): Promise<void> {
    const number = ++this.started;
    const ends = ENDS[this.#random(0, ENDS.length)] as SoakOrder['ends'];
    const operations = this.#random(...LIFE);
    const { dir, count } = this.#files;
    const workerData: SoakOrder = { dir, count, state: this.#state, number, operations, ends };
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData });
    let done = 0;
    worker.on('message', (told: Told) => {
      add(this.told, told);
      for (const times of Object.values(told.operations)) done += times;
      if (ends !== 'terminate' || done < operations) return;
      done = Number.NEGATIVE_INFINITY; // once
      void worker.terminate();
    });
    worker.on('error', (error) => this.told.failures.push(`worker ${number} died: ${error.stack}`));
    await new Promise((resolve) => worker.once('exit', resolve));
    this.#free(number);
  }

  /** Takes from a worker that has ended what it still had. */
  #free(number: number): void {
    for (let file = 0; file < this.#files.count; file++) {
      if (Atomics.load(this.#state.owners, file) !== number) continue;
      this.#onLost(file);
      Atomics.store(this.#state.owners, file, 0);
    }
  }
}
