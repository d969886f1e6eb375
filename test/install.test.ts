/** The install script: silent when nothing is to do, one sentence when something is missing. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { checkout } from './support/checkout.js';
import { tempDir } from './support/files.js';

const TOOLS = ['cc', 'make', 'python3'];

/** A folder as npm leaves it just before it runs the script of the package. */
function unpacked(): string {
  const dir = tempDir();
  for (const path of ['package.json', 'scripts/install.mjs', 'node_modules/node-gyp-build']) {
    cpSync(join(checkout, path), join(dir, path), { recursive: true });
  }
  return dir;
}

/** A folder for PATH with programs of these names that do nothing, successfully. */
function toolbox(names: readonly string[]): string {
  const dir = tempDir();
  for (const name of names) {
    writeFileSync(join(dir, name), '#!/bin/sh\n');
    chmodSync(join(dir, name), 0o755);
  }
  return dir;
}

/** Runs the script with only these tools to be found, and a stand-in for node-gyp. */
function install(dir: string, tools: readonly string[], nodeGyp = '') {
  const fake = join(dir, 'node-gyp.cjs');
  writeFileSync(fake, nodeGyp);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(dir, 'scripts', 'install.mjs')],
    { encoding: 'utf8', env: { PATH: toolbox(tools), npm_config_node_gyp: fake } },
  );
  return { status, stdout, stderr };
}

describe('the install script', () => {
  test('does nothing where a shipped binary loads', () => {
    const dir = unpacked();
    const folder = join(dir, 'prebuilds', `${process.platform}-${process.arch}`);
    mkdirSync(folder, { recursive: true });
    cpSync(join(checkout, 'build/Release/smmap.node'), join(folder, 'smmap.node'));
    assert.deepEqual(install(dir, []), { status: 0, stdout: '', stderr: '' });
  });

  test('compiles, silently, where the shipped binary is for another machine', () => {
    const dir = unpacked();
    const folder = join(dir, 'prebuilds', `${process.platform}-${process.arch}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'smmap.node'), 'not a binary of this machine');
    const nodeGyp = `
      console.log('a line for the log');
      require('node:fs').writeFileSync('asked', process.argv.slice(2, 4).join(' '));`;
    assert.deepEqual(install(dir, TOOLS, nodeGyp), { status: 0, stdout: '', stderr: '' });
    assert.equal(readFileSync(join(dir, 'asked'), 'utf8'), 'configure build');
    assert.equal(readFileSync(join(dir, 'build', 'install.log'), 'utf8'), 'a line for the log\n');
  });

  test('compiles in a checkout whatever binary lies there', () => {
    const dir = unpacked();
    mkdirSync(join(dir, 'src'));
    symlinkSync(join(checkout, 'build'), join(dir, 'build'));
    const { status, stderr } = install(dir, []);
    assert.equal(status, 1);
    assert.match(stderr, /^smmap compiles its native part, but this machine lacks /);
  });

  for (const [present, lacks] of [
    [[], 'a C compiler (cc), make, and python3'],
    [['make', 'python3'], 'a C compiler (cc)'],
    [['cc', 'python3'], 'make'],
    [['cc', 'make'], 'python3'],
  ] as const) {
    test(`names what is missing in one sentence: ${lacks}`, () => {
      const { status, stdout, stderr } = install(unpacked(), present);
      assert.equal(status, 1);
      assert.equal(stdout, '');
      assert.equal(stderr.trim().split('\n').length, 1);
      assert.ok(stderr.includes(`this machine lacks ${lacks}: install them`), stderr);
    });
  }

  test('shows the end of what the compiler said, and where the rest is', () => {
    const dir = unpacked();
    const nodeGyp = `
      console.log('gyp info about itself');
      for (let line = 1; line <= 40; line++) console.error('compiler line ' + line);
      console.error('gyp ERR! at length');
      process.exitCode = 1;`;
    const { status, stderr } = install(dir, TOOLS, nodeGyp);
    assert.equal(status, 1);
    const [first, , ...shown] = stderr.trimEnd().split('\n');
    assert.ok(first?.includes(join(dir, 'build', 'install.log')), first);
    assert.deepEqual(
      shown,
      Array.from({ length: 15 }, (_, i) => `compiler line ${26 + i}`),
    );
  });

  test("shows node-gyp's own words when the compiler was never reached", () => {
    const nodeGyp = "console.error('gyp ERR! no headers'); process.exitCode = 1;";
    const { status, stderr } = install(unpacked(), TOOLS, nodeGyp);
    assert.equal(status, 1);
    assert.match(stderr, /gyp ERR! no headers\n$/);
  });
});
