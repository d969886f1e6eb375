/**
 * Two ways of doing one thing, timed side by side: only their ratio says anything. What is
 * measured is processor time, that of other threads of the process included: it does not depend
 * on who else is using the machine.
 */

/** Medians of the rounds, in milliseconds of processor time, and how many times as fast the second way was. */
export interface Ratio {
  node: number;
  smmap: number;
  /** Median of the rounds' own ratios. */
  ratio: number;
}

type Ways = Readonly<Record<'node' | 'smmap', () => unknown>>;

/** Milliseconds of processor time that this process has taken so far. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Times both ways in turns; the first round warms up. */
export async function ratios(rounds: number, ways: Ways): Promise<Ratio> {
  const times: Record<'node' | 'smmap', number[]> = { node: [], smmap: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const way of ['node', 'smmap'] as const) {
      const began = processorTime();
      await ways[way]();
      if (round > 0) times[way].push(processorTime() - began);
    }
  }
  return ratioOf(times.node, times.smmap);
}

/** The same from times that were taken in turns elsewhere. */
export function ratioOf(node: readonly number[], smmap: readonly number[]): Ratio {
  const each = node.map((time, i) => time / (smmap[i] as number));
  return { node: median(node), smmap: median(smmap), ratio: median(each) };
}

/** The middle one, or the upper one of two. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}
