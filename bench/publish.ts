/** What a full-size run found, put where the documentation shows it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { checkout } from '../test/support/checkout.js';
import { putInto } from '../test/support/generated-part.js';
import { publish, publishedFigures } from '../test/support/proof.js';
import type { ByNode, OnNode } from './every-node.js';
import { goalsByNode, goalsList, knownVerdicts } from './goals.js';
import { draw } from './plot.js';
import { absentLine, asMarkdown, describeCircumstances, verdictLines } from './print.js';
import type { Report, Workload } from './workload.js';

const PLOTS = 'docs/plots';
const PROOFS = 'docs/proof';
/** The page that has all goals. */
const PERFORMANCE = 'docs/performance.md';
/** Not `bench-…`: it is no workload. */
const EVERY_NODE = 'every-node';

/**
 * Writes the figures, the plots, and into the workload's page what stands there
 * between `<!-- figures: NAME -->` and `<!-- end of NAME -->`.
 */
export function show(name: string, { page }: Workload, report: Report): void {
  publish(`bench-${name}`, { ...circumscribed(report) });
  mkdirSync(join(checkout, PLOTS), { recursive: true });
  for (const plot of report.plots ?? []) {
    writeFileSync(join(checkout, PLOTS, `${plot.name}.svg`), draw(plot));
  }
  if (page !== undefined) putInto(page, name, section(name, page, report));
  putInto(PERFORMANCE, 'goals', `${goalsList(knownVerdicts())}\n`);
}

/** What `docs/proof` has of every line of Node.js. */
interface Published {
  /** Date and commit, by workload. */
  readonly measured: Readonly<Record<string, string>>;
  readonly byNode: ByNode;
}

/**
 * Writes what was found on every line of Node.js beside what is known of other workloads, and the
 * table into the page.
 * @param when date and commit
 */
export function showEveryNode(fresh: ByNode, when: string): void {
  const known = publishedFigures<Published>(EVERY_NODE);
  const names = Object.values(fresh).flatMap(({ found }) => Object.keys(found));
  const measured = { ...known?.measured, ...Object.fromEntries(names.map((name) => [name, when])) };
  const byNode: Record<string, OnNode> = { ...known?.byNode };
  for (const [line, { version, found }] of Object.entries(fresh)) {
    byNode[line] = { version, found: { ...byNode[line]?.found, ...found } };
  }
  publish(EVERY_NODE, { measured, byNode });
  const table = goalsByNode(byNode);
  const source = `Measured by \`SMMAP_FULL=1 npm run bench -- --every-node\` on the machine of the other figures; all verdicts, with dates and commits: [${EVERY_NODE}.json](proof/${EVERY_NODE}.json).`;
  putInto(PERFORMANCE, 'every-node', `${table.title}\n\n${asMarkdown(table)}\n\n${source}\n`);
}

function circumscribed({ figures, verdicts, absent }: Report): Record<string, unknown> {
  return { figures, ...(verdicts && { verdicts }), ...(absent && { absent }) };
}

function section(name: string, page: string, report: Report): string {
  const link = (target: string) => posix.relative(dirname(page), target);
  const { tables, plots = [], verdicts = [], absent = [] } = report;
  return [
    ...tables.map((table) => `${table.title}\n\n${asMarkdown(table)}\n`),
    ...plots.map((plot) => `![${plot.name}](${link(`${PLOTS}/${plot.name}.svg`)})\n`),
    ...(verdicts.length > 0 ? [`${verdictLines(verdicts)}\n`] : []),
    ...(absent.length > 0 ? [`${absentLine(absent)}\n`] : []),
    `Measured by \`SMMAP_FULL=1 npm run bench -- ${name}\`: ${describeCircumstances()}. All figures: [bench-${name}.json](${link(`${PROOFS}/bench-${name}.json`)}).\n`,
  ].join('\n');
}
