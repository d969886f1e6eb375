/** Nothing has become many times slower than it was, compared with plain work on the same machine. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { checkout } from '../support/checkout.js';
import { tempDir } from '../support/files.js';

/** Runs the guard of a checkout. */
function guard(home: string, ...names: string[]): { status: number | null; said: string } {
  const program = join(home, '.out/bench/guard.js');
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...names], {
    encoding: 'utf8',
    env,
  });
  return { status, said: stdout + stderr };
}

/** What the guard needs, and the bundle to be made anew. */
const PARTS = ['dist', 'scripts', '.out', 'build', 'bench', 'docs/proof', 'package.json'];

/** A built copy of the checkout in which one file of the package is changed. */
function changed(file: string, from: string, to: string): string {
  const home = tempDir();
  for (const part of PARTS) {
    cpSync(join(checkout, part), join(home, part), { recursive: true });
  }
  symlinkSync(join(checkout, 'node_modules'), join(home, 'node_modules'));
  const path = join(home, 'dist', file);
  const code = readFileSync(path, 'utf8');
  assert.equal(code.split(from).length, 2, `${file} no longer has once what is to be slowed`);
  writeFileSync(path, code.replace(from, to));
  const made = spawnSync(process.execPath, [join(home, 'scripts/bundle.mjs')], {
    encoding: 'utf8',
  });
  assert.equal(made.status, 0, made.stderr);
  return home;
}

describe('speed', () => {
  test('no ratio is many times what is recorded', () => {
    const { status, said } = guard(checkout);
    assert.equal(status, 0, said);
  });

  test('a byte that goes the slow way each time is noticed', () => {
    const home = changed(
      'readable-bytes.js',
      'at(index) {\n        const byte = this.here[index - this.hereBegin];',
      'at(index) {\n        const byte = [..."abc"][9];',
    );
    const { status, said } = guard(home, 'byte-access');
    assert.equal(status, 1, said);
    assert.match(said, /buffer\.at\(i\), in order: .* times its measure/);
  });

  test('lines whose ends are looked up one by one are noticed', () => {
    const home = changed('line-ends.js', 'ENDS_AT_ONCE = 1024', 'ENDS_AT_ONCE = 1');
    const { status, said } = guard(home, 'lines');
    assert.equal(status, 1, said);
    assert.match(said, /buffer\.forEachLine: .* times its measure/);
  });
});
