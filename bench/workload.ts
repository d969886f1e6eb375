/** What a workload is, and what it reports. */
import type { Plot } from './plot.js';

/** Nanoseconds, or nothing: then the time of the whole call counts. */
// biome-ignore lint/suspicious/noConfusingVoidType: most have nothing to return
export type Taken = number | void;

/** Something that is set up and can be done again and again. */
export interface Running {
  /** Does it so many times. What another program did is timed by that: then it gives the nanoseconds. */
  run(times: number): Taken | Promise<Taken>;
  /** What comes out; contestants of one race must agree. */
  readonly answer?: unknown;
}

/** One way of doing a job. */
export interface Form {
  /**
   * Sets it up, in a process of its own.
   * @param size how large, where the race has sizes
   * @param fixture what the race prepared for all, such as a folder
   */
  start(size: number, fixture: string): Running | Promise<Running>;
}

/** A table; every row has as many cells as there are columns. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Something that must hold, and whether it does. */
export interface Verdict {
  readonly claim: string;
  readonly figure: string;
  readonly holds: boolean;
  /** Which of the nine goals it is a part of; see `docs/performance.md`. */
  readonly goal?: Goal;
}

/** The nine goals by number. */
export type Goal = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** What a workload found. */
export interface Report {
  readonly tables: readonly Table[];
  readonly plots?: readonly Plot[];
  readonly verdicts?: readonly Verdict[];
  /** Rivals that could not take part, and why. */
  readonly absent?: readonly string[];
  /** Everything that was measured, for the JSON. */
  readonly figures: unknown;
}

/** One of those that `workloads.ts` lists. */
export interface Workload {
  /** One sentence: what is measured. */
  readonly about: string;
  /** The page of the documentation that shows it, from the checkout's folder. */
  readonly page?: string;
  /** Its forms by name; a race starts them in processes of their own. */
  readonly forms: Readonly<Record<string, Form>>;
  run(): Report | Promise<Report>;
}
