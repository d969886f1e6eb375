/** An operation with its arguments, as a command of fast-check. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SUBJECTS, type Subject, type World } from './buffer-world.js';

/** Operations run so far in this process. */
export const ran = { operations: 0 };

type Body<Arguments> = (args: Arguments, subject: Subject, world: World) => unknown;

class Operation<Arguments> implements fc.AsyncCommand<object, World> {
  readonly #name: string;
  readonly #args: Arguments;
  readonly #who: number;
  readonly #body: Body<Arguments>;

  constructor(name: string, args: Arguments, who: number, body: Body<Arguments>) {
    this.#name = name;
    this.#args = args;
    this.#who = who;
    this.#body = body;
  }

  check(): boolean {
    return true;
  }

  async run(_model: object, world: World): Promise<void> {
    const subject = world.subjects[this.#who];
    assert.ok(subject);
    ran.operations++;
    await this.#body(this.#args, subject, world);
  }

  toString(): string {
    return `buffer ${this.#who}: ${this.#name} ${fc.stringify(this.#args)}`;
  }
}

/** Operations of one kind, on any buffer of a world. */
export type Check = fc.Arbitrary<fc.AsyncCommand<object, World>>;

/**
 * Operations called `name` with any of `args`; `body` does one and throws where the
 * buffer is not what its bytes are.
 */
export function operation<Arguments>(
  name: string,
  args: fc.Arbitrary<Arguments>,
  body: Body<Arguments>,
): Check {
  return fc
    .tuple(args, fc.nat(SUBJECTS - 1))
    .map(([some, who]) => new Operation(name, some, who, body));
}
