/** A copy of the checkout whose addon is built with sanitizers, and what they say about its tests. */

import { spawn } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { checkout } from './checkout.js';
import { tempDir } from './files.js';
import { npm, plainEnvironment } from './npm.js';

/** What the copy goes without, or gets anew. */
const LEFT_OUT = ['.git', 'node_modules', 'build', 'prebuilds'];

/** An error that AddressSanitizer told of, or a leak. */
export interface Report {
  text: string;
  isLeak: boolean;
  /** An error: a function of the addon has a part in it. A leak: such a function allocated it. */
  isOurs: boolean;
}

/** How a run of tests ended. */
export interface Run {
  /** Names of the tests that failed by themselves, not through a test inside. */
  failed: readonly string[];
  /** How many tests there were. */
  tests: number;
  output: string;
  reports: readonly Report[];
  /** Whether UBSan spoke; the test that it spoke in has failed, too. */
  isUndefined: boolean;
}

/** A copy of the checkout, the compiled tests included, without an addon. */
export function copiedCheckout(): string {
  const copy = tempDir();
  for (const name of readdirSync(checkout)) {
    if (!LEFT_OUT.includes(name))
      cpSync(join(checkout, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(checkout, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Compiles the addon of a copy with AddressSanitizer and UBSan; again: what has changed of it. */
export function buildSanitized(copy: string): void {
  const defines = `${process.env.GYP_DEFINES ?? ''} sanitize=address,undefined`;
  // gcc's UBSan knows no log file: a program that it speaks in ends there, so that a test fails.
  const env = {
    ...plainEnvironment(),
    GYP_DEFINES: defines,
    CFLAGS: '-fno-sanitize-recover=undefined',
  };
  npm(copy, ['run', '--silent', 'build:native'], env);
}

/**
 * Runs test files of the copy, as many at a time as there are processors. Every report counts,
 * also of processes that went on or were meant to die.
 * @param library the path of libasan, which has to be there before node
 */
export async function runSanitized(
  copy: string,
  files: readonly string[],
  library: string,
  variables: NodeJS.ProcessEnv = {},
): Promise<Run> {
  const reports = tempDir();
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    ...variables,
    LD_PRELOAD: library,
    // SIGSEGV and SIGBUS are for V8 and for the guard.
    ASAN_OPTIONS: `handle_segv=0:handle_sigbus=0:allow_user_segv_handler=1:halt_on_error=0:log_path=${reports}/address`,
    UBSAN_OPTIONS: 'print_stacktrace=1',
    LSAN_OPTIONS: 'exitcode=0', // every program that a test starts is asked, and most leak
  };
  const atOnce = `--test-concurrency=${availableParallelism()}`;
  const child = spawn(process.execPath, ['--test', '--test-reporter=tap', atOnce, ...files], {
    cwd: copy,
    env,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  await new Promise((resolve) => child.once('close', resolve));
  const texts = readdirSync(reports).map((name) => readFileSync(join(reports, name), 'utf8'));
  return {
    failed: failedTests(output),
    tests: Number(/^# tests (\d+)$/m.exec(output)?.[1]),
    output,
    reports: texts.flatMap(reportsOf),
    isUndefined: output.includes(': runtime error: '),
  };
}

/** From a report in the form of TAP. */
function failedTests(output: string): string[] {
  const failures = output.matchAll(/^ *not ok \d+ - (.*)\n(?: .*\n){1,5}? *failureType: '(\w+)'/gm);
  return [...failures]
    .filter(([, , type]) => type !== 'subtestsFailed')
    .map(([, name]) => name ?? '');
}

/** A function of the addon, on a line of a stack. */
const OURS = /smmap\.node|\bnative\/\w+\.[ch]:\d/;

/** What one process has to say: an error, or one leak after the other. */
function reportsOf(text: string): Report[] {
  const isLeak = text.includes('ERROR: LeakSanitizer');
  if (!isLeak) return [{ text, isLeak, isOurs: OURS.test(text) }];
  const leaks = text.split(/^(?=(?:Direct|Indirect) leak)/m).slice(1);
  // Number 0 is malloc or one of its kind, number 1 who called it.
  return leaks.map((leak) => {
    const caller = /^ *#1 .*$/m.exec(leak)?.[0] ?? '';
    return { text: leak, isLeak, isOurs: OURS.test(caller) };
  });
}
