/** How the cost of something changes with size: a race of the same forms at several sizes. */
import { fullSize } from '../test/support/scale.js';
import { duration, figureOf, ratioOf, times } from './figures.js';
import { type RaceOptions, type Result, race } from './race.js';
import type { Goal, Report, Verdict } from './workload.js';

/** Flat: nowhere more than this many times the cost at the smallest size. */
const MOST_TIMES = 1.3;

/** What is measured. */
export interface Curve {
  /** `import.meta.url` of the workload. */
  readonly module: string;
  /** The plot's name. */
  readonly name: string;
  readonly forms: readonly string[];
  readonly sizes: readonly number[];
  /** What the sizes count. */
  readonly sizeLabel: string;
  /** Forms that are promised to be flat. */
  readonly flat: readonly string[];
  /** The goal that those are a part of. */
  readonly goal?: Goal;
  readonly fixture?: string;
  readonly race?: RaceOptions;
}

/** Runs each form at all sizes, one form after the other. */
export async function curveReport(curve: Curve): Promise<Report> {
  const { module, forms, sizes, sizeLabel, fixture = '' } = curve;
  const options = { rounds: fullSize ? 21 : 9, ...curve.race };
  const results = new Map<string, Result[]>();
  for (const form of forms) {
    const contestants = sizes.map((size) => ({ form, size, fixture }));
    results.set(form, await race(module, contestants, options));
  }
  return {
    tables: [
      {
        title: `Time of one operation (median), and how many times that at the smallest size (median, and the middle half of the rounds):`,
        columns: ['operation', ...sizes.map((size) => `${size.toLocaleString('en')} ${sizeLabel}`)],
        rows: [...results].map(([form, row]) => [
          form,
          ...row.map(({ figure, ratio }, i) =>
            i === 0 ? duration(figure.median) : `${duration(figure.median)}, ${times(ratio)}`,
          ),
        ]),
      },
    ],
    verdicts: curve.flat.flatMap((form) => flatness(form, results.get(form) ?? [], curve.goal)),
    plots: [
      {
        name: curve.name,
        panels: [...results].map(([form, row]) => ({
          title: form,
          xLabel: sizeLabel,
          yLabel: 'ns',
          xScale: 'log',
          series: [
            {
              name: 'median, and the middle half',
              points: row.map(({ size = 0, figure }) => ({
                x: size,
                y: figure.median,
                low: figure.low,
                high: figure.high,
              })),
            },
          ],
        })),
      },
    ],
    figures: Object.fromEntries(results),
  };
}

/** Where a curve is highest, compared with its first point. */
function flatness(form: string, row: readonly Result[], goal: Goal | undefined): Verdict[] {
  const base = row[0]?.samples ?? [];
  const ratios = row.map(({ size = 0, samples }) => ({ size, ratio: ratioOf(samples, base) }));
  const highest = ratios.reduce((a, b) => (b.ratio.median > a.ratio.median ? b : a));
  return [
    {
      claim: `${form}: flat within ${MOST_TIMES} ×`,
      figure: `at most ${times(highest.ratio)}, at ${highest.size.toLocaleString('en')}; spread of the first point ${spread(base)}`,
      holds: highest.ratio.median <= MOST_TIMES,
      ...(goal !== undefined && { goal }),
    },
  ];
}

function spread(samples: readonly number[]): string {
  const { low, high } = figureOf(samples);
  return `${duration(low)}–${duration(high)}`;
}
