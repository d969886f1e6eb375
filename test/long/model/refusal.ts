/** A failure that the model foresees. */

import { isDeepStrictEqual } from 'node:util';
import { SmmapError } from 'smmap';

/** What a refused call throws. */
export class Refusal {
  /**
   * @param code of the error
   * @param details members that it has besides
   */
  constructor(
    readonly code: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {}

  /** Whether an error is the one foreseen, of the shape that its kind has. */
  is(error: unknown): boolean {
    if (!(error instanceof Error) || !this.#isOfKind(error)) return false;
    const members = error as unknown as Record<string, unknown>;
    return Object.entries({ ...this.details, code: this.code }).every(([name, value]) =>
      isDeepStrictEqual(members[name], value),
    );
  }

  #isOfKind(error: Error): boolean {
    if (this.code.startsWith('ERR_SMMAP')) return error instanceof SmmapError;
    if (this.code.startsWith('ERR_')) {
      return error instanceof RangeError || error instanceof TypeError;
    }
    const { errno, syscall } = error as NodeJS.ErrnoException;
    return typeof errno === 'number' && errno < 0 && typeof syscall === 'string';
  }

  toString(): string {
    return `the refusal ${this.code} ${JSON.stringify(this.details)}`;
  }
}

/** What an error of the system says of the file, where that has a path. */
export function pathOf(source: { path: string } | { fd: number }): { path?: string } {
  return 'path' in source ? { path: source.path } : {};
}
