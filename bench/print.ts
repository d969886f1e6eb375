/** Reports as text: for the terminal, and as tables of Markdown. */
import { circumstances } from '../test/support/proof.js';
import type { Report, Table, Verdict, Workload } from './workload.js';

/** Machine, date and commit in one line. */
export function describeCircumstances(): string {
  const { date, commit, machine } = circumstances();
  const { processor, processors, system, node } = machine;
  return `${date}, commit ${commit.slice(0, 12)}${commit.slice(40)}, Node.js ${node}, ${system}, ${processors} × ${processor}`;
}

/** Writes a report to the terminal. */
export function print(name: string, { about }: Workload, report: Report): void {
  const { tables, verdicts = [], absent = [] } = report;
  console.log(`\n== ${name}: ${about}`);
  for (const table of tables) console.log(`\n${table.title}\n\n${asMarkdown(table)}`);
  if (verdicts.length > 0) console.log(`\n${verdictLines(verdicts)}`);
  if (absent.length > 0) console.log(`\n${absentLine(absent)}`);
}

/** Who could not take part. */
export function absentLine(absent: readonly string[]): string {
  return `Absent: ${absent.join('; ')}.`;
}

/** A table with columns of equal width. */
export function asMarkdown({ columns, rows }: Table): string {
  const widths = columns.map((column, i) =>
    Math.max(...[column, ...rows.map((row) => row[i] ?? '')].map((cell) => cell.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, i) =>
    i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(columns), line(rule), ...rows.map(line)].join('\n');
}

/** One line a claim. */
export function verdictLines(verdicts: readonly Verdict[]): string {
  return verdicts
    .map(
      ({ claim, figure, holds, goal }) =>
        `- ${holds ? 'holds' : '**does not hold**'}${goal === undefined ? '' : `, goal ${goal}`}: ${claim} (${figure})`,
    )
    .join('\n');
}
