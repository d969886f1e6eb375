/** Figures of a full-size run, published with what they were measured on. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { checkout } from './checkout.js';
import { fullSize } from './scale.js';

/** Where the figures go, from the checkout's folder. */
const FOLDER = 'docs/proof';

/**
 * Writes `docs/proof/<name>.json`: the figures with date, commit and machine.
 * Does nothing unless the run is a full-size one.
 */
export function publish(name: string, figures: Readonly<Record<string, unknown>>): void {
  if (!fullSize) return;
  const proof = { name, ...circumstances(), figures };
  mkdirSync(join(checkout, FOLDER), { recursive: true });
  writeFileSync(join(checkout, FOLDER, `${name}.json`), `${JSON.stringify(proof, null, 2)}\n`);
}

/** The figures that are published under a name; `undefined` when there are none. */
export function publishedFigures<Figures>(name: string): Figures | undefined {
  const path = join(checkout, FOLDER, `${name}.json`);
  if (!existsSync(path)) return undefined;
  return (JSON.parse(readFileSync(path, 'utf8')) as { figures: Figures }).figures;
}

/** When, what and on what: goes with every figure. */
export function circumstances(): {
  date: string;
  commit: string;
  machine: Record<string, string | number>;
} {
  return { date: today(), commit: commit(), machine: machine() };
}

function today(): string {
  return new Date().toISOString().slice(0, 'yyyy-mm-dd'.length);
}

/** The commit that was measured; says so when the files were not exactly those, save for what a run writes. */
function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: checkout, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', '.', ':!docs') !== '';
  return git('rev-parse', 'HEAD') + (changed ? ' with local changes' : '');
}

function machine(): Record<string, string | number> {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    processors: processors.length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
  };
}
