/**
 * Random scripts of `makeCursor`, `useRegion`, `unuseRegion`, reads, slices, copies and
 * `collect` through Python's smmap and through this package, over several files, windows
 * and limits. After each step both say where the cursor stands, which regions are mapped,
 * with their users, and what the manager counts.
 *
 * Bytes: each one that either side reads is what was written there, and so those of both
 * are equal; nothing excuses a wrong one.
 *
 * Region tables: equal, or exactly as different as the faults in
 * `differential/excuses.json` make them. Windows here lie on a grid and smmap's lie where
 * its neighbours leave room, so for small windows most tables could only be compared
 * loosely: that regions hold what was asked for, do not overlap, are no larger than a
 * window. Instead `differential/model.ts` says what the rules of this package give, and
 * each fault, its placement among them, is a switch in it. With all of them it has to
 * give smmap's tables, to the byte, and without them ours. A step after which the two
 * sides differ has used those faults that lead from the one to the other.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout, readText } from '../support/checkout.js';
import { publish } from '../support/proof.js';
import { pythonWithSmmap } from '../support/python-rows.js';
import { scaled } from '../support/scale.js';
import { excuses } from './differential/excuses.js';
import { makeFiles } from './differential/files.js';
import { askOurs } from './differential/ours.js';
import { type Contest, run } from './differential/run.js';
import type { Answer } from './differential/script.js';

const STEPS = scaled(50_000, 500_000);
/** Of all steps, for one fault. */
const MOST_USED = 0.05;
/** Steps until a planted difference must have shown. */
const SOON = 10_000;
/** Steps that a planted difference needs at most. */
const FEW = 6;

const python = pythonWithSmmap();
const skip = python === undefined && 'python3-smmap is not installed';
const contest: Contest = { python: python ?? '', files: makeFiles(), excuses };

test('each excuse is a fault of the smmap that is installed', { skip }, () => {
  const program = join(checkout, 'test/long/differential/reproduce.py');
  const input = JSON.stringify(excuses.map(({ reproduction }) => reproduction));
  const { stdout, stderr } = spawnSync(contest.python, [program], { input, encoding: 'utf8' });
  assert.equal(stderr, '');
  const given: unknown[] = JSON.parse(stdout);
  const listed = readText('docs/from-smmap-faults.md');
  for (const [index, { row, gives }] of excuses.entries()) {
    assert.deepEqual(given[index], gives, `row ${row}`);
    assert.ok(row === 'placement' || listed.includes(`\n| ${row} |`), `row ${row} is not listed`);
  }
});

test('random scripts: the same bytes, and the same regions but for the faults', { skip }, (t) => {
  const { steps, equal, bytes, used } = run(contest, STEPS);
  t.diagnostic(`${steps} steps, ${equal} of them without a difference, ${bytes} bytes`);
  for (const { row, fault } of excuses) {
    const share = (used[row] ?? 0) / steps;
    t.diagnostic(`${used[row]} steps (${(100 * share).toFixed(2)} %) used row ${row}: ${fault}`);
    assert.ok(share > 0, `row ${row} was never used`);
    assert.ok(share <= MOST_USED, `row ${row} was used too often`);
  }
  publish('smmap-differential', { steps, equal, bytes, used });
});

test('a fault without its excuse fails, as a script of a few steps', { skip }, () => {
  const others = excuses.filter(({ row }) => row !== '27');
  assert.throws(() => run({ ...contest, excuses: others }, SOON), isShort(/smmap said/));
});

test('a wrong byte of ours fails, as a script of a few steps', { skip }, () => {
  const ours = spoilt((answer) => {
    for (const reading of answer.readings) {
      const last = (reading?.bytes.length ?? 0) - 1;
      if (reading !== undefined && last > 1000) reading.bytes[last] = ~(reading.bytes[last] ?? 0);
    }
  });
  assert.throws(() => run({ ...contest, ours }, SOON), isShort(/this package read a wrong byte/));
});

test('a region of ours in the wrong place fails, as a script of a few steps', { skip }, () => {
  const ours = spoilt((answer) => {
    for (const seen of answer.seen) {
      seen.regions = seen.regions.map(([file, begin, size, users]) => {
        return [file, begin, users > 1 ? size - 1 : size, users];
      });
    }
  });
  assert.throws(() => run({ ...contest, ours }, SOON), isShort(/this package said/));
});

/** Our answers, with something wrong in them. */
function spoilt(spoil: (answer: Answer) => void): typeof askOurs {
  return (keys, script) => {
    const answer = askOurs(keys, script);
    spoil(answer);
    return answer;
  };
}

/** Whether the error says this much, and shows no more than a few steps. */
function isShort(says: RegExp): (error: Error) => boolean {
  return ({ message }) => {
    assert.match(message, says);
    const steps = message.split('\n').filter((line) => /^ {2}\d+: /.test(line)).length;
    assert.ok(steps >= 1 && steps <= FEW, message);
    return true;
  };
}
