/** Files of hazards run on one runtime or another, and what came of each hazard. */

import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RUNTIME } from './child.js';
import { startProgram } from './cli.js';
import { limitOf } from './known-limits.js';
import { type Runtime, runtimeCommand } from './runtimes.js';
import { failuresIn, testsIn } from './tap.js';

const FOLDER = fileURLToPath(new URL('../hazards', import.meta.url));
const ENDING = '.test.js';

/** Files of hazards, without folder and ending. */
export const HAZARD_FILES: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(ENDING))
  .map((name) => basename(name, ENDING));

/** 'limit': it is known that the runtime cannot. */
export type Outcome = 'held' | 'failed' | 'limit' | 'not tried';

/** What came of the hazards of one file. */
export interface FileRun {
  file: string;
  outcomes: Map<string, Outcome>;
  /** What the runner said of those that failed. */
  failures: string;
  /** The same of those that failed at first and not when they were tried again. */
  failuresAtFirst: string;
}

/** Runs files of hazards, as many at once as there are processors. */
export async function runHazards(runtime: Runtime, files: readonly string[]): Promise<FileRun[]> {
  const waiting = [...files];
  const done: FileRun[] = [];
  const runNext = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      done.push(await runFile(runtime, file));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, runNext));
  return done.sort((one, other) => one.file.localeCompare(other.file));
}

/** How often a file is run that has failures on Bun or Deno. */
const MOST_TRIES = 3;

/**
 * Bun's collector takes for used what the stack may still refer to, and Deno puts its signal
 * handlers in place some time later: what failed there is tried again.
 */
async function runFile(runtime: Runtime, file: string): Promise<FileRun> {
  let run = await runOnce(runtime, file);
  const tries = runtime.startsWith('node') ? 1 : MOST_TRIES;
  for (let tried = 1; tried < tries && run.failures !== ''; tried++) {
    run = together(run, await runOnce(runtime, file));
  }
  return run;
}

/** What held at one of two tries did hold. */
function together(before: FileRun, again: FileRun): FileRun {
  for (const [name, outcome] of again.outcomes) {
    if (outcome === 'failed' && before.outcomes.get(name) === 'held') {
      again.outcomes.set(name, 'held');
    }
  }
  const hasFailed = [...again.outcomes.values()].includes('failed');
  const failures = hasFailed ? again.failures : '';
  return { ...again, failures, failuresAtFirst: before.failuresAtFirst || before.failures };
}

/** Other runtimes have the newest Node.js look on: what an engine can do is asked there. */
async function runOnce(runtime: Runtime, file: string): Promise<FileRun> {
  const isNode = runtime.startsWith('node');
  const [program] = runtimeCommand(isNode ? runtime : 'node 26');
  const args = ['--test', '--test-reporter=tap', join(FOLDER, `${file}${ENDING}`)];
  const env = { NODE_TEST_CONTEXT: undefined, [RUNTIME]: isNode ? undefined : runtime };
  const { code, stdout, stderr } = await startProgram(program as string, args, env).ended;
  const outcomes = outcomesIn(stdout, runtime);
  const failures = failuresIn(stdout);
  if (outcomes.size === 0 || (code !== 0 && failures === '')) {
    const said = `${stdout}\n${stderr}`;
    return { file, outcomes: new Map([[file, 'failed']]), failures: said, failuresAtFirst: '' };
  }
  return { file, outcomes, failures, failuresAtFirst: '' };
}

function outcomesIn(tap: string, runtime: Runtime): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const { name, passed, directive } of testsIn(tap)) {
    if (name.endsWith(ENDING)) continue; // the file as a whole
    const isLimit = limitOf(runtime, name) !== undefined;
    outcomes.set(name, isLimit ? 'limit' : outcomeOf(passed, directive));
  }
  return outcomes;
}

function outcomeOf(passed: boolean, directive: string | undefined): Outcome {
  if (directive === 'SKIP') return 'not tried';
  return passed ? 'held' : 'failed';
}
