/** Doing the same again and again, with the same answer each time. */
import type { Running } from './workload.js';

/** The first time counts as setting up: then pages are in memory and code is compiled. */
export function again(once: () => number): Running {
  const answer = once();
  return {
    answer,
    run(times) {
      for (let i = 0; i < times; i++) check(once(), answer);
      return undefined;
    },
  };
}

/** As {@link again}, for what may take turns of the event loop. */
export async function againAsync(once: () => number | Promise<number>): Promise<Running> {
  const answer = await once();
  return {
    answer,
    async run(times) {
      for (let i = 0; i < times; i++) check(await once(), answer);
    },
  };
}

function check(found: number, answer: number): void {
  if (found !== answer) throw new Error(`${found} and not ${answer}, as before`);
}
