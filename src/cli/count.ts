import { InvalidArgumentError } from 'commander';

/**
 * A parser for option values that are whole numbers from 0 to `max`, in decimal digits.
 * It throws `InvalidArgumentError` for anything else.
 */
export function parseCount(max: number): (text: string) => number {
  return (text) => {
    const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (count <= max) return count;
    throw new InvalidArgumentError(
      `Give a whole number from 0 to ${formatCount(max)}, digits only.`,
    );
  };
}

/** A count for people: `10,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A count with what is counted, whose plural takes an s: `1 line`, `10,000 lines`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
