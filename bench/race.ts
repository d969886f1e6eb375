/**
 * Measures several ways of doing something against each other. Each runs in a
 * process of its own, so that none is measured in the wake of another, and they
 * take their samples in turns, so that what disturbs the machine disturbs all.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Ask, Clock, Told } from './contestant.js';
import { type Figure, figureOf, ratioOf } from './figures.js';

/** Who takes part. */
export interface Contestant {
  /** The name of the form in the workload. */
  readonly form: string;
  /** @default 0 */
  readonly size?: number;
  /** What all of one race share; see {@link Form.start}. */
  readonly fixture?: string;
}

/** How a race is run. */
export interface RaceOptions {
  /** Samples of each. @default 11 */
  readonly rounds?: number;
  /** Milliseconds that a sample takes at least. @default 20 */
  readonly sampleMs?: number;
  /** Processes for each: a sample is the median of theirs. What the engine compiles, and when, is partly luck. @default 1 */
  readonly replicas?: number;
  /** @default 'processor' */
  readonly clock?: Clock;
  /** Arguments for node. */
  readonly node?: readonly string[];
}

/** Nanoseconds for one time, of every sample. */
export interface Result extends Contestant {
  readonly samples: readonly number[];
  readonly figure: Figure;
  /** Compared with the first contestant. */
  readonly ratio: Figure;
}

/** @param module `import.meta.url` of the workload, whose exported `workload` has the forms */
export async function race(
  module: string,
  contestants: readonly Contestant[],
  options: RaceOptions = {},
): Promise<Result[]> {
  const { rounds = 11, sampleMs = 20, replicas = 1, clock = 'processor' } = options;
  const runners: Runner[] = [];
  try {
    for (const contestant of contestants.flatMap((one) =>
      new Array<Contestant>(replicas).fill(one),
    )) {
      runners.push(await Runner.start(module, contestant, clock, options)); // one at a time: setting up is heavy
    }
    checkAnswers(runners);
    for (const runner of runners) await runner.calibrate(sampleMs * 1e6);
    const samples = runners.map((): number[] => []);
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < runners.length; i++) {
        const turn = (i + round) % runners.length; // nobody always follows the same one
        samples[turn]?.push(await (runners[turn] as Runner).sample());
      }
    }
    const results = contestants.map((_, i) =>
      middles(samples.slice(i * replicas, (i + 1) * replicas)),
    );
    const base = results[0] as number[];
    return contestants.map((contestant, i) => {
      const own = results[i] as number[];
      return { ...contestant, samples: own, figure: figureOf(own), ratio: ratioOf(own, base) };
    });
  } finally {
    for (const runner of runners) runner.stop();
  }
}

/** What one form answers; it is not timed. For what is counted and not raced. */
export async function answerOf(
  module: string,
  contestant: Contestant,
  options: RaceOptions = {},
): Promise<unknown> {
  const runner = await Runner.start(module, contestant, 'wall', options);
  runner.stop();
  return runner.answer;
}

/** Round by round the median of the replicas. */
function middles(replicas: readonly (readonly number[])[]): number[] {
  const [first = []] = replicas;
  return first.map((_, round) => figureOf(replicas.map((one) => one[round] as number)).median);
}

function checkAnswers(runners: readonly Runner[]): void {
  const answers = runners.filter(({ answer }) => answer !== undefined);
  for (const { name, answer } of answers) {
    assert.deepEqual(answer, answers[0]?.answer, `${name} differs from ${answers[0]?.name}`);
  }
}

const PROGRAM = fileURLToPath(new URL('./contestant.js', import.meta.url));
const MOST_TIMES = 2 ** 30;

class Runner {
  readonly name: string;
  answer: unknown;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  #times = 1;

  private constructor(name: string, child: ChildProcess, clock: Clock) {
    this.name = name;
    this.#child = child;
    this.#clock = clock;
  }

  static async start(
    module: string,
    { form, size = 0, fixture = '' }: Contestant,
    clock: Clock,
    { node = [] }: RaceOptions,
  ): Promise<Runner> {
    const child = fork(PROGRAM, [module, form, String(size), fixture], { execArgv: [...node] });
    const runner = new Runner(`${form} (${size})`, child, clock);
    const told = await runner.#heard();
    runner.answer = 'answer' in told ? told.answer : undefined;
    return runner;
  }

  /** Finds how many times make a sample long enough; this also warms it up. */
  async calibrate(ns: number): Promise<void> {
    for (;;) {
      const taken = (await this.sample()) * this.#times;
      if (taken >= ns || this.#times >= MOST_TIMES) break;
      const factor = Math.min(8, (1.2 * ns) / Math.max(taken, 1));
      this.#times = Math.min(MOST_TIMES, Math.ceil(this.#times * factor));
    }
  }

  /** Nanoseconds for one time. */
  async sample(): Promise<number> {
    const ask: Ask = { times: this.#times, clock: this.#clock };
    this.#child.send(ask);
    const told = await this.#heard();
    return 'ns' in told ? told.ns / this.#times : Number.NaN;
  }

  async #heard(): Promise<Told> {
    const stopped = new AbortController();
    const { signal } = stopped;
    const died = once(this.#child, 'exit', { signal }).then(([code, by]) => {
      throw new Error(`${this.name} ended with ${code ?? by}`);
    });
    try {
      const [told] = await Promise.race([once(this.#child, 'message', { signal }), died]);
      return told as Told;
    } finally {
      died.catch(() => undefined);
      stopped.abort();
    }
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
