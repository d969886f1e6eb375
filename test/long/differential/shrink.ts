/** Makes a failing script short. */

import type { Script } from './script.js';

/**
 * The shortest part of a failing script that is found by leaving out halves,
 * quarters and so on down to single steps, as long as the rest still fails.
 * @param failing which of some scripts fail: all are asked at once
 */
export function shrink(script: Script, failing: (scripts: Script[]) => boolean[]): Script {
  let shortest = script;
  for (let chunk = script.steps.length; chunk >= 1; ) {
    const { steps } = shortest;
    const parts = Array.from({ length: Math.ceil(steps.length / chunk) }, (_, index) => ({
      ...shortest,
      steps: steps.toSpliced(index * chunk, chunk),
    }));
    const found = failing(parts).indexOf(true);
    if (found >= 0) shortest = parts[found] as Script;
    else chunk = Math.floor(chunk / 2);
  }
  return shortest;
}
