/** Files that are cut thousands of times under eight threads that read them: nobody dies, and no byte is wrong. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PAGE_SIZE } from 'smmap';
import { runChild } from '../support/child.js';
import { publish } from '../support/proof.js';
import { scaled } from '../support/scale.js';
import type { StormReport } from './stress/cut-storm.js';

const MEMORY = '/dev/shm';
/** How the files are read, and where they lie. */
const STORMS: Readonly<Record<string, readonly [windowSize: number | 'map', folder: string]>> = {
  'windows of a page': [PAGE_SIZE, tmpdir()],
  'windows of sixteen pages': [16 * PAGE_SIZE, tmpdir()],
  'whole files': [0, tmpdir()],
  'maps, opened and closed for each read': ['map', tmpdir()],
  'windows on a file system in memory': [4 * PAGE_SIZE, MEMORY],
};
/** Cuts in one process. */
const CUTS = 400;
/** Processes, one after the other, for each of the above. */
const ROUNDS = scaled(2_000, 10_000) / CUTS / Object.keys(STORMS).length;
const program = fileURLToPath(new URL('./stress/cut-storm.js', import.meta.url));
const reports: Record<string, StormReport[]> = {};

async function storm(windowSize: number | 'map', folder: string, seed: number) {
  const args = [windowSize, CUTS, folder, seed].map(String);
  const { status, signal, stdout, stderr } = await runChild([program, ...args]);
  assert.deepEqual([status, signal], [0, null], `${stdout}\n${stderr}`);
  const report = JSON.parse(stdout) as StormReport;
  assert.equal(report.wrong, 0, stdout);
  assert.ok(report.faults > CUTS / 20 && report.zeros > 0, `it was hardly a storm: ${stdout}`);
  return report;
}

for (const [name, [windowSize, folder]] of Object.entries(STORMS)) {
  const skip = existsSync(folder) ? false : `there is no ${folder}`;
  test(`${ROUNDS * CUTS} cuts under ${name}`, { skip }, async () => {
    const done: StormReport[] = [];
    for (let seed = 1; seed <= ROUNDS; seed++) done.push(await storm(windowSize, folder, seed));
    reports[name] = done;
  });
}

after(() => publish('truncations', reports));
