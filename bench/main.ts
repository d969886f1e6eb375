/**
 * `npm run bench` measures everything, `npm run bench -- NAME…` only that, and
 * `npm run bench -- --list` tells the names. With `--every-node` what the goals are about is
 * measured on every line of Node.js. With `SMMAP_FULL=1` the figures are
 * written to `docs/proof`, the plots to `docs/plots`, the tables into the pages.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { circumstances } from '../test/support/proof.js';
import { fullSize } from '../test/support/scale.js';
import { everyNode } from './every-node.js';
import { goalsByNode, goalsList } from './goals.js';
import { asMarkdown, describeCircumstances, print } from './print.js';
import { show, showEveryNode } from './publish.js';
import type { Verdict } from './workload.js';
import { load, WITH_GOALS, WORKLOADS } from './workloads.js';

const { values: flags, positionals: asked } = parsed();
const unknown = asked.filter((name) => !(WORKLOADS as readonly string[]).includes(name));

if (flags.list) {
  for (const name of WORKLOADS) console.log(`${name.padEnd(20)} ${(await load(name)).about}`);
} else if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(', ')}: see --list`);
  process.exitCode = 2;
} else if (flags['every-node']) {
  const { date, commit } = circumstances(); // before: the files may change meanwhile
  const found = everyNode(asked.length > 0 ? asked : WITH_GOALS);
  console.log(`\n== goals on every line of Node.js\n\n${asMarkdown(goalsByNode(found))}`);
  if (fullSize) showEveryNode(found, `${date} ${commit}`);
} else {
  console.log(describeCircumstances());
  const found: Record<string, readonly Verdict[]> = {};
  for (const name of WORKLOADS) {
    if (asked.length === 0 || asked.includes(name)) found[name] = await runOne(name);
  }
  if (flags.verdicts !== undefined) writeFileSync(flags.verdicts, JSON.stringify(found));
  if (asked.length === 0) console.log(`\n== goals\n\n${goalsList(Object.values(found).flat())}`);
}

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        list: { type: 'boolean' },
        'every-node': { type: 'boolean' },
        verdicts: { type: 'string' }, // a file for them, and nothing is published: see every-node.ts
      },
    });
  } catch (error) {
    console.error(`${(error as Error).message}: see bench/README.md`);
    process.exit(2);
  }
}

async function runOne(name: string): Promise<readonly Verdict[]> {
  const workload = await load(name);
  const report = await workload.run();
  print(name, workload, report);
  if (fullSize && flags.verdicts === undefined) show(name, workload, report);
  return report.verdicts ?? [];
}
