/** The differential test itself: random scripts through both sides, in batches. */

import { compare, type Verdict } from './compare.js';
import type { Excuse } from './excuses.js';
import type { Files } from './files.js';
import { generate, STEPS } from './generate.js';
import { askOurs, type Key } from './ours.js';
import type { Answer, Script } from './script.js';
import { shrink } from './shrink.js';
import { askTheirs } from './theirs.js';

/** Scripts in one exchange with Python. */
const BATCH = 200;

/** Who is compared, and how. */
export interface Contest {
  /** The Python that has smmap. */
  python: string;
  files: Files;
  excuses: readonly Excuse[];
  /** How this package is asked, where it is to answer wrongly. */
  ours?: (keys: readonly Key[], script: Script) => Answer;
}

/** What a run came to. */
export interface Outcome {
  steps: number;
  /** Steps after which both sides said the same. */
  equal: number;
  /** Bytes read and right, on both sides together. */
  bytes: number;
  /** By row of the excuses: the steps that it was used in. */
  used: Record<string, number>;
}

/**
 * Runs random scripts, the same in every run, until there were so many steps.
 * @throws Error with the shortest script for the first thing that nothing excuses
 */
export function run(contest: Contest, steps: number): Outcome {
  const outcome: Outcome = { steps: 0, equal: 0, bytes: 0, used: {} };
  for (let seed = 0; outcome.steps < steps; seed += BATCH) {
    const scripts = Array.from({ length: BATCH }, (_, index) =>
      generate(seed + index, contest.files.known),
    );
    for (const [index, verdict] of judge(contest, scripts).entries()) {
      if (verdict.failure !== undefined) {
        throw new Error(`script ${seed + index}: ${shortest(contest, scripts[index] as Script)}`);
      }
      outcome.steps += STEPS;
      outcome.equal += STEPS - verdict.different;
      outcome.bytes += verdict.bytes;
      for (const [row, count] of verdict.used) {
        outcome.used[row] = (outcome.used[row] ?? 0) + count;
      }
    }
  }
  return outcome;
}

function judge(contest: Contest, scripts: readonly Script[]): Verdict[] {
  const { python, excuses, ours = askOurs } = contest;
  const { keys, known } = contest.files;
  const theirs = askTheirs(python, keys, scripts);
  return scripts.map((script, index) =>
    compare(known, excuses, script, theirs[index] as Answer, ours(keys, script)),
  );
}

/** What fails, and the shortest script that shows it. */
function shortest(contest: Contest, failing: Script): string {
  const script = shrink(failing, (candidates) =>
    judge(contest, candidates).map(({ failure }) => failure !== undefined),
  );
  const [verdict] = judge(contest, [script]);
  const steps = script.steps.map((step, index) => `  ${index}: ${JSON.stringify(step)}`);
  return [verdict?.failure, `with ${JSON.stringify(script.limits)}`, ...steps].join('\n');
}
