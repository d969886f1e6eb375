/** What several workloads need. */
import type { Running } from './workload.js';

/** Has everything moved to where the engine keeps what is old; needs `--expose-gc`. */
export function settle(): void {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
}

/** Does something to each in turn, round and round. */
export function around<T>(turns: readonly T[], use: (one: T) => number): Running {
  let turn = 0;
  let sum = 0;
  return {
    run(times) {
      for (let i = 0; i < times; i++) {
        sum += use(turns[turn] as T);
        if (++turn === turns.length) turn = 0;
      }
      if (Number.isNaN(sum)) throw new Error('something was not a number'); // so that the sum is needed
    },
  };
}
