/** The programs and packages that others use, as far as they can be had on this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../../test/support/checkout.js';
import { tempDir } from '../../test/support/files.js';
import { npm } from '../../test/support/npm.js';
import { runtimeCommand } from '../../test/support/runtimes.js';

/** A rival that is here, by the beginning of its command, or why it is not. */
export type Found<T> = { readonly is: T } | { readonly absent: string };

/** What some forms need, by the form's name. */
export type Needs = Readonly<Record<string, Found<unknown>>>;

/** The forms that can take part. */
export function present(forms: readonly string[], needs: Needs): string[] {
  return forms.filter((form) => !('absent' in (needs[form] ?? {})));
}

/** Those that cannot, and why. */
export function absent(needs: Needs): string[] {
  return Object.entries(needs).flatMap(([form, found]) =>
    'absent' in found ? [`${form} (${found.absent})`] : [],
  );
}

/** What was found. @throws Error when it was not */
export function must<T>(found: Found<T>): T {
  if ('is' in found) return found.is;
  throw new Error(found.absent);
}

const SOURCES = join(checkout, 'bench/rivals');

function tries<T>(find: () => T): Found<T> {
  try {
    return { is: find() };
  } catch (error) {
    return { absent: String(error instanceof Error ? error.message : error).split('\n')[0] ?? '' };
  }
}

function check(command: string, args: readonly string[]): void {
  const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`${command} is not installed`);
  if (status !== 0) throw new Error(stderr.trim().split('\n').at(-1) || `${command} fails`);
}

/** The C program, built now. */
export function cProgram(): Found<string> {
  return tries(() => {
    const program = join(tempDir(), 'rival');
    check('cc', ['-O2', '-o', program, join(SOURCES, 'rival.c')]);
    return program;
  });
}

/** Debian's Python, for which `python3-smmap` is. */
const PYTHON = '/usr/bin/python3';

/** Python with a module of its. */
export function python(module: 'smmap' | 'mmap'): Found<string[]> {
  return tries(() => {
    const python = existsSync(PYTHON) ? PYTHON : 'python3';
    check(python, ['-c', `import ${module}`]);
    return [python, join(SOURCES, 'rival.py')];
  });
}

/** A program of the system. */
export function program(name: string): Found<string> {
  return tries(() => {
    check(name, ['--version']);
    return name;
  });
}

/** Bun with its `Bun.mmap`. */
export function bun(): Found<string[]> {
  return tries(() => {
    const command = runtimeCommand('bun');
    check(command[0] as string, ['--version']);
    return [...command, join(checkout, '.out/bench/rivals/bun.js')];
  });
}

const PEERS = join(checkout, 'node_modules', '.cache', 'smmap', 'peers');

/** A package of npm's that maps files; the path of what it exports. */
export function peer(name: '@riaskov/mmap-io' | 'koffi'): Found<string> {
  return tries(() => {
    const folder = join(PEERS, name.replace('/', '+'));
    const installed = join(folder, 'node_modules', name);
    if (!existsSync(installed)) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
      npm(folder, ['install', '--no-package-lock', name]);
    }
    check(process.execPath, ['-e', `require(${JSON.stringify(installed)})`]);
    return installed;
  });
}
