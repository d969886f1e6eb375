/** Objects that are watched without being kept alive. */
import { native } from './native.js';

/**
 * What one manager watches: itself and its cursors. The native side keeps a little for
 * each until it is told that nobody asks any more; a manager that was forgotten cannot
 * tell, so this refers to nothing of it and is kept elsewhere.
 */
export class Watches {
  readonly #numbers = new Set<number>();

  /** Watches an object under the number returned. */
  add(object: object): number {
    const number = native.watch(object);
    this.#numbers.add(number);
    return number;
  }

  /** Asks for it no more. Again does nothing. */
  remove(number: number): void {
    if (this.#numbers.delete(number)) native.unwatch(number);
  }

  /** Asks for none any more. */
  clear(): void {
    for (const number of this.#numbers) native.unwatch(number);
    this.#numbers.clear();
  }
}
