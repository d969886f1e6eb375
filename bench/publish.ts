/** What a full-size run found, put where the documentation shows it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { checkout } from '../test/support/checkout.js';
import { publish } from '../test/support/proof.js';
import { draw } from './plot.js';
import { asMarkdown, describeCircumstances, verdictLines } from './print.js';
import type { Report, Workload } from './workload.js';

const PLOTS = 'docs/plots';
const PROOFS = 'docs/proof';

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
  if (page === undefined) return;
  const path = join(checkout, page);
  const text = readFileSync(path, 'utf8');
  const [begin, end] = [`<!-- figures: ${name} -->\n`, `<!-- end of ${name} -->`];
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`${page} has no place for ${name}`);
  writeFileSync(path, text.slice(0, from) + section(name, page, report) + text.slice(to));
}

function circumscribed({ figures, verdicts }: Report): Record<string, unknown> {
  return verdicts === undefined ? { figures } : { figures, verdicts };
}

function section(name: string, page: string, report: Report): string {
  const link = (target: string) => posix.relative(dirname(page), target);
  const { tables, plots = [], verdicts = [] } = report;
  return [
    ...tables.map((table) => `${table.title}\n\n${asMarkdown(table)}\n`),
    ...plots.map((plot) => `![${plot.name}](${link(`${PLOTS}/${plot.name}.svg`)})\n`),
    ...(verdicts.length > 0 ? [`${verdictLines(verdicts)}\n`] : []),
    `Measured by \`SMMAP_FULL=1 npm run bench -- ${name}\`: ${describeCircumstances()}. All figures: [bench-${name}.json](${link(`${PROOFS}/bench-${name}.json`)}).\n`,
  ].join('\n');
}
