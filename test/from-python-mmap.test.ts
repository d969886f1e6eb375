/** Each line of Python in `docs/from-python-mmap.md` gives what the page says, and its TypeScript the same. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { readText } from './support/checkout.js';
import { compile, programOf, run } from './support/documented.js';
import { tempDir } from './support/files.js';
import { type Given, pythonThatPrints, saidBy, typescriptThatPrints } from './support/mmap-rows.js';
import { linesOf } from './support/python-rows.js';

const PAGE = 'docs/from-python-mmap.md';
const page = readText(PAGE);
const lines = linesOf(page);

/** The methods that both have, as Python writes them. */
const METHODS = [
  ...['close', 'find', 'flush', 'madvise', 'move', 'read', 'read_byte', 'readline', 'resize'],
  ...['rfind', 'seek', 'size', 'tell', 'write', 'write_byte'],
];

/** What the Python column gives; `undefined` where there is no Python. */
function givenByPython(): Given | undefined {
  const options = { input: pythonThatPrints(page), cwd: tempDir(), encoding: 'utf8' } as const;
  const { error, status, stdout, stderr } = spawnSync('python3', ['-'], options);
  if (error !== undefined) return undefined;
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

describe(PAGE, () => {
  const python = givenByPython();

  test('names every difference that the random calls are excused', () => {
    const told = page.split('\n').flatMap((line) => {
      const [, row, difference] = /^\| `([a-z-]+)` \| (.*) \|$/.exec(line) ?? [];
      return row === undefined ? [] : [{ row, difference: difference?.replaceAll('\\|', '|') }];
    });
    const excused: { row: string; difference: string }[] = JSON.parse(
      readText('test/long/mmap-differential/rows.json'),
    );
    assert.deepEqual(
      told,
      excused.map(({ row, difference }) => ({ row, difference })),
    );
  });

  test('has a line for every method that both have', () => {
    const theirs = lines.python.map(({ code }) => code).join('\n');
    const ours = lines.typescript.map(({ code }) => code).join('\n');
    for (const name of METHODS) {
      assert.ok(theirs.includes(`.${name}(`), `${name} of Python`);
      const own = name.replace('_b', 'B');
      assert.ok(ours.includes(`.${own}(`), `${own} of TypeScript`);
    }
  });

  test('the Python gives what it says', { skip: python ? false : 'no python3 here' }, () => {
    for (const line of lines.python) {
      assert.deepEqual(python?.[line.line], saidBy(line), `${PAGE}:${line.line} ${line.code}`);
    }
  });

  test('the TypeScript gives what it says', async () => {
    const program = programOf(PAGE, typescriptThatPrints(page));
    compile([program]);
    const typescript: Given = JSON.parse(await run(program));
    for (const line of lines.typescript) {
      assert.deepEqual(typescript[line.line], saidBy(line), `${PAGE}:${line.line} ${line.code}`);
    }
  });
});
