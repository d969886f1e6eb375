/** Scripts against the model. */

import fc from 'fast-check';
import type { Step } from './command.js';
import { checkDisk } from './invariants.js';
import { plans, scripts } from './script.js';
import { done } from './tally.js';
import { type Plan, World } from './world.js';

/** Scripts between two looks at how many steps were done. */
const SCRIPTS = 50;

/** Does the steps of one script in a world of its own. */
export async function play(plan: Plan, steps: Iterable<Step>): Promise<void> {
  await new Promise(setImmediate); // on Node 20 a loop that never turned needs two turns to wake
  const world = new World(plan);
  try {
    await fc.asyncModelRun(() => ({ model: world, real: world }), steps);
    checkDisk(world);
  } finally {
    await world.close();
  }
}

/**
 * Runs random scripts until so many steps were done in this process. One in which a
 * rule does not hold is made short, and thrown with the seed.
 */
export async function checkModel(steps: number, seed: number): Promise<void> {
  const property = fc.asyncProperty(plans, scripts, play);
  for (let run = seed; done.steps < steps; run++) {
    const { counterexample, errorInstance } = await fc.check(property, {
      seed: run,
      numRuns: SCRIPTS,
      unbiased: true,
    });
    if (counterexample !== null) await tell(run, errorInstance, ...counterexample);
  }
}

/** What a script fails with; `undefined`: it does not fail. */
async function failureOf(plan: Plan, steps: readonly Step[]): Promise<unknown> {
  try {
    await play(plan, steps);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Throws the failure of a script, with the script as short as it fails. */
async function tell(
  seed: number,
  failure: unknown,
  plan: Plan,
  script: Iterable<Step>,
): Promise<void> {
  const { steps, cause } = await shorten(plan, [...script], failure);
  const told = [`seed ${seed}: ${cause}`, `plan: ${fc.stringify(plan)}`, ...steps.map(String)];
  throw new Error(told.join('\n'), { cause });
}

/** Leaves out of a script that fails whatever it fails without, if it fails again at all. */
async function shorten(plan: Plan, script: readonly Step[], failure: unknown) {
  let steps = script;
  let cause = failure;
  for (let size = steps.length; size > 0; size = Math.floor(size / 2)) {
    for (let at = steps.length - size; at >= 0; at--) {
      const fewer = steps.toSpliced(at, size);
      const failure = await failureOf(plan, fewer);
      if (failure === undefined) continue;
      steps = fewer;
      cause = failure;
    }
  }
  return { steps, cause };
}
