/** Several ways of doing the same, against the first of them. */
import { fullSize } from '../test/support/scale.js';
import { digits, duration, type Figure, ratioOf, times } from './figures.js';
import { type RaceOptions, type Result, race } from './race.js';
import type { Goal, Table, Verdict } from './workload.js';

/** One table: the first form is what the others are compared with. */
export interface Comparison {
  readonly title: string;
  /** `import.meta.url` of the workload. */
  readonly module: string;
  readonly forms: readonly string[];
  readonly size?: number;
  readonly fixture?: string;
  /** Bytes that one time goes through: the table then tells how many in a second. */
  readonly bytes?: number;
  readonly race?: RaceOptions;
}

/** Runs it. */
export async function compare(
  comparison: Comparison,
): Promise<{ table: Table; results: Result[] }> {
  const { title, module, forms, size = 0, fixture = '', bytes } = comparison;
  const contestants = forms.map((form) => ({ form, size, fixture }));
  const options = { rounds: fullSize ? 21 : 9, ...comparison.race };
  const results = await race(module, contestants, options);
  const speed = bytes === undefined ? [] : ['GB/s'];
  return {
    results: results.map(({ fixture: _, ...result }) => result as Result),
    table: {
      title,
      columns: ['', 'median', 'middle half', ...speed, `times ${forms[0]}`],
      rows: results.map(({ form, figure, ratio }) => [
        form,
        duration(figure.median),
        `${duration(figure.low)}–${duration(figure.high)}`,
        ...(bytes === undefined ? [] : [digits(bytes / figure.median)]),
        times(ratio),
      ]),
    },
  };
}

/** How many times as long one form took as another, round by round. */
export function ratioBetween(results: readonly Result[], form: string, base: string): Figure {
  return ratioOf(resultOf(results, form).samples, resultOf(results, base).samples);
}

/** The result of one form. */
export function resultOf(results: readonly Result[], form: string): Result {
  const result = results.find((one) => one.form === form);
  if (result === undefined) throw new Error(`nothing called ${form} took part`);
  return result;
}

/** What a verdict compares with, and what it is about. */
interface Against {
  /** @default the first form */
  readonly base?: string;
  readonly goal?: Goal;
}

/** Whether a form took at most so many times what another took. */
export function atMost(
  results: readonly Result[],
  form: string,
  most: number,
  { base = results[0]?.form ?? '', goal }: Against = {},
): Verdict {
  const ratio = ratioBetween(results, form, base);
  return {
    claim: `${form}: at most ${most} × ${base}`,
    figure: times(ratio),
    holds: ratio.median <= most,
    ...(goal !== undefined && { goal }),
  };
}

/** Whether a form is at least so many times as fast as another. */
export function atLeast(
  results: readonly Result[],
  form: string,
  least: number,
  { base = results[0]?.form ?? '', goal }: Against = {},
): Verdict {
  const ratio = ratioBetween(results, base, form);
  return {
    claim: `${form}: at least ${least} × as fast as ${base}`,
    figure: times(ratio),
    holds: ratio.median >= least,
    ...(goal !== undefined && { goal }),
  };
}

/** Whether a form took at most so many nanoseconds. */
export function within(
  results: readonly Result[],
  form: string,
  most: number,
  goal?: Goal,
): Verdict {
  const { median } = resultOf(results, form).figure;
  return {
    claim: `${form}: at most ${duration(most)}`,
    figure: duration(median),
    holds: median <= most,
    ...(goal !== undefined && { goal }),
  };
}
