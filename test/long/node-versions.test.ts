/** The quick suite on every Node.js that the package promises. The hazards: `hazard-runtimes.test.ts`. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../support/cli.js';
import { NODE_VERSIONS, nodeProgram } from '../support/nodes.js';
import { fullSize } from '../support/scale.js';
import { failuresIn } from '../support/tap.js';

/** Tests of the checkout's own files: no Node.js makes a difference to them. */
const NOT_OF_NODE = ['doc-comments', 'imports', 'install', 'package'];

const TESTS = fileURLToPath(new URL('..', import.meta.url));
const ENDING = '.test.js';

function testsIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(ENDING));
  assert.ok(names.length > 0, `${folder} has no tests`);
  return names
    .filter((name) => !NOT_OF_NODE.includes(basename(name, ENDING)))
    .map((name) => join(folder, name));
}

/** Left to the full-size run: what takes longest, or is about sizes that change with the engine's own needs. */
const ONLY_IN_FULL = ['buffer-property', 'docs', 'examples'];

/** What engines get wrong, each in its own way. */
const ON_EVERY = ['past-4-gib', 'mmap-bad-input-large', 'other-realm'];

const files = [TESTS, join(TESTS, 'clients')]
  .flatMap(testsIn)
  .filter((path) => fullSize || !ONLY_IN_FULL.includes(basename(path, ENDING)));

/** Else the oldest and the newest have all of it. */
const hasAll = (i: number) => fullSize || i === 0 || i === NODE_VERSIONS.length - 1;

for (const [i, version] of NODE_VERSIONS.entries()) {
  test(`Node ${version}`, async (t) => {
    const program = nodeProgram(version);
    const found = execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
    if (found === process.version) return t.skip('it runs this very test: npm test is enough');
    const env = { NODE_TEST_CONTEXT: undefined }; // a run of its own, not a part of this one
    const some = files.filter((path) => ON_EVERY.includes(basename(path, ENDING)));
    const args = ['--test', '--test-reporter=tap', ...(hasAll(i) ? files : some)];
    const { code, stdout, stderr } = await startProgram(program, args, env).ended;
    t.diagnostic(`${found}: ${summary(stdout)}`);
    assert.equal(code, 0, `${found}\n${failuresIn(stdout)}\n${stderr}`);
    assert.doesNotMatch(stdout, /^# tests 0$/m);
  });
}

/** The runner's own closing lines. */
function summary(tap: string): string {
  return (tap.match(/^# (tests|pass|fail|skipped) \d+$/gm) ?? []).join(', ').replaceAll('# ', '');
}
