/**
 * Whether something has become slow: `node .out/bench/guard.js [NAME…]` measures the quick
 * workloads and compares each ratio with the one in `docs/proof`. It ends with 1 when one is
 * many times what it was. Ratios only, for no two machines take the same time.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkout } from '../test/support/checkout.js';
import type { Result } from './race.js';
import type { Workload } from './workload.js';

/** Workloads that take seconds, and whose rivals are always there. */
const GUARDED = [
  'byte-access',
  'slices',
  'use-region',
  'cursor-cycle',
  'window-miss',
  'scan',
  'lines',
  'find',
];

/** A ratio may be so many times the recorded one: what the engine makes of a loop differs from run to run, and machines differ. */
const MARGIN = 3;

/** What is ours; the others of a race are what it is compared with. */
const OURS = /^(buffer|map|useRegion|makeCursor|a cursor)/;

/** By form, how many times as long as the first form of its race it took. */
type Ratios = ReadonlyMap<string, number>;

/** All ratios of ours among the figures of a report, at whatever depth. */
export function ratiosIn(figures: unknown, path = ''): Ratios {
  if (typeof figures !== 'object' || figures === null) return new Map();
  if (!Array.isArray(figures)) {
    return new Map(
      Object.entries(figures).flatMap(([key, part]) => [...ratiosIn(part, `${path}${key}: `)]),
    );
  }
  const results = figures as readonly Result[];
  return new Map(
    results
      .filter(({ form }) => OURS.test(form))
      .map(({ form, ratio }) => [path + form, ratio.median]),
  );
}

/** What has become slow, a line each. */
export function slower(now: Ratios, recorded: Ratios): string[] {
  return [...now].flatMap(([form, ratio]) => {
    const before = recorded.get(form);
    if (before === undefined)
      return [`${form}: no ratio is recorded; run npm run bench with SMMAP_FULL=1`];
    if (ratio <= before * MARGIN) return [];
    return [`${form}: ${ratio.toFixed(2)} times its measure, recorded is ${before.toFixed(2)}`];
  });
}

function recordedOf(name: string): Ratios {
  const text = readFileSync(join(checkout, 'docs/proof', `bench-${name}.json`), 'utf8');
  return ratiosIn((JSON.parse(text) as { figures: { figures: unknown } }).figures.figures);
}

async function guard(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { workload } = (await import(`./workloads/${name}.js`)) as { workload: Workload };
    const now = ratiosIn((await workload.run()).figures);
    const slow = slower(now, recordedOf(name));
    console.log(`${name}: ${now.size} ratios, ${slow.length} too high`);
    for (const line of slow) console.log(`  ${line}`);
    if (slow.length > 0 || now.size === 0) process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = process.argv.slice(2);
  await guard(asked.length > 0 ? asked : GUARDED);
}
