/** The core under eight threads at once, without Node: ThreadSanitizer has nothing to say. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../support/command.js';
import { tempDir } from '../support/files.js';
import { cannotSanitize, compileProgram, withoutChance } from '../support/native-programs.js';
import { publish } from '../support/proof.js';
import { scaled } from '../support/scale.js';

/** Steps of each thread. */
const STEPS = scaled(20_000, 300_000);
const SEED = 1;

/** What the program counts. */
interface Figures {
  threads: number;
  maps: number;
  atCeiling: number;
  cuts: number;
  faults: number;
  rung: number;
  heard: number;
  jobs: number;
  rangesFound: number;
  wrongBytes: number;
}

test('eight threads map, fault, flush and close while files are cut', {
  skip: cannotSanitize('libtsan.so'),
}, (t) => {
  const folder = tempDir();
  const program = compileProgram(folder, {
    name: 'threads',
    files: ['threads.c', 'threads_pool.c', 'threads_registry.c'],
    core: (name) => !/^(face|binding|alarm|loop|constants|search)/.test(name),
    flags: ['-fsanitize=thread'],
    wrapped: ['smmap_os_map_limit'],
  });
  const [command, ...args] = withoutChance([program, `${STEPS}`, `${SEED}`, folder]);
  const env = { ...process.env, TSAN_OPTIONS: 'exitcode=66' };
  const figures: Figures = JSON.parse(run(command as string, args, { env }));
  t.diagnostic(JSON.stringify(figures));
  assert.equal(figures.wrongBytes, 0);
  // Everything that can overlap did occur: else nothing was shown.
  for (const [name, count] of Object.entries(figures)) {
    if (name !== 'wrongBytes') assert.ok(count > 0, name);
  }
  publish('native-threads', { ...figures, stepsOfEachThread: STEPS, seed: SEED, reports: 0 });
});
