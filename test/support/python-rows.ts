/** The tables of `docs/from-python.md`: lines of two languages, and what each gives. */

import { spawnSync } from 'node:child_process';
import type { Piece } from './documented.js';
import { blocksIn, codeIn, tablesIn } from './markdown.js';

/** One side of a row. */
export interface Line {
  /** Where it stands in the page. */
  line: number;
  code: string;
  /** The value as JavaScript, the name of Python's error, or the `code` of ours. Not there: nothing is compared. */
  gives: string | undefined;
}

/** The lines of both languages, in the order of the page. */
export function linesOf(page: string): { python: Line[]; typescript: Line[] } {
  const python: Line[] = [];
  const typescript: Line[] = [];
  for (const { heading, rows } of tablesIn(page)) {
    if (heading[0] !== 'Python') continue;
    for (const { line, cells } of rows) {
      const [first = '', second = '', third = '', fourth = ''] = cells;
      const both = heading.length === 3;
      const [theirs, ours] = both ? errorsOf(third) : [codeIn(second)[0], codeIn(fourth)[0]];
      const [left, right] = both ? [first, second] : [first, third];
      if (both || second === '' || theirs !== undefined) {
        python.push({ line, code: onlyCode(left), gives: theirs });
      }
      typescript.push({ line, code: onlyCode(right), gives: ours });
    }
  }
  return { python, typescript };
}

/** One result is that of both sides; of two, the first is Python's. */
function errorsOf(cell: string): [string | undefined, string | undefined] {
  const [first, second = first] = codeIn(cell);
  return [first, second];
}

function onlyCode(cell: string): string {
  const [code] = codeIn(cell);
  if (code === undefined) throw new Error(`no code in the cell "${cell}"`);
  return code;
}

/** The page's TypeScript, tables and blocks in their order, as pieces of a program that fails where one gives something else. */
export function typescriptPieces(page: string): Piece[] {
  const rows = linesOf(page).typescript.map(({ line, code, gives }) => {
    if (gives === undefined) return { line, code: `${code};` };
    if (/^E[A-Z_]+$/.test(gives)) {
      return { line, code: `assert.throws(() => ${code}, { code: '${gives}' });` };
    }
    return { line, code: `assert.deepEqual(${code}, ${gives});` };
  });
  const assert = { line: 1, code: "import assert from 'node:assert/strict';" };
  return [assert, ...blocksIn(page, 'ts'), ...rows];
}

/** The first Python that has smmap. */
export function pythonWithSmmap(): string | undefined {
  return ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import smmap'], { stdio: 'ignore' }).status === 0,
  );
}

const COMPARE = `
import json, sys
def compare(line, run, gives):
    try: got = run()
    except Exception as error: got = type(error).__name__
    if got != gives: sys.exit(f'line {line}: gave {got!r}, not {gives!r}')
null, true, false = None, True, False
`;

/** The same for the Python lines. */
export function pythonProgram(page: string): string {
  const [preparation] = blocksIn(page, 'py');
  const rows = linesOf(page).python.map(({ line, code, gives }) => {
    if (gives === undefined) return code;
    const value = /^[A-Z]\w+Error$/.test(gives) ? `'${gives}'` : gives;
    return `compare(${line}, lambda: ${code}, ${value})`;
  });
  return [COMPARE, preparation?.code, ...rows, ''].join('\n');
}
