/** The tables of `docs/from-python-mmap.md` as two programs, each of which prints what its lines give. */

import type { Piece } from './documented.js';
import { blocksIn } from './markdown.js';
import { type Line, linesOf } from './python-rows.js';

/** What a line gave, by the line of the page: a value as JSON has it, or the name or code of an error. */
export type Given = Readonly<Record<number, unknown>>;

/** What a cell of the page says, in the same form. */
export function saidBy({ gives }: Line): unknown {
  if (gives === undefined) return undefined;
  return /^([A-Z]\w+Error|E[A-Z_]+)$/.test(gives) ? gives : JSON.parse(gives);
}

const SHOW_IN_PYTHON = `
import json
given = {}
def show(value):
    if isinstance(value, (bytes, bytearray)): return value.decode('latin-1')
    if isinstance(value, list): return [show(each) for each in value]
    return value
def give(line, run):
    try: given[line] = show(run())
    except Exception as error: given[line] = type(error).__name__
`;

/** The Python column. */
export function pythonThatPrints(page: string): string {
  const blocks = blocksIn(page, 'py').map(({ code }) => code);
  const rows = linesOf(page).python.map(({ line, code, gives }) =>
    gives === undefined ? code : `give(${line}, lambda: ${code})`,
  );
  return [...blocks, SHOW_IN_PYTHON, ...rows, 'print(json.dumps(given))', ''].join('\n');
}

const SHOW_IN_TYPESCRIPT = `
function show(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (Array.isArray(value)) return value.map(show);
  return value ?? null;
}
function give(line: number, run: () => unknown): void {
  try {
    given[line] = show(run());
  } catch (error) {
    given[line] = (error as { code: string }).code;
  }
}
`;

/** The TypeScript column, as pieces of a program in which a line has the number that it has in the page. */
export function typescriptThatPrints(page: string): Piece[] {
  const rows = linesOf(page).typescript.map(({ line, code, gives }) => ({
    line,
    code: gives === undefined ? `${code};` : `give(${line}, () => ${code});`,
  }));
  const last = page.split('\n').length;
  return [
    { line: 1, code: 'const given: Record<number, unknown> = {};' },
    ...blocksIn(page, 'ts'),
    ...rows,
    { line: last, code: `console.log(JSON.stringify(given));${SHOW_IN_TYPESCRIPT}` },
  ];
}
