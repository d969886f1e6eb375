/**
 * `npm run bench` measures everything, `npm run bench -- NAME…` only that, and
 * `npm run bench -- --list` tells the names. With `SMMAP_FULL=1` the figures are
 * written to `docs/proof`, the plots to `docs/plots`, the tables into the pages.
 */
import { fullSize } from '../test/support/scale.js';
import { goalsList } from './goals.js';
import { describeCircumstances, print } from './print.js';
import { show } from './publish.js';
import type { Verdict, Workload } from './workload.js';

/** Each a file in `workloads`. */
const WORKLOADS = [
  'byte-access',
  'slices',
  'use-region',
  'cursor-cycle',
  'window-miss',
  'scattered-reads',
  'scan',
  'lines',
  'find',
  'memory',
  'event-loop',
  'workers',
  'import-time',
  'peers',
  'engines',
  'hit-rates',
  'policy-cost',
  'miss-cost',
  'hit-cost',
  'forgotten-cost',
  'housekeeping-cost',
  'window-size',
] as const;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(WORKLOADS as readonly string[]).includes(name));

if (asked.includes('--list')) {
  for (const name of WORKLOADS) console.log(`${name.padEnd(20)} ${(await load(name)).about}`);
} else if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(', ')}: see --list`);
  process.exitCode = 2;
} else {
  console.log(describeCircumstances());
  const verdicts: Verdict[] = [];
  for (const name of WORKLOADS) {
    if (asked.length === 0 || asked.includes(name)) verdicts.push(...(await runOne(name)));
  }
  if (asked.length === 0) console.log(`\n== goals\n\n${goalsList(verdicts)}`);
}

async function runOne(name: string): Promise<readonly Verdict[]> {
  const workload = await load(name);
  const report = await workload.run();
  print(name, workload, report);
  if (fullSize) show(name, workload, report);
  return report.verdicts ?? [];
}

async function load(name: string): Promise<Workload> {
  const { workload } = (await import(`./workloads/${name}.js`)) as { workload: Workload };
  return workload;
}
