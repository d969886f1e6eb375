/** Bun and Deno go the main road: see the program for what that is. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../support/files.js';
import { type OtherRuntime, runtimeCommand } from '../support/runtimes.js';

const program = fileURLToPath(new URL('programs/main-road.js', import.meta.url));
const folder = tempDir();
/** Bytes that the program allows its manager. */
const BUDGET = 4 * 65_536;

/** Runs the program; what it found, once it ended by itself. */
function mainRoad(name: OtherRuntime): { most: number } {
  const [command, ...args] = [...runtimeCommand(name), program, join(folder, name)];
  const { status, signal, stdout, stderr } = spawnSync(command as string, args, {
    encoding: 'utf8',
  });
  assert.deepEqual([status, signal], [0, null], stderr);
  return JSON.parse(stdout);
}

for (const name of ['bun', 'deno'] as const) {
  test(`${name} goes the main road`, () => {
    let found = mainRoad(name);
    // While Bun compiles a loop its collector keeps for a while what it may refer to: a second trial, as for hazards.
    if (name === 'bun' && found.most > BUDGET) found = mainRoad(name);
    assert.deepEqual(found, {
      equal: true,
      most: BUDGET,
      lost: 0,
      faults: 1,
      code: 'ERR_SMMAP_FAULT',
      left: 0,
      lines: 0,
    });
  });
}
