/** What a soak judges by. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PAGE_SIZE } from 'smmap';
import { SoakFiles } from '../bench/soak/files.js';
import { growthOf } from '../bench/soak/growth.js';
import { tempDir } from './support/files.js';
import { randomFrom } from './support/random.js';

const SAMPLES = 200;
const random = randomFrom(3);
/** Up to a tenth more or less than 1,000. */
const noise = () => random(900, 1_101);

/** Quantities over time, of which those that grow must be found. */
const SERIES: Readonly<Record<string, [valueAt: (i: number) => number, grows: boolean]>> = {
  constant: [() => 20, false],
  'noise around a constant': [noise, false],
  'a saw': [(i) => 1_000 + (i % 30) * 20, false],
  'a few mad samples late': [(i) => (i > 180 && i % 5 === 0 ? 1e9 : noise()), false],
  shrinking: [(i) => 2_000 - i, false],
  'a steady leak': [(i) => 1_000 + 2 * i, true],
  'a steady leak in noise': [(i) => noise() + 5 * i, true],
  'a leak that begins late': [(i) => noise() + Math.max(0, i - 100) * 10, true],
  'one that stays higher from the middle on': [(i) => (i < 110 ? 20 : 22), true],
};

for (const [name, [valueAt, grows]] of Object.entries(SERIES)) {
  test(`${name}: ${grows ? 'grows' : 'does not grow'}`, () => {
    const growth = growthOf(Array.from({ length: SAMPLES }, (_, i) => valueAt(i)));
    assert.equal(growth.grows, grows, JSON.stringify(growth));
  });
}

test('bytes of a file are told from zeros, from those of other places, and from other versions', () => {
  const files = new SoakFiles(tempDir(), 3);
  files.replace(2, 5);
  const bytes = readFileSync(join(files.dir, '2'));
  assert.equal(bytes.length, files.size(2));
  const right = files.look(2, 0, bytes);
  assert.deepEqual([right.versions, right.zeros, right.wrong], [new Set([5]), false, undefined]);
  const page = bytes.subarray(PAGE_SIZE, 2 * PAGE_SIZE);
  assert.equal(files.look(2, 1, page).wrong, undefined);
  assert.notEqual(files.look(2, 2, page).wrong, undefined);
  assert.notEqual(files.look(1, 1, page).wrong, undefined);
  assert.equal(files.look(2, 0, Buffer.alloc(PAGE_SIZE)).zeros, true);
  const half = Buffer.concat([page.subarray(0, PAGE_SIZE / 2), Buffer.alloc(PAGE_SIZE / 2)]);
  assert.equal(files.look(2, 1, half).wrong, undefined);
  assert.notEqual(files.look(2, 1, half).torn, undefined);
  assert.equal(right.torn, undefined);
  const mixed = Buffer.concat([files.bytes(2, 5, 0), files.bytes(2, 6, 1)]);
  assert.deepEqual(files.look(2, 0, mixed).versions, new Set([5, 6]));
  page.writeUInt32LE(6, 0);
  assert.notEqual(files.look(2, 1, page).wrong, undefined);
});
