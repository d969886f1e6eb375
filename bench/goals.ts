/** The nine goals, and what the workloads say of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../test/support/checkout.js';
import type { ByNode } from './every-node.js';
import type { Goal, Table, Verdict } from './workload.js';

/** What each goal is about; the claims themselves are in the workloads. */
const GOALS: Readonly<Record<Goal, string>> = {
  1: 'a byte inside a window is as fast as one of a typed array',
  2: 'a hit costs next to nothing, a cursor little more than the look at its file',
  3: 'scattered reads of places that are not mapped are as fast as reading',
  4: 'no cost grows with the number of regions or files',
  5: 'scanning, counting, lines and searching at the speed of memory',
  6: 'memory stays within the budget, and nothing grows',
  7: 'the event loop stays free',
  8: 'two workers do nearly twice as much',
  9: 'the import is quick',
};

/** One entry a goal, and below it what was claimed and found. */
export function goalsList(verdicts: readonly Verdict[]): string {
  return Object.entries(GOALS)
    .map(([number, about]) => {
      const own = verdicts.filter(({ goal }) => goal === Number(number));
      return [`${number}. ${about}: **${standing(own)}**`, ...own.map(line)].join('\n');
    })
    .join('\n');
}

function standing(verdicts: readonly Verdict[]): string {
  const held = verdicts.filter(({ holds }) => holds).length;
  if (verdicts.length === 0) return 'not measured';
  return held === verdicts.length ? 'reached' : `${held} of ${verdicts.length} reached`;
}

function line({ claim, figure, holds }: Verdict): string {
  return `   - ${holds ? '' : '**not reached** '}${claim}: ${figure}`;
}

/** A row for each claim, a column for each version of Node.js. */
export function goalsByNode(byNode: ByNode): Table {
  const columns = Object.values(byNode).map(({ version, found }) => ({
    version,
    verdicts: Object.values(found).flat(),
  }));
  const claims = (columns[0]?.verdicts ?? []).filter(({ goal }) => goal !== undefined);
  return {
    title: 'What does not hold is in bold:',
    columns: ['', ...columns.map(({ version }) => version)],
    rows: claims
      .toSorted((a, b) => (a.goal as Goal) - (b.goal as Goal))
      .map(({ claim, goal }) => [
        `${goal}. ${claim}`,
        ...columns.map(({ verdicts }) => cell(verdicts.find((one) => one.claim === claim))),
      ]),
  };
}

function cell(verdict: Verdict | undefined): string {
  if (verdict === undefined) return 'not measured';
  return verdict.holds ? verdict.figure : `**${verdict.figure}**`;
}

/** The verdicts of the figures that are published now. */
export function knownVerdicts(): Verdict[] {
  const folder = join(checkout, 'docs/proof');
  return readdirSync(folder)
    .filter((name) => name.startsWith('bench-'))
    .flatMap((name) => {
      const { figures } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
        figures: { verdicts?: Verdict[] };
      };
      return figures.verdicts ?? [];
    });
}
