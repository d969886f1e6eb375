/** Whether a quantity that was looked at again and again grows. */
import { figureOf } from '../figures.js';

/** How much more the second half may have than the first: what is luck, and heaps that still settle. */
const MOST_MORE = 0.05;

/** Both halves. */
export interface Growth {
  readonly first: number;
  readonly second: number;
  readonly grows: boolean;
}

/**
 * Compares the halves: it grows when the second has a median that is higher by more
 * than a twentieth, and three quarters of it lie above three quarters of the first. A
 * steady leak of an eighth of what there is, or more, over the whole run is found so.
 * @param samples at equal intervals, none from before caches were full
 */
export function growthOf(samples: readonly number[]): Growth {
  const middle = samples.length >> 1;
  const first = figureOf(samples.slice(0, middle));
  const second = figureOf(samples.slice(middle));
  const grows = second.median > first.median * (1 + MOST_MORE) && second.low > first.high;
  return { first: first.median, second: second.median, grows };
}
