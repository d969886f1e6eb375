/** Tests each of which may take its process down: every one runs in a process of its own. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ChildOptions, type Ended, RUNTIME, runChild } from './child.js';
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
    return;
  }
  for (const [name, entry] of Object.entries(table)) {
    const hazard = hazardOf(entry);
    const limit = limitOf(process.env[RUNTIME], name);
    const skip = hazard.skip || isOfNodeAlone(hazard) || (limit !== undefined && !TRIES_LIMITS);
    test(name, { skip, todo: limit ?? false }, async () => {
      const env = { ...hazard.env, [NAME]: name };
      const ended = await runChild([fileURLToPath(file)], { ...hazard, env });
      const { status, signal } = { status: 0, signal: null, ...hazard.ends };
      const told = `${ended.stdout}\n${ended.stderr}`;
      assert.deepEqual([ended.status, ended.signal], [status, signal], told);
      if (hazard.ends?.stdout !== undefined) assert.equal(ended.stdout, hazard.ends.stdout, told);
    });
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
