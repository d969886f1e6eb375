/**
 * The process of one contestant: sets up one form of one workload, tells that it
 * is ready, and then takes a sample whenever it is asked for one.
 */
import type { Form, Workload } from './workload.js';

/** What is measured: time the process worked, which others on the machine disturb little, or time that went by. */
export type Clock = 'processor' | 'wall';

/** To the contestant: take one sample of so many times. */
export interface Ask {
  readonly times: number;
  readonly clock: Clock;
}

/** From the contestant: it is ready, or took a sample of so many nanoseconds. */
export type Told = { readonly answer: unknown } | { readonly ns: number };

const [module, name, size, fixture] = process.argv.slice(2) as [string, string, string, string];
const { workload } = (await import(module)) as { workload: Workload };
const form = workload.forms[name] as Form;
const running = await form.start(Number(size), fixture);

/** Nanoseconds. */
const CLOCKS: Record<Clock, () => number> = {
  processor: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) * 1_000;
  },
  wall: () => Number(process.hrtime.bigint()),
};

process.on('message', async ({ times, clock }: Ask) => {
  const now = CLOCKS[clock];
  const begin = now();
  const taken = await running.run(times);
  tell({ ns: taken ?? now() - begin });
});
process.on('disconnect', () => process.exit());
tell({ answer: running.answer });

function tell(told: Told): void {
  process.send?.(told);
}
