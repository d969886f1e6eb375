/** The differential test itself: random scripts through both sides, until there were enough calls. */

import fc from 'fast-check';
import { compare, type Verdict } from './compare.js';
import type { TwoSets } from './files.js';
import { scripts } from './generate.js';
import { askOurs } from './ours.js';
import type { Row } from './rows.js';
import type { Script } from './script.js';
import { type Python, Theirs } from './theirs.js';

/** Scripts between two looks at how many calls were made. */
const ROUND = 50;

/** Who is compared, and how. */
export interface Contest {
  python: Python;
  files: TwoSets;
  rows: readonly Row[];
  /** How this package is asked, where it is to answer wrongly. */
  ours?: typeof askOurs;
}

/** What a run came to. */
export interface Outcome {
  calls: number;
  /** Calls by name. */
  byName: Record<string, number>;
  /** Calls that both sides refused. */
  refused: number;
  /** By row: the calls that it was used in. */
  used: Record<string, number>;
}

/**
 * Runs random scripts, those of the seed and of the seeds after it, until there were so many calls.
 * @throws Error with seed and shortest script for the first thing that no row excuses
 */
export async function run(contest: Contest, calls: number, seed: number): Promise<Outcome> {
  const outcome: Outcome = { calls: 0, byName: {}, refused: 0, used: {} };
  const theirs = new Theirs();
  const judge = async (script: Script) => await judgeOne(contest, theirs, script);
  const property = fc.asyncProperty(scripts(contest.python), async (script) => {
    const verdict = await judge(script);
    if (verdict.failure !== undefined) throw new Error(verdict.failure);
    count(outcome, verdict);
  });
  try {
    for (let from = seed; outcome.calls < calls; from++) {
      const { counterexample, errorInstance } = await fc.check(property, {
        seed: from,
        numRuns: ROUND,
        unbiased: true,
      });
      if (counterexample === null) continue;
      const { message } = errorInstance as Error;
      throw new Error(`SMMAP_SEED=${from}: ${await shortest(judge, counterexample[0], message)}`);
    }
  } finally {
    theirs.close();
  }
  return outcome;
}

async function judgeOne(contest: Contest, python: Theirs, script: Script) {
  const { files, rows, ours = askOurs } = contest;
  files.make(script.files);
  const theirs = await python.ask(script, files.theirs);
  const answers = ours(script, files.ours, (step) => theirs[step]?.undone === undefined);
  const verdict = compare(rows, script, theirs, answers);
  const different = verdict.parted ? undefined : files.different();
  if (different !== undefined) verdict.failure ??= `file ${different} is not the same at the end`;
  return verdict;
}

function count(outcome: Outcome, { steps, refused, used }: Verdict): void {
  for (const [name, times] of steps) {
    outcome.calls += times;
    outcome.byName[name] = (outcome.byName[name] ?? 0) + times;
  }
  outcome.refused += refused;
  for (const [row, times] of used) outcome.used[row] = (outcome.used[row] ?? 0) + times;
}

/** What fails, with every step left out without which it still does. @param known how it failed */
async function shortest(
  judge: (script: Script) => Promise<Verdict>,
  failing: Script,
  known: string,
): Promise<string> {
  let script = failing;
  let { failure = `${known}\nwhich did not come again` } = await judge(script);
  for (let step = script.steps.length - 1; step >= 0; step--) {
    const fewer = { ...script, steps: script.steps.toSpliced(step, 1) };
    const verdict = await judge(fewer);
    if (verdict.failure === undefined) continue;
    script = fewer;
    failure = verdict.failure;
  }
  const steps = script.steps.map((step, index) => `  ${index}: ${JSON.stringify(step)}`);
  const files = `with files of ${script.files.join(' and ')} bytes`;
  return [failure, files, ...steps].join('\n');
}
