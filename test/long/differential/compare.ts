/**
 * Finds what differs between the two sides, and holds it against the excuses.
 *
 * Bytes are compared with what was written, on both sides, and nothing excuses a
 * wrong one. Everything else that differs must be made by the listed faults: a
 * model of the rules of this package, to which the faults are added one by one,
 * leads from our answer to that of smmap. Without faults the model has to say
 * what we say and with all of them what smmap says, to the letter and after
 * every step; the faults between the two that changed the answer are those
 * that the step used.
 */

import type { Excuse } from './excuses.js';
import { type ModelName, predict } from './model.js';
import type { Answer, Script, Seen } from './script.js';

/** A file as both sides should read it. */
export interface Known extends ModelName {
  content: Buffer;
}

/** What came of a comparison. */
export interface Verdict {
  /** Steps that differ. */
  different: number;
  /** Bytes read and right, on both sides together. */
  bytes: number;
  /** By row: steps that the fault made different. */
  used: Map<string, number>;
  /** The first thing that nothing excuses. */
  failure: string | undefined;
}

/** Compares two answers to one script. */
export function compare(
  known: readonly Known[],
  excuses: readonly Excuse[],
  script: Script,
  theirs: Answer,
  ours: Answer,
): Verdict {
  const verdict: Verdict = { different: 0, bytes: 0, used: new Map(), failure: undefined };
  checkBytes(known, 'smmap', theirs, verdict);
  checkBytes(known, 'this package', ours, verdict);
  const answers = { theirs: theirs.seen.map(textOf), ours: ours.seen.map(textOf) };
  const differs = answers.ours.map((said, step) => said !== answers.theirs[step]);
  verdict.different = differs.filter(Boolean).length;
  if (verdict.different === 0) return verdict;
  const faults = excuses.map(({ row }) => row);
  const chain = Array.from({ length: faults.length + 1 }, (_, count) =>
    predict(known, script, new Set(faults.slice(0, count))).map(textOf),
  );
  checkSame(answers.ours, chain[0] as string[], 'this package', 'its rules', verdict);
  checkSame(answers.theirs, chain.at(-1) as string[], 'smmap', 'its listed faults', verdict);
  for (const [index, row] of faults.entries()) {
    const [without, having] = chain.slice(index, index + 2) as [string[], string[]];
    const used = differs.filter((differing, step) => differing && without[step] !== having[step]);
    verdict.used.set(row, used.length);
  }
  return verdict;
}

function checkBytes(known: readonly Known[], who: string, answer: Answer, verdict: Verdict): void {
  for (const [step, reading] of answer.readings.entries()) {
    if (reading === undefined) continue;
    const { file, at, bytes } = reading;
    const { content } = known.find((one) => one.file === file) as Known;
    verdict.bytes += bytes.length;
    if (bytes.equals(content.subarray(at, at + bytes.length))) continue;
    const wrong = at + bytes.findIndex((byte, index) => byte !== content[at + index]);
    verdict.failure ??= `step ${step}: ${who} read a wrong byte at ${wrong} of file ${file}`;
  }
}

function checkSame(
  said: string[],
  expected: string[],
  who: string,
  what: string,
  verdict: Verdict,
) {
  const step = said.findIndex((one, index) => one !== expected[index]);
  if (step < 0) return;
  verdict.failure ??= `step ${step}: ${who} said\n  ${said[step]}\nand by ${what} it is\n  ${expected[step]}`;
}

function textOf({ result, regions, counts }: Seen): string {
  return JSON.stringify([result, regions, counts]);
}
