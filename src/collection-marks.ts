/** Hearing, when the event loop turns, that the engine has collected garbage. */

/**
 * Objects that nobody else holds: when one is gone, whatever was forgotten before it may be gone
 * too. What a FinalizationRegistry holds stays alive to the end of a synchronous job, so it holds
 * nothing but such marks; and Node 20 was seen to end the process when a thread was terminated
 * that had one, so only the main thread has. To ask which thread this is loads 1 to 5 ms of Node:
 * it is asked with the first mark.
 */
export class CollectionMarks {
  readonly #heard: () => void;
  /** `null`: there is none in this thread. */
  #registry: FinalizationRegistry<undefined> | null | undefined;
  #isDue = false;

  /** @param heard called once for all marks that went together */
  constructor(heard: () => void) {
    this.#heard = heard;
  }

  /** From now on its end is heard of. */
  add(mark: object): void {
    if (this.#registry === undefined) {
      const { isMainThread } = process.getBuiltinModule('node:worker_threads');
      this.#registry = isMainThread ? new FinalizationRegistry(() => this.#hear()) : null;
    }
    this.#registry?.register(mark, undefined, mark);
  }

  /** Its end is of no interest any more. */
  remove(mark: object): void {
    this.#registry?.unregister(mark);
  }

  #hear(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#heard();
    });
  }
}
