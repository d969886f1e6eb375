/** How often each policy has what is wanted, on each trace, at several sizes of the cache. */
import { belady } from '../policies/belady.js';
import type { PolicyMaker } from '../policies/policy.js';
import { OPTIMUM, OWN, POLICIES, YARDSTICK } from '../policies/table.js';
import { allTraces } from '../traces/all.js';
import { type Entries, entriesOf, type Trace } from '../traces/trace.js';
import type { Report, Table, Verdict, Workload } from '../workload.js';

/** Parts of all bytes that a trace touches. The last holds what a loop lacks least. */
const SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1 / 1.1];
/** A cache of fewer entries than this is no cache. */
const FEWEST_ENTRIES = 8;
/** Percentage points that the package's own policy may be worse than the yardstick. */
const MOST_WORSE = 1;

/** Hit rates in per cent of one trace: by policy, then by share. */
interface Rates {
  readonly trace: string;
  readonly about: string;
  readonly accesses: number;
  readonly regions: number;
  readonly shares: readonly number[];
  readonly rates: Readonly<Record<string, readonly number[]>>;
}

function ratesOf(trace: Trace): Rates {
  const entries = entriesOf(trace);
  const { keys, sizes } = entries;
  const footprint = sizes.reduce((sum, size) => sum + size, 0);
  const largest = Math.max(...sizes);
  const shares = SHARES.filter((share) => footprint * share >= FEWEST_ENTRIES * largest);
  const rates: Record<string, number[]> = {};
  for (const [name, maker] of Object.entries(POLICIES)) {
    rates[name] = shares.map((share) => hitRate(entries, maker, footprint * share));
  }
  rates[OPTIMUM] = shares.map(
    (share) => (belady(keys, sizes, footprint * share) / keys.length) * 100,
  );
  const { name, about } = trace;
  return { trace: name, about, accesses: keys.length, regions: sizes.length, shares, rates };
}

function hitRate({ keys, sizes }: Entries, maker: PolicyMaker, capacity: number): number {
  const policy = maker(capacity);
  let hits = 0;
  for (const key of keys) if (policy.access(key, sizes[key] as number)) hits++;
  return (hits / keys.length) * 100;
}

function tableOf({ trace, about, accesses, regions, shares, rates }: Rates): Table {
  const counts = `${accesses.toLocaleString('en')} accesses to ${regions.toLocaleString('en')} regions`;
  return {
    title: `**${trace}**: ${about}; ${counts}. Hits in per cent, by the part of all bytes that fits:`,
    columns: ['policy', ...shares.map((share) => `${Math.round(share * 100)} %`)],
    rows: Object.entries(rates).map(([name, row]) => [name, ...row.map((rate) => rate.toFixed(2))]),
  };
}

/** 0, unless all rates are near each other and far from it. */
function axisFrom(rates: Rates['rates']): number {
  const all = Object.values(rates).flat();
  const least = Math.min(...all);
  return least > 0.7 * Math.max(...all) ? least : 0;
}

function rateOf({ rates }: Rates, policy: string): readonly number[] {
  return rates[policy] ?? [];
}

/** By how many points a policy is ahead of the yardstick, at each size. */
function lead(rates: Rates, policy: string): number[] {
  const base = rateOf(rates, YARDSTICK);
  return rateOf(rates, policy).map((rate, i) => rate - (base[i] as number));
}

function summary(all: readonly Rates[]): Table {
  const points = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
  const policies = Object.keys(POLICIES).filter((name) => name !== YARDSTICK);
  return {
    title: `Percentage points ahead of ${YARDSTICK}: the mean over all sizes, and the worst size:`,
    columns: ['trace', ...policies],
    rows: all.map((rates) => [
      rates.trace,
      ...policies.map((policy) => {
        const ahead = lead(rates, policy);
        const mean = ahead.reduce((sum, value) => sum + value, 0) / ahead.length;
        return `${points(mean)} / ${points(Math.min(...ahead))}`;
      }),
    ]),
  };
}

function verdicts(all: readonly Rates[]): Verdict[] {
  const worst = Math.min(...all.flatMap((rates) => lead(rates, OWN)));
  const scan = all
    .filter(({ trace }) => trace === 'scan-and-hot')
    .flatMap((rates) => lead(rates, OWN));
  return [
    {
      claim: `never more than ${MOST_WORSE} point worse than ${YARDSTICK} on any trace`,
      figure: `at worst ${worst.toFixed(2)} points`,
      holds: worst >= -MOST_WORSE,
    },
    {
      claim: `better than ${YARDSTICK} on scan-and-hot`,
      figure: `at best ${Math.max(...scan).toFixed(2)} points, at worst ${Math.min(...scan).toFixed(2)}`,
      holds: Math.max(...scan) > 0 && Math.min(...scan) >= 0,
    },
  ];
}

export const workload: Workload = {
  about: 'hit rates of replacement policies on recorded traces',
  page: 'docs/policy.md',
  forms: {},
  run(): Report {
    const all = allTraces().map(ratesOf);
    return {
      tables: [summary(all), ...all.map(tableOf)],
      verdicts: verdicts(all),
      plots: [
        {
          name: 'policy-hit-rates',
          panels: all.map(({ trace, shares, rates }) => ({
            title: trace,
            xLabel: 'part of all bytes that fits, %',
            yLabel: 'hits, %',
            xScale: 'log',
            yFrom: axisFrom(rates),
            series: Object.entries(rates).map(([name, row]) => ({
              name,
              points: row.map((y, i) => ({ x: Math.round((shares[i] as number) * 100), y })),
            })),
          })),
        },
      ],
      figures: all,
    };
  },
};
