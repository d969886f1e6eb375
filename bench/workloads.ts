/** The workloads by name, in the order in which they are measured; each is a file in `workloads`. */
import type { Workload } from './workload.js';

/** Those that say whether the goals are reached. */
export const WITH_GOALS = [
  'byte-access',
  'use-region',
  'cursor-cycle',
  'scattered-reads',
  'scan',
  'lines',
  'find',
  'memory',
  'event-loop',
  'workers',
  'import-time',
  'policy-cost',
  'miss-cost',
  'hit-cost',
] as const;

export const WORKLOADS = [
  ...WITH_GOALS,
  'slices',
  'window-miss',
  'peers',
  'hit-rates',
  'forgotten-cost',
  'housekeeping-cost',
  'window-size',
] as const;

export async function load(name: string): Promise<Workload> {
  const { workload } = (await import(`./workloads/${name}.js`)) as { workload: Workload };
  return workload;
}
