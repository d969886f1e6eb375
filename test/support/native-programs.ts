/** C programs over the native part, built with gcc's sanitizers. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { checkout } from './checkout.js';
import { isInstalled, run } from './command.js';
import { nativeSources } from './native-sources.js';
import { nodeProgram } from './nodes.js';

/** Where the programs' own C files lie. */
const FOLDER = join(checkout, 'test', 'native');

const FLAGS = ['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Werror', '-DNAPI_VERSION=8'];

/** What goes into a program. */
export interface CProgram {
  name: string;
  /** Its own files, in `test/native`, save those of `including`. */
  files: readonly string[];
  /** Files of its own that include parts of the native part, and are compiled as those. @default none */
  including?: readonly string[];
  /** Which files of the native part, by their names without `.c`. */
  core: (name: string) => boolean;
  /** For every file and for linking. */
  flags: readonly string[];
  /** For the files of the native part. @default none */
  coreFlags?: readonly string[];
  /** Functions that the program's own `__wrap_` twins stand in for. @default none */
  wrapped?: readonly string[];
}

/** Flags of a program that ends at the first thing that AddressSanitizer or UBSan has to say. */
export const ADDRESS_AND_UNDEFINED = [
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=undefined',
  '-fno-omit-frame-pointer',
];

/** The environment of such a program: it ends by abort(); faults in mappings are the guard's. */
export const SANITIZED: NodeJS.ProcessEnv = {
  ...process.env,
  ASAN_OPTIONS: 'abort_on_error=1:handle_sigbus=0',
  UBSAN_OPTIONS: 'abort_on_error=1:print_stacktrace=1',
};

/** The path of a library that comes with gcc; nothing where it is not there. */
export function gccLibrary(name: string): string | undefined {
  if (process.platform !== 'linux' || !isInstalled('gcc')) return undefined;
  const path = run('gcc', [`-print-file-name=${name}`]).trim();
  return isAbsolute(path) && existsSync(path) ? path : undefined;
}

/** Why programs with a sanitizer cannot be built here; `false`: they can. */
export function cannotSanitize(library: string): string | false {
  return gccLibrary(library) === undefined && `gcc brings no ${library} here`;
}

function headers(): string {
  const beside = join(dirname(dirname(process.execPath)), 'include', 'node');
  if (existsSync(join(beside, 'node_api.h'))) return beside;
  return join(dirname(dirname(nodeProgram('20'))), 'include', 'node');
}

/** Compiles a program into `folder` and gives its path. */
export function compileProgram(folder: string, program: CProgram): string {
  const { name, flags, including = [], coreFlags = [], wrapped = [] } = program;
  const objects = join(folder, `${name}-objects`);
  mkdirSync(objects);
  const listed = nativeSources('linux', process.arch);
  const here = (file: string) => join(FOLDER, file);
  const core = [
    ...listed.filter((path) => program.core(basename(path, '.c'))),
    ...including.map(here),
  ];
  const own = program.files.map(here);
  const compile = [...FLAGS, '-isystem', headers(), ...flags, '-c'];
  run('gcc', [...compile, ...coreFlags, ...core], { cwd: objects });
  run('gcc', [...compile, ...own], { cwd: objects });
  const path = join(folder, name);
  const linked = [...core, ...own].map((file) => `${basename(file, '.c')}.o`);
  const instead = wrapped.map((each) => `-Wl,--wrap=${each}`);
  run('gcc', [...flags, ...instead, ...linked, '-lm', '-lpthread', '-o', path], { cwd: objects });
  return path;
}

/**
 * A command that runs a program with its memory always at the same addresses, where that is
 * allowed: gcc's ThreadSanitizer does not know all that Linux may choose by chance.
 */
export function withoutChance(command: readonly string[]): readonly string[] {
  const fixed = ['setarch', '-R'];
  const works = spawnSync('setarch', ['-R', 'true'], { stdio: 'ignore' }).status === 0;
  return works ? [...fixed, ...command] : command;
}
