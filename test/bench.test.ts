/** The benchmarks' own parts: what turns samples into figures, tables and pictures. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { figureOf, ratioOf } from '../bench/figures.js';
import { goalsByNode } from '../bench/goals.js';
import { draw } from '../bench/plot.js';
import { asMarkdown } from '../bench/print.js';
import type { Goal, Verdict } from '../bench/workload.js';
import { WITH_GOALS, WORKLOADS } from '../bench/workloads.js';
import { checkout } from './support/checkout.js';
import { tablesIn } from './support/markdown.js';

const MAIN = join(checkout, '.out/bench/main.js');

describe('figures', () => {
  test('are the middle sample and the bounds of the middle half', () => {
    assert.deepEqual(figureOf([5]), { median: 5, low: 5, high: 5 });
    assert.deepEqual(figureOf([9, 1, 5, 3, 7]), { median: 5, low: 3, high: 7 });
    assert.deepEqual(figureOf([4, 1, 3, 2]), { median: 2.5, low: 1.75, high: 3.25 });
  });

  test('one mad sample changes none of them much', () => {
    assert.deepEqual(figureOf([1, 2, 3, 4, 1e9]), { median: 3, low: 2, high: 4 });
  });

  test('are compared round by round, so that a slow round counts for both', () => {
    assert.deepEqual(ratioOf([2, 200, 2], [1, 100, 1]), { median: 2, low: 2, high: 2 });
  });
});

describe('a report', () => {
  const table = {
    title: 'T',
    columns: ['what', 'n'],
    rows: [
      ['one', '1'],
      ['two', '22'],
    ],
  };

  test('has tables that Markdown reads as they were meant', () => {
    const [read] = tablesIn(asMarkdown(table));
    assert.deepEqual(read?.heading, table.columns);
    assert.deepEqual(
      read?.rows.map(({ cells }) => cells),
      table.rows,
    );
  });

  test('has plots in which each point of each series stands where it should', () => {
    const points = [
      { x: 1, y: 10, low: 5, high: 15 },
      { x: 100, y: 20 },
    ];
    const svg = draw({
      name: 'p',
      panels: [
        {
          title: 'a < b',
          xLabel: 'x',
          yLabel: 'y',
          xScale: 'log',
          series: [{ name: 's', points }],
        },
      ],
    });
    const [first, second] = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(
      ([, x, y]) => ({ x: Number(x), y: Number(y) }),
    );
    assert.ok(first !== undefined && second !== undefined);
    assert.ok(first.x < second.x && first.y > second.y); // y grows downwards
    assert.ok(svg.includes('a &lt; b'));
    assert.equal(svg.match(/<g/g)?.length, svg.match(/<\/g>/g)?.length);
  });
});

describe('goals on every line of Node.js', () => {
  test('are a row for each claim, in order of the goals, with bold for what does not hold', () => {
    const verdict = (goal: Goal, figure: string, holds = true): Verdict => ({
      claim: `about ${goal}`,
      figure,
      holds,
      goal,
    });
    const aside = { claim: 'no goal', figure: '7', holds: false };
    const { columns, rows } = goalsByNode({
      20: {
        version: 'v20.1.0',
        found: { b: [verdict(2, '2 ns')], a: [verdict(1, '1 ns'), aside] },
      },
      22: { version: 'v22.1.0', found: { a: [verdict(1, '3 ns', false)] } },
    });
    assert.deepEqual(columns, ['', 'v20.1.0', 'v22.1.0']);
    assert.deepEqual(rows, [
      ['1. about 1', '1 ns', '**3 ns**'],
      ['2. about 2', '2 ns', 'not measured'],
    ]);
  });

  test('come from all workloads that have any, and from no others', () => {
    const folder = join(checkout, 'docs/proof');
    const having = WORKLOADS.filter((name) => {
      const proof = readFileSync(join(folder, `bench-${name}.json`), 'utf8');
      const { figures } = JSON.parse(proof) as { figures: { verdicts?: Verdict[] } };
      return figures.verdicts?.some(({ goal }) => goal !== undefined);
    });
    assert.deepEqual(having, [...WITH_GOALS]);
  });
});

describe('npm run bench', () => {
  test('lists every workload there is', () => {
    const listed = execFileSync(process.execPath, [MAIN, '--list'], { encoding: 'utf8' });
    const names = listed
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    const files = readdirSync(join(checkout, 'bench/workloads')).map((name) => name.slice(0, -3));
    assert.deepEqual(names.sort(), files.sort());
  });

  test('refuses a name that it does not know', () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'nothing'], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /no nothing: see --list/);
    const misspelt = spawnSync(process.execPath, [MAIN, '--lsit'], { encoding: 'utf8' });
    assert.equal(misspelt.status, 2);
    assert.match(misspelt.stderr, /^Unknown option '--lsit'/);
  });
});
