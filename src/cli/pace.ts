import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work after which signals and the progress bar get their turn. */
const TURN = 50;

/**
 * Lets long synchronous work give way to the event loop now and then:
 * `if (pace.due) await pace.rest();` at every step of at most a few milliseconds.
 */
export class Pace {
  readonly #signal: AbortSignal;
  #worksSince = performance.now();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether the event loop has waited long enough. */
  get due(): boolean {
    return performance.now() - this.#worksSince >= TURN;
  }

  /**
   * Lets the event loop turn once.
   * @throws the signal's reason when the work is to stop
   */
  async rest(): Promise<void> {
    await setImmediate();
    this.#signal.throwIfAborted();
    this.#worksSince = performance.now();
  }
}
