/** Python's smmap: many scripts in one exchange with one process. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkout } from '../../support/checkout.js';
import type { Answer, Name, Script, Seen } from './script.js';

const PROGRAM = join(checkout, 'test/long/differential/theirs.py');
/** Milliseconds after which Python counts as hung, which some slices make smmap do. */
const HUNG_AFTER = 300_000;
const NEWLINE = 0x0a;

/** What Python's smmap answers to each script. */
export function askTheirs(python: string, names: readonly Name[], scripts: readonly Script[]) {
  const input = [names, ...scripts].map((line) => `${JSON.stringify(line)}\n`).join('');
  const { stdout, stderr, status, error } = spawnSync(python, [PROGRAM], {
    input,
    maxBuffer: Number.POSITIVE_INFINITY,
    timeout: HUNG_AFTER,
  });
  assert.ok(error === undefined && status === 0, `${error ?? ''}${stderr}`);
  return parse(stdout, scripts.length);
}

function parse(output: Buffer, scripts: number): Answer[] {
  let position = 0;
  const take = (length: number) => {
    position += length;
    return output.subarray(position - length, position);
  };
  const answers = Array.from({ length: scripts }, (): Answer => {
    const line = take(output.indexOf(NEWLINE, position) + 1 - position);
    const { seen, readings } = JSON.parse(line.toString()) as {
      seen: Seen[];
      readings: ([file: number, at: number, length: number] | null)[];
    };
    return {
      seen,
      readings: readings.map((reading) => {
        if (reading === null) return undefined;
        const [file, at, length] = reading;
        return { file, at, bytes: take(length) };
      }),
    };
  });
  assert.equal(position, output.length);
  return answers;
}
