/** Hazards of which a runtime other than Node.js does not give the promised outcome, and why. */

import type { OtherRuntime } from './runtimes.js';

/** One reason, and the hazards it is about. */
export interface Limit {
  readonly reason: string;
  readonly hazards: readonly string[];
}

/** By runtime. Everything that is not here is promised there, too. */
export const LIMITS: Readonly<Record<OtherRuntime, readonly Limit[]>> = {
  bun: [
    {
      reason:
        'when a program listens for SIGBUS, or ceases to, Bun puts its own handler in the place of ours behind everybody’s back and repeats the fault for ever; the next mapping puts ours back',
      hazards: [
        'a listener put on after the mapping does not take our faults',
        'a listener taken off does not take the guard along',
        'a listener that was taken off again leaves the normal effect',
      ],
    },
    {
      reason:
        'its collector keeps what the stack may still refer to, so not all cursors that were forgotten are found at once',
      hazards: ['what is in use stays, among many that are forgotten'],
    },
    {
      reason:
        'it refuses to empty a view while an asynchronous operation reads it: `close()` is `EBUSY` then, and nothing is unmapped',
      hazards: ['data is short: closed windows leave the engine its own'],
    },
    {
      reason: 'its threads for reading cannot be kept busy by the test, so the read comes first',
      hazards: ['made shorter before a read begins: nothing was lost'],
    },
  ],
  deno: [
    {
      reason:
        'when a program listens for SIGBUS, or ceases to, Deno may put its own handler in the place of ours a moment later; the next mapping puts ours back',
      hazards: [
        'a listener put on after the mapping does not take our faults',
        'a listener taken off does not take the guard along',
        'a listener that was taken off again leaves the normal effect',
      ],
    },
    {
      reason:
        'it ends a worker without telling addons, so what a terminated worker had mapped stays until the process ends',
      hazards: [
        'moved to another thread by a worker that then ends',
        'the main thread survives a fault, and the view is taken away',
        'a signal from outside has its normal effect',
        'nothing of the file stays mapped, and what was posted can be read',
        'ended at every moment from its start',
        'ended in the midst of making views',
      ],
    },
    {
      reason:
        'it has a handler of its own, which takes the first SIGBUS that is sent from outside for nothing, and the default for the next',
      hazards: [
        'so has a signal from outside',
        'a handler in front of us that chains, and a signal from outside',
        'a listener of Node, put on before the first mapping, hears signals from outside',
        'a listener of Node, put on after a mapping, hears signals from outside',
        'a listener of Node, before and after: it is called and the process lives',
        'ends by SIGBUS',
        'A, B; then SIGBUS from outside',
        'B, A; then SIGBUS from outside',
        'loaded the other way round; then SIGBUS from outside',
        'again and again; then SIGBUS from outside',
        'a handler that chains between them; then SIGBUS from outside',
        'a handler that chains after them; then SIGBUS from outside',
      ],
    },
    {
      reason:
        'its `crypto.randomFill` throws an uncaught TypeError when the view that it was given is empty by the time it is done',
      hazards: ['crypto fills a view'],
    },
  ],
};

/** Why it is not promised there. */
export function limitOf(runtime: string | undefined, hazard: string): string | undefined {
  const limits = LIMITS[runtime as OtherRuntime] ?? [];
  return limits.find(({ hazards }) => hazards.includes(hazard))?.reason;
}
