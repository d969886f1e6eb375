/** The record of one call, taken from the front as the model comes to each point. */

import assert from 'node:assert/strict';
import type { DescriptorHandle } from '#src/native.js';
import type { Call } from './injection.js';
import type { Happening } from './probe.js';

type Kind = Happening['kind'];
type Of<K extends Kind> = Extract<Happening, { kind: K }>;

/** What happened during one call. Descriptors are closed and cursors watched at any point of it. */
export class Trace {
  readonly #main: Happening[] = [];
  readonly #closed: DescriptorHandle[] = [];
  readonly #watched: number[] = [];

  constructor(happenings: readonly Happening[]) {
    for (const happening of happenings) {
      if (happening.kind === 'closed') this.#closed.push(happening.descriptor);
      else if (happening.kind === 'watched') this.#watched.push(happening.watch);
      else this.#main.push(happening);
    }
  }

  /** What happened next, if it is of this kind. */
  next<K extends Kind>(kind: K): Of<K> | undefined {
    const first = this.#main[0];
    return first?.kind === kind ? (first as Of<K>) : undefined;
  }

  /** Takes what happened next when it is of this kind. */
  takeIf<K extends Kind>(kind: K): Of<K> | undefined {
    const first = this.next(kind);
    if (first !== undefined) this.#main.shift();
    return first;
  }

  /** Takes what happened next, which must be of this kind. */
  take<K extends Kind>(kind: K, why: string): Of<K> {
    const taken = this.takeIf(kind);
    assert.ok(taken, `${why}: expected "${kind}", what happened is ${this}`);
    return taken;
  }

  /** Takes a failure of one of these calls, where that is what happened next. */
  failure(...calls: Call[]): string | undefined {
    const first = this.next('failed');
    if (first === undefined || !calls.includes(first.call)) return undefined;
    this.#main.shift();
    return first.code;
  }

  /** Takes the closing of a descriptor. */
  closed(descriptor: DescriptorHandle, why: string): void {
    const at = this.#closed.indexOf(descriptor);
    assert.notEqual(at, -1, `${why}: its descriptor stayed open`);
    this.#closed.splice(at, 1);
  }

  /** Takes the number under which a cursor is watched from now on. */
  watched(): number {
    const watch = this.#watched.shift();
    assert.notEqual(watch, undefined, 'a cursor is not watched');
    return watch as number;
  }

  /** Nothing may be left that the model did not come to. */
  finish(): void {
    assert.equal(this.#main.length, 0, `the model did not foresee ${this}`);
    assert.equal(this.#closed.length, 0, 'a descriptor was closed that should be kept');
    assert.equal(this.#watched.length, 0, 'a cursor is watched without need');
  }

  toString(): string {
    const told = this.#main.map((each) => {
      if (each.kind === 'map') {
        return `map ${each.offset}+${each.length}${each.failure ? ` (${each.failure})` : ''}`;
      }
      if (each.kind === 'failed') return `${each.call} failed (${each.code})`;
      if (each.kind === 'used') return `useRegion(${each.offset})`;
      return each.kind;
    });
    return told.join(', ') || 'nothing';
  }
}
