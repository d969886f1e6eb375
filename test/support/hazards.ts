/** Tests each of which may take its process down: every one runs in a process of its own. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ChildOptions, type Ended, HungError, RUNTIME, runChild } from './child.js';
import { tempDir } from './files.js';
import { limitOf } from './known-limits.js';

/** What is tried, and how its process is to end. */
export interface Hazard extends ChildOptions {
  /** Runs in the process of its own; what it throws fails the test. */
  run: () => unknown;
  /** @default status 0 */
  ends?: Partial<Ended>;
  /** Why it cannot be tried here. @default it can */
  skip?: string | false;
}

/** Whether that is tried, too, which is known to fail on a runtime: some of it hangs. */
const TRIES_LIMITS = process.env.SMMAP_TEST_LIMITS === '1';

/** Set in the processes that run one hazard: its name. */
const NAME = 'SMMAP_HAZARD';
/** Set in them, too: a folder that they make when all that is left is to end, where that may fail. */
const OVER = 'SMMAP_HAZARD_OVER';
/**
 * Node 20 may wait for ever, when all is done, for a compilation that waits for it to collect garbage
 * (nodejs/node#54918): in 2 of 300 runs with six at a time on each processor; none of 300 on 22, 24, 26.
 */
const MAY_NOT_END = Number.parseInt(process.versions.node, 10) < 22;

/**
 * Makes a test of each hazard of the calling file. In a test's own process the same
 * file is loaded again, and this call runs the one hazard that was asked for.
 * @param file the caller's `import.meta.url`
 */
export async function hazards(
  file: string,
  table: Readonly<Record<string, Hazard | (() => unknown)>>,
): Promise<void> {
  const asked = process.env[NAME];
  if (asked !== undefined) {
    const { run } = hazardOf(table[asked] as Hazard);
    await run();
    const over = process.env[OVER];
    if (MAY_NOT_END && over !== undefined) mkdirSync(over);
    return;
  }
  for (const [name, entry] of Object.entries(table)) {
    const hazard = hazardOf(entry);
    const limit = limitOf(process.env[RUNTIME], name);
    const skip = hazard.skip || isOfNodeAlone(hazard) || (limit !== undefined && !TRIES_LIMITS);
    test(name, { skip, todo: limit ?? false }, async (t) => {
      const ended = await runHazard(t, fileURLToPath(file), name, hazard);
      const { status, signal } = { status: 0, signal: null, ...hazard.ends };
      const told = `${ended.stdout}\n${ended.stderr}`;
      assert.deepEqual([ended.status, ended.signal], [status, signal], told);
      if (hazard.ends?.stdout !== undefined) assert.equal(ended.stdout, hazard.ends.stdout, told);
    });
  }
}

/** Runs one to the end. One that was over and did not end is told of, and tried once more. */
async function runHazard(
  t: TestContext,
  program: string,
  name: string,
  hazard: Hazard,
): Promise<Ended> {
  const over = join(tempDir(), 'over');
  const env = { ...hazard.env, [NAME]: name, [OVER]: over };
  try {
    return await runChild([program], { ...hazard, env });
  } catch (error) {
    if (!(error instanceof HungError && existsSync(over))) throw error;
    t.diagnostic(`once more, since Node.js did not end: ${name}`);
    return runChild([program], { ...hazard, env: { ...env, [OVER]: `${over} again` } });
  }
}

/** Why it cannot be tried on what the tests are to run on. */
function isOfNodeAlone({ node = [] }: Hazard): string | false {
  const isNode = process.env[RUNTIME]?.startsWith('node') ?? true;
  return isNode || node.length === 0 ? false : 'it is tried with flags of Node.js';
}

function hazardOf(entry: Hazard | (() => unknown)): Hazard {
  return typeof entry === 'function' ? { run: entry } : entry;
}
