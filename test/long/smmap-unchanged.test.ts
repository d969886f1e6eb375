/**
 * The test-suite of Python's smmap, not one letter of it changed, against this
 * package: `bridge/smmap` translates the names, `bridge/server.ts` answers.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../support/files.js';

/** Where Debian's package python3-smmap keeps the suite; none of it is part of this project. */
const SUITE = '/usr/lib/python3/dist-packages/smmap/test';
const SHIM = fileURLToPath(new URL('../../../test/long/bridge/smmap', import.meta.url));
const SERVER = fileURLToPath(new URL('bridge/server.js', import.meta.url));

const skip = existsSync(SUITE) ? false : `python3-smmap is not installed: no ${SUITE}`;

test("smmap's own suite, unchanged, through a translation of names", { skip }, () => {
  const dir = tempDir();
  cpSync(SHIM, join(dir, 'smmap'), { recursive: true });
  cpSync(SUITE, join(dir, 'smmap', 'test'), { recursive: true });
  const modules = ['buf', 'mman', 'tutorial', 'util'].map((name) => `smmap.test.test_${name}`);
  const { status, stderr } = spawnSync('python3', ['-m', 'unittest', '-v', ...modules], {
    cwd: dir,
    encoding: 'utf8',
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: '1',
      SMMAP_BRIDGE_NODE: process.execPath,
      SMMAP_BRIDGE_SERVER: SERVER,
    },
  });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^Ran 9 tests in .*\n\nOK$/m);
});
