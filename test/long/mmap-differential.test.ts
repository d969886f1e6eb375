/**
 * Random scripts of everything that Python's `mmap` can do through it and through this
 * package: maps of every kind over files of every size, several of them at one time, and
 * files that are written to, grown and cut meanwhile. After each call both say what it
 * gave, and what bytes, positions and sizes there are.
 *
 * Both have to say the same, and to refuse the same with errors of the same kind, but for
 * the differences that are listed in `mmap-differential/rows.json`.
 *
 * `SMMAP_SEED` says where to begin, so that a failure comes again, and `SMMAP_PYTHON`
 * names another Python.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { publish } from '../support/proof.js';
import { scaled } from '../support/scale.js';
import { someSeed } from '../support/seed.js';
import { conditions } from './mmap-differential/conditions.js';
import { TwoSets } from './mmap-differential/files.js';
import { askOurs } from './mmap-differential/ours.js';
import { allRows } from './mmap-differential/rows.js';
import { type Contest, run } from './mmap-differential/run.js';
import { FILES, type Said, type Step } from './mmap-differential/script.js';
import { knownPython, type Python, python, reproduce } from './mmap-differential/theirs.js';

const CALLS = scaled(20_000, 200_000);
/** Of all calls, for one difference. */
const MOST_USED = 0.05;
/** Calls of one kind, at least. */
const OFTEN = CALLS / 1000;
/** Calls until a planted difference must have shown. */
const SOON = 10_000;
/** Steps that a planted difference needs at most. */
const FEW = 6;

const known = knownPython();
const skip = known === undefined && `${python} is not there`;
const listed = allRows();
const given = known === undefined ? [] : reproduce(listed.map(({ reproduction }) => reproduction));
/** Those of this Python. */
const rows = listed.filter(
  (row, index) => !row.varies || isDeepStrictEqual(given[index], row.gives),
);
const contest: Contest = { python: known as Python, files: new TwoSets(FILES), rows };

test('each difference is one of the Python that is installed', { skip }, () => {
  for (const [index, { row, gives, varies }] of listed.entries()) {
    if (!varies) assert.deepEqual(given[index], gives, `row ${row}`);
  }
});

test('each difference is listed once, and each condition is for one', () => {
  const names = listed.map(({ row }) => row);
  assert.equal(new Set(names).size, names.length);
  for (const row of Object.keys(conditions)) assert.ok(names.includes(row), row);
});

test('random scripts: the same results and bytes, but for the differences', { skip }, async (t) => {
  const seed = someSeed();
  t.diagnostic(`Python ${known?.version}, SMMAP_SEED=${seed}`);
  const { calls, byName, refused, used } = await run(contest, CALLS, seed);
  t.diagnostic(`${calls} calls, ${refused} of them refused by both`);
  for (const [name, times] of Object.entries(byName)) t.diagnostic(`${times} times ${name}`);
  for (const { row } of rows) t.diagnostic(`${used[row] ?? 0} times ${row}`);
  for (const [name, times] of Object.entries(byName)) {
    assert.ok(times >= OFTEN, `${name} was called ${times} times only`);
  }
  for (const { row } of rows) {
    const share = (used[row] ?? 0) / calls;
    assert.ok(share > 0, `row ${row} was never used`);
    assert.ok(share <= MOST_USED, `row ${row} was used too often`);
  }
  publish('mmap-differential', { python: known?.version, seed, calls, refused, byName, used });
});

test('a difference that is not listed fails, as a script of a few steps', { skip }, async () => {
  const others = rows.filter(({ row }) => row !== 'negative-index');
  await assert.rejects(run({ ...contest, rows: others }, SOON, 0), isShort);
});

/** What may be wrong with an answer of ours; each has to be found. */
const FAULTS: Readonly<Record<string, (step: Step, said: Said) => void>> = {
  'a wrong byte': (step, { result }) => {
    const isSlice = step.do === 'slice' && typeof result === 'object' && result !== null;
    if (isSlice && 'bytes' in result && result.bytes > 10) result.checksum++;
  },
  'a store that is lost': (step, { state }) => {
    const map = step.do === 'setSlice' ? state.maps[step.map] : undefined;
    if (Array.isArray(map) && map.length > 0) map.splice(2, 1, 0);
  },
  'a position that is wrong': (step, { state }) => {
    const map = step.do === 'readline' ? state.maps[step.map] : undefined;
    if (Array.isArray(map)) map.splice(1, 1, -1);
  },
  'a size that is wrong': (step, { state }) => {
    for (const file of state.files) file[0] += step.do === 'resize' ? 1 : 0;
  },
  'an error of another kind': (step, { result }) => {
    const isError = step.do === 'move' && typeof result === 'object' && result !== null;
    if (isError && 'error' in result) result.error = 'Error EINVAL';
  },
  'no error where there is one': (step, said) => {
    if (step.do === 'write') said.result = 0;
  },
};

for (const [name, spoil] of Object.entries(FAULTS)) {
  test(`${name} fails, as a script of a few steps`, { skip }, async () => {
    const ours: typeof askOurs = (script, paths, asked) => {
      const answer = askOurs(script, paths, asked);
      for (const [index, said] of answer.entries()) spoil(script.steps[index] as Step, said);
      return answer;
    };
    await assert.rejects(run({ ...contest, ours }, SOON, 0), isShort);
  });
}

/** Whether the error says on what the sides do not agree, and shows no more than a few steps. */
function isShort({ message }: Error): boolean {
  assert.match(message, /Python said .*\n.*this package said/);
  const steps = message.split('\n').filter((line) => /^ {2}\d+: /.test(line)).length;
  assert.ok(steps >= 1 && steps <= FEW, message);
  return true;
}
