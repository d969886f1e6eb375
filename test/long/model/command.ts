/** One step of a script, printed as the call that makes it. */

import fc from 'fast-check';
import type { World } from './world.js';

export type Step = fc.AsyncCommand<World, World>;

class Command<Args extends readonly unknown[]> implements Step {
  constructor(
    readonly name: string,
    readonly args: Args,
    readonly can: (world: World, ...args: Args) => unknown,
    readonly body: (world: World, ...args: Args) => unknown,
  ) {}

  check(world: Readonly<World>): boolean {
    return Boolean(this.can(world as World, ...this.args));
  }

  async run(world: World): Promise<void> {
    await this.body(world, ...this.args);
  }

  toString(): string {
    return `${this.name}(${this.args.map((arg) => fc.stringify(arg)).join(', ')})`;
  }
}

/**
 * Steps of one kind.
 * @param can whether the step makes sense now; a script passes over it where not
 */
export function command<Args extends readonly unknown[]>(
  name: string,
  can: (world: World, ...args: Args) => unknown,
  body: (world: World, ...args: Args) => unknown,
): (...args: Args) => Step {
  return (...args) => new Command(name, args, can, body);
}

/** Any steps of a kind, with any of these arguments. */
export function any<Args extends unknown[]>(
  make: (...args: Args) => Step,
  ...args: { [Index in keyof Args]: fc.Arbitrary<Args[Index]> }
): fc.Arbitrary<Step> {
  return fc.tuple<Args>(...args).map((some) => make(...some));
}
