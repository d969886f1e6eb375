/** The packed package as its users meet it: installed where no compiler is, on every Node it promises. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { before, describe, test } from 'node:test';
import { checkout } from '../support/checkout.js';
import { contentBytes, tempDir, writeContent } from '../support/files.js';
import { NODE_VERSIONS, nodeProgram } from '../support/nodes.js';
import { npm, plainEnvironment } from '../support/npm.js';

/** What is made by a build or an install, and what is no part of the project's files. */
const NOT_COPIED = ['.git', '.out', 'build', 'bundle', 'dist', 'node_modules', 'prebuilds'];

/** Every file that may be shipped. */
const SHIPPED = [
  /^(package\.json|LICENSE|\w+\.md|binding\.gyp|scripts\/install\.mjs)$/,
  /^docs\/[\w/-]+\.(md|svg|json)$/,
  /^examples\/[\w-]+\.ts$/,
  /^bundle\/(index|clients|cli)\.js(\.map)?$/,
  /^dist\/[\w/-]+\.d\.ts$/,
  /^native\/\w+\.(?:[ch]|inc)$/,
  /^prebuilds\/linux-x64\/smmap\.node$/,
];

/** Larger than the budget of the reading program below, and no multiple of its windows. */
const FILE_SIZE = 1_000_003;

const READ = `
const manager = new SlidingWindowMapManager({ windowSize: 65536, maxMemorySize: 262144 });
const buffer = new SlidingWindowMapBuffer(manager.makeCursor(process.argv[2]));
process.stdout.write(createHash('sha256').update(buffer.slice()).digest('hex'));
manager.close();
`;

/** The same program for both ways of loading. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'import.mjs': `
    import { createHash } from 'node:crypto';
    import { SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';${READ}`,
  'require.cjs': `
    const { createHash } = require('node:crypto');
    const { SlidingWindowMapBuffer, SlidingWindowMapManager } = require('smmap');${READ}`,
};

/** What a TypeScript user writes, and a mistake that the types must catch. */
const TYPED = `
import { SlidingWindowMapManager, type WindowCursor } from 'smmap';
import { mapFile, openFileHandle } from 'smmap/clients';
const cursor: WindowCursor = new SlidingWindowMapManager({ windowSize: 65536 }).makeCursor('a');
const bytes: Buffer = cursor.useRegion(0, 10).buffer();
// @ts-expect-error a cursor's size is a number
const size: string = cursor.size;
// @ts-expect-error a Buffer is one, also where no types are asked for by name
const none: number = bytes;
const whole: ArrayBuffer = mapFile('a').arrayBuffer;
const handle = openFileHandle(new SlidingWindowMapManager(), 'a');
export const read: Promise<{ buffer: Buffer }> = handle.read(Buffer.alloc(1), 0, 1, 0);
export { bytes, none, size, whole };
`;

const file = join(tempDir(), 'content.bin');
const sha256 = createHash('sha256').update(contentBytes(0, FILE_SIZE)).digest('hex');
let tarball = '';

/** A folder with what npm itself runs, and no compiler, make or python3, for PATH. */
function pathWithoutCompiler(): string {
  const folder = tempDir();
  for (const name of ['node', 'npm', 'sh']) symlinkSync(which(name), join(folder, name));
  return folder;
}

function which(program: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  return found ?? assert.fail(`${program} is not on the PATH`);
}

/** Packs a copy of the checkout, so that nothing that others use is built anew. */
function pack(): string {
  const source = tempDir();
  for (const name of readdirSync(checkout)) {
    if (NOT_COPIED.includes(name)) continue;
    cpSync(join(checkout, name), join(source, name), { recursive: true });
  }
  symlinkSync(join(checkout, 'node_modules'), join(source, 'node_modules'));
  const destination = tempDir();
  npm(source, ['pack', '--pack-destination', destination]);
  const [name] = readdirSync(destination);
  return join(destination, name ?? assert.fail('npm pack left no tarball'));
}

before(() => {
  writeContent(file, FILE_SIZE);
  tarball = pack();
});

for (const flags of [[], ['--ignore-scripts']]) {
  describe(`${['npm install', ...flags].join(' ')} of the tarball, without a compiler`, () => {
    const home = tempDir();
    const installed = join(home, 'node_modules', 'smmap');
    const env = { ...plainEnvironment(), PATH: pathWithoutCompiler() };

    before(() => {
      assert.notEqual(spawnSync('sh', ['-c', 'command -v cc make python3'], { env }).status, 0);
      npm(home, ['install', '--prefix', home, ...flags, tarball], env);
      for (const [name, text] of Object.entries(PROGRAMS)) writeFileSync(join(home, name), text);
    });

    test('compiles nothing', () => {
      assert.ok(!existsSync(join(installed, 'build')));
    });

    for (const version of NODE_VERSIONS) {
      for (const name of Object.keys(PROGRAMS)) {
        test(`reads a file on Node ${version}: ${name}`, () => {
          const { stdout, stderr } = spawnSync(nodeProgram(version), [name, file], {
            cwd: home,
            env,
            encoding: 'utf8',
          });
          assert.equal(stdout, sha256, stderr);
        });
      }
    }

    test('gives a command that scans a file', () => {
      const command = join(home, 'node_modules', '.bin', 'smmap');
      const { status, stdout, stderr } = spawnSync(command, ['scan', file, '--json'], {
        env,
        encoding: 'utf8',
      });
      assert.equal(status, 0, stderr);
      assert.ok(stdout.includes(sha256), stdout);
    });

    test('brings types for import and for require', () => {
      mkdirSync(join(home, 'node_modules', '@types'));
      for (const name of ['@types/node', 'undici-types']) {
        symlinkSync(join(checkout, 'node_modules', name), join(home, 'node_modules', name));
      }
      for (const name of ['typed.mts', 'typed.cts']) writeFileSync(join(home, name), TYPED);
      const compiler = join(checkout, 'node_modules', 'typescript', 'bin', 'tsc');
      const options = ['--noEmit', '--strict', '--module', 'nodenext'];
      const { status, stdout } = spawnSync(
        process.execPath,
        [compiler, ...options, 'typed.mts', 'typed.cts'],
        { cwd: home, encoding: 'utf8' },
      );
      assert.equal(status, 0, stdout);
    });

    test('holds what is needed and nothing else', () => {
      const files = readdirSync(installed, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1))
        .map((path) => path.replaceAll(sep, '/'));
      const stray = files.filter((path) => !SHIPPED.some((pattern) => pattern.test(path)));
      assert.deepEqual(stray, []);
      for (const pattern of SHIPPED)
        assert.ok(
          files.some((path) => pattern.test(path)),
          `${pattern}`,
        );
    });
  });
}
