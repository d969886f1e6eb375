/** Programs that stand in the documentation, compiled as TypeScript and run as a reader would run them. */

import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { checkout } from './checkout.js';
import { tempDir } from './files.js';

/** A program to compile and run. */
export interface Program {
  /** Where it stands: `docs/guide.md:25`. Its file is named after it. */
  name: string;
  /** TypeScript. */
  code: string;
}

/** Part of a program, and the line of the page where it stands, counted from 1. */
export interface Piece {
  line: number;
  code: string;
}

/** A program in which every piece has the line that it has in the page. */
export function programOf(page: string, pieces: readonly Piece[]): Program {
  const inOrder = [...pieces].sort((a, b) => a.line - b.line);
  let code = '';
  for (const piece of inOrder) {
    code += '\n'.repeat(piece.line - code.split('\n').length) + piece.code;
  }
  return { name: `${page}:${inOrder[0]?.line}`, code };
}

/**
 * Inside the checkout, so that `import 'smmap'` finds the package itself; one for each
 * test file, because those run at the same time.
 */
const FOLDER = join(
  checkout,
  '.out',
  'documented',
  basename(process.argv[1] ?? 'other', '.test.js'),
);

/** Strict like the project itself, save that a reader need not use every name. */
const SETTINGS = {
  extends: '../../../tsconfig.base.json',
  compilerOptions: {
    composite: false,
    declaration: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    rootDir: '.',
    outDir: './js',
  },
};

function stem({ name }: Program): string {
  return name.replaceAll(/[^\w]+/g, '-');
}

/** Checks the types of the programs and makes JavaScript of them. Throws with the compiler's words. */
export function compile(programs: readonly Program[]): void {
  mkdirSync(FOLDER, { recursive: true });
  for (const program of programs) {
    writeFileSync(join(FOLDER, `${stem(program)}.ts`), program.code);
  }
  const files = programs.map((program) => `${stem(program)}.ts`);
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify({ ...SETTINGS, files }));
  const compiler = join(checkout, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    execFileSync(process.execPath, [compiler, '-p', FOLDER], { encoding: 'utf8' });
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout);
  }
}

/**
 * Runs a compiled program in a folder of its own, which is empty unless given, with at most 512 open
 * descriptors, so that what happens when none is left happens soon.
 * @returns what it printed
 */
export async function run(program: Program, cwd = tempDir()): Promise<string> {
  const script = join(FOLDER, 'js', `${stem(program)}.js`);
  const command = 'ulimit -n 512; exec "$0" --enable-source-maps "$1"';
  const args = ['-c', command, process.execPath, script];
  const { stdout } = await promisify(execFile)('/bin/sh', args, { cwd });
  return stdout;
}
