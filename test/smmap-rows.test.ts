/** Every fault of smmap's has a test, and the table in the documentation names it. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout, readText } from './support/checkout.js';
import { codeIn, tablesIn } from './support/markdown.js';

const NUMBERS = Array.from({ length: 42 }, (_, i) => i + 1);

/** The titles of the rows in the test files, in the order of their numbers. */
const titles = readdirSync(join(checkout, 'test'))
  .filter((name) => /^smmap-rows-\w+\.test\.ts$/.test(name))
  .flatMap((name) => readText(`test/${name}`).match(/(?<=^ {2}')row \d+: .*(?=':)/gm) ?? [])
  .sort((a, b) => numberOf(a) - numberOf(b));

function numberOf(title: string): number {
  return Number(/\d+/.exec(title));
}

test('each of the 42 rows has one test', () => {
  assert.deepEqual(titles.map(numberOf), NUMBERS);
});

test('docs/from-smmap-faults.md has a line for each, with the name of its test', () => {
  const [table] = tablesIn(readText('docs/from-smmap-faults.md'));
  const lines = table?.rows.map(({ cells }) => cells) ?? [];
  assert.deepEqual(
    lines.map(([row]) => Number(row)),
    NUMBERS,
  );
  assert.deepEqual(
    lines.map(([, , , name = '']) => codeIn(name)[0]),
    titles,
  );
  assert.ok(lines.every((cells) => cells.length === 4 && cells.every((cell) => cell !== '')));
});
