/** What clients gain by a mapping, and what they do not: the table in docs/clients/README.md. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, readText } from '../checkout.js';
import { publish } from '../proof.js';
import type { Ratio } from '../ratios.js';
import { fullSize } from '../scale.js';

/** One line of the table. */
export interface Gain {
  client: string;
  /** What was done. */
  work: string;
  /** How the client goes to a file without us. */
  own: string;
  /** Milliseconds are of processor time. */
  unit: 'bytes' | 'milliseconds';
  /** What it took that way, and what it took through us. */
  before: number;
  after: number;
  /** The one to the other, where it was taken round by round. @default before / after */
  ratio?: number;
}

/** The part of a line that says how long it took. @param count how often the work was done in a round */
export function timed(
  { node, smmap, ratio }: Ratio,
  count = 1,
): Omit<Gain, 'client' | 'work' | 'own'> {
  return { unit: 'milliseconds', before: node / count, after: smmap / count, ratio };
}

const PAGE = 'docs/clients/README.md';
const [BEGIN, END] = ['<!-- gains -->\n', '<!-- end of gains -->'];

/** The proofs in the order of the table. */
const PROOFS = ['arrow', 'git', 'maxmind', 'gmod', 'ranges', 'archives', 'streams'];

/** Publishes what a suite of one client found, and brings the table up to date. In a full-size run only. */
export function publishGains(
  name: string,
  gains: readonly Gain[],
  figures: Readonly<Record<string, unknown>>,
): void {
  publish(`clients-${name}`, { gains, ...figures });
  if (!fullSize) return;
  const { before, after } = aroundTable(readText(PAGE));
  writeFileSync(join(checkout, PAGE), before + gainsTable() + after);
}

/** What stands in the page before, between and after the marks. */
export function aroundTable(page: string): { before: string; table: string; after: string } {
  const [before, rest] = page.split(BEGIN);
  const [table, after] = rest?.split(END) ?? [];
  if (before === undefined || table === undefined || after === undefined) {
    throw new Error(`${PAGE} has no place for the table`);
  }
  return { before: before + BEGIN, table, after: END + after };
}

/** The table as the published proofs have it. */
export function gainsTable(): string {
  const proofs = PROOFS.map((name) => ({ ...proofOf(name), name }));
  const rows = proofs.flatMap(({ name, figures }) => figures.gains.map((gain) => row(name, gain)));
  const { date, machine } = proofs[0] as Proof;
  return [
    '| client | work | its own way to the file | | through smmap | gain |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    `Measured on ${date} with Node ${machine.node}, ${machine.processors} processors (${machine.processor}), ${machine.system}, files in the page cache. Times are processor time, all threads together: medians of rounds taken in turns.`,
    '',
  ].join('\n');
}

interface Proof {
  date: string;
  machine: Record<string, string | number>;
  figures: { gains: Gain[] };
}

function proofOf(name: string): Proof {
  return JSON.parse(readFileSync(join(checkout, 'docs', 'proof', `clients-${name}.json`), 'utf8'));
}

function row(proof: string, gain: Gain): string {
  const { client, work, own, unit, before, after, ratio = before / after } = gain;
  const link = `[${work}](../proof/clients-${proof}.json)`;
  const cells = [client, link, own, show(before, unit), show(after, unit), verdict(ratio, unit)];
  return `| ${cells.join(' | ')} |`;
}

function show(value: number, unit: Gain['unit']): string {
  if (unit === 'bytes') return `${rounded(value / 1e6)} MB`;
  return value < 0.5 ? `${rounded(value * 1000)} µs` : `${rounded(value)} ms`;
}

function rounded(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString('en') : value.toPrecision(2);
}

function verdict(ratio: number, unit: Gain['unit']): string {
  if (ratio > 0.8 && ratio < 1.25) return 'none';
  if (unit === 'bytes') return ratio > 1 ? `1/${rounded(ratio)} of the memory` : '**more**';
  return ratio > 1 ? `${rounded(ratio)} × as fast` : `**slower**, ${rounded(1 / ratio)} × the time`;
}
