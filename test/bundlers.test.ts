/** Programs into which a bundler packed the package, binary or no binary. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { build, type Format } from 'esbuild-wasm';
import { checkout, readText } from './support/checkout.js';
import { contentByte, tempDir, writeContent } from './support/files.js';

const SIZE = 70_000;
const PROGRAM = `
import { SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
const manager = new SlidingWindowMapManager({ windowSize: 4096 });
console.log(new SlidingWindowMapBuffer(manager.makeCursor(process.argv[2])).at(69_999));
manager.close();
`;

/** Where a build puts the binary, and where the package ships it. */
const BINARIES = [
  'build/Release/smmap.node',
  `prebuilds/${process.platform}-${process.arch}/smmap.node`,
];

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Packs the program in a folder away from everything, with the binary beside it or not, and runs it. */
async function packAndRun(format: Format, hasBinary: boolean): Promise<Ended> {
  const home = tempDir();
  const outfile = join(home, 'out', format === 'esm' ? 'program.mjs' : 'program.cjs');
  await build({
    stdin: { contents: PROGRAM, resolveDir: checkout },
    bundle: true,
    platform: 'node',
    format,
    outfile,
    logLevel: 'silent', // of import.meta in CommonJS
  });
  if (hasBinary) {
    const [, shipped] = BINARIES as [string, string];
    const built = BINARIES.map((path) => join(checkout, path)).find((path) => existsSync(path));
    mkdirSync(dirname(join(home, shipped)), { recursive: true });
    cpSync(built as string, join(home, shipped));
  }
  const file = join(home, 'file.bin');
  writeContent(file, SIZE);
  return spawnSync(process.execPath, [outfile, file], { encoding: 'utf8' });
}

describe('packed by a bundler', () => {
  for (const format of ['esm', 'cjs'] as const) {
    test(`as ${format}, without the binary: what to do is said`, async () => {
      const { status, stderr } = await packAndRun(format, false);
      assert.equal(status, 1);
      assert.match(stderr, /smmap's native binary for \w+-\w+ was not found/);
      assert.match(stderr, /leave it out of the bundle \(esbuild --external:smmap/);
      assert.match(stderr, /npm rebuild smmap/);
      assert.match(stderr, /code: 'MODULE_NOT_FOUND'/);
      assert.match(stderr, /\[cause\]/);
    });
  }

  test('with prebuilds above its folder: it works', async () => {
    const { status, stdout, stderr } = await packAndRun('esm', true);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, `${contentByte(SIZE - 1)}\n`);
  });

  test('nothing but the binary is taken for a file to pack', () => {
    const places = readText('bundle/index.js')
      .replaceAll('\\\n', '')
      .matchAll(/new URL\(([^)]*),\s*import\.meta\.\s*url\s*\)/g);
    assert.deepEqual(
      [...places].map(([, place]) => place),
      ['binary', '".."'],
    );
  });
});
