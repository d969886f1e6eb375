/** Bun and Deno go the main road: see the program for what that is. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../support/files.js';
import { runtimeCommand } from '../support/runtimes.js';

const program = fileURLToPath(new URL('programs/main-road.js', import.meta.url));
const folder = tempDir();

for (const name of ['bun', 'deno'] as const) {
  test(`${name} goes the main road`, () => {
    const [command, ...args] = [...runtimeCommand(name), program, join(folder, name)];
    const { status, signal, stdout, stderr } = spawnSync(command as string, args, {
      encoding: 'utf8',
    });
    assert.deepEqual([status, signal], [0, null], stderr);
    assert.deepEqual(JSON.parse(stdout), {
      equal: true,
      most: 4 * 65_536,
      lost: 0,
      faults: 1,
      code: 'ERR_SMMAP_FAULT',
      left: 0,
      lines: 0,
    });
  });
}
