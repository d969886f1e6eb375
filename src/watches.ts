/** Objects that are watched without being kept alive. */
import { native } from './native.js';

/** Nothing is watched at this place. */
const FREE = -1;

/** How many objects are watched in this thread. */
export let watchedCount = 0;

/**
 * What one manager watches: itself and its cursors. The native side keeps a little for
 * each until it is told that nobody asks any more; a manager that was forgotten cannot
 * tell, so this refers to nothing of it and is kept elsewhere.
 */
export class Watches {
  /** Numbers of the native side, by place: taking one out costs the same always, and leaves no garbage. */
  readonly #numbers: number[] = [];
  readonly #free: number[] = [];

  /** Watches an object; the place returned stands for it here. */
  add(object: object): number {
    const number = native.watch(object);
    const place = this.#free.pop() ?? this.#numbers.length;
    this.#numbers[place] = number;
    watchedCount++;
    return place;
  }

  /** The object; `undefined` once it was collected, or is watched no more. */
  watched(place: number): object | undefined {
    const number = this.#numbers[place] ?? FREE;
    return number === FREE ? undefined : native.watched(number);
  }

  /** Asks for it no more. Again does nothing, as long as nothing else took the place. */
  remove(place: number): void {
    const number = this.#numbers[place] ?? FREE;
    if (number === FREE) return;
    this.#numbers[place] = FREE;
    this.#free.push(place);
    watchedCount--;
    native.unwatch(number);
  }

  /** Asks for none any more. */
  clear(): void {
    for (let place = 0; place < this.#numbers.length; place++) this.remove(place);
  }
}
