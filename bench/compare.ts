/** Several ways of doing the same, against the first of them. */
import { fullSize } from '../test/support/scale.js';
import { duration, times } from './figures.js';
import { type RaceOptions, type Result, race } from './race.js';
import type { Table, Verdict } from './workload.js';

/** One table: the first form is what the others are compared with. */
export interface Comparison {
  readonly title: string;
  /** `import.meta.url` of the workload. */
  readonly module: string;
  readonly forms: readonly string[];
  readonly size?: number;
  readonly fixture?: string;
  readonly race?: RaceOptions;
}

/** Runs it. */
export async function compare(
  comparison: Comparison,
): Promise<{ table: Table; results: Result[] }> {
  const { title, module, forms, size = 0, fixture = '' } = comparison;
  const contestants = forms.map((form) => ({ form, size, fixture }));
  const options = { rounds: fullSize ? 21 : 11, ...comparison.race };
  const results = await race(module, contestants, options);
  return {
    results,
    table: {
      title,
      columns: ['', 'median', 'middle half', `times ${forms[0]}`],
      rows: results.map(({ form, figure, ratio }) => [
        form,
        duration(figure.median),
        `${duration(figure.low)}–${duration(figure.high)}`,
        times(ratio),
      ]),
    },
  };
}

/** Whether a form took at most so many times what the first form took. */
export function atMost(results: readonly Result[], form: string, most: number): Verdict {
  const result = results.find((one) => one.form === form);
  if (result === undefined) throw new Error(`nothing called ${form} took part`);
  return {
    claim: `${form}: at most ${most} × ${results[0]?.form}`,
    figure: times(result.ratio),
    holds: result.ratio.median <= most,
  };
}
