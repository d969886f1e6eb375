/** What is shipped is one file for each way in, loads little of Node, and still tells where it fails. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as smmap from 'smmap';
import * as clients from 'smmap/clients';
import { checkout, readText } from './support/checkout.js';
import { tempDir } from './support/files.js';

const MODULES = { smmap: 'bundle/index.js', 'smmap/clients': 'bundle/clients.js' };

/** Parts of Node that cost milliseconds, and that only some programs need. */
const NOT_AT_ONCE = [
  ...['fs/promises', 'readline', 'stream/web', 'timers/promises', 'v8', 'vm', 'worker_threads'],
  ...['os', 'internal/worker', 'internal/webstreams/readablestream'],
];

/** Runs a program of its own, and gives what it says; `source` is that of an ES module. */
function run(source: string, ...flags: string[]): string {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...flags, '--input-type=module', '--eval', source],
    { cwd: checkout, encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  return stdout;
}

/** Imports a module, and says what of Node that loaded. */
function loadedBy(url: string): string[] {
  const loaded = run(`
    await import('data:text/javascript,'); // what the import itself needs is loaded
    const before = new Set(process.moduleLoadList);
    await import('${url}');
    const loaded = process.moduleLoadList.filter((entry) => !before.has(entry));
    console.log(loaded.join('\\n'));`);
  return loaded.split('\n').map((entry) => entry.replace(/^NativeModule /, ''));
}

/** What a file of the bundle imports when it is loaded. */
function imports(file: string): string[] {
  const statements = readText(file).matchAll(/\b(?:import|export)\b[^"'();]*?["']([^"']+)["']/g);
  return [...new Set([...statements].map(([, from]) => from as string))].sort();
}

describe('the bundle', () => {
  test('has all that has state in one file, which imports nothing', () => {
    assert.deepEqual(imports('bundle/index.js'), []);
    assert.deepEqual(imports('bundle/clients.js'), ['./index.js']);
    assert.deepEqual(imports('bundle/cli.js'), ['./index.js', 'cli-progress', 'commander']);
  });

  for (const [name, file] of Object.entries(MODULES)) {
    test(`loads with ${name} only what every program needs`, () => {
      const loaded = loadedBy(pathToFileURL(join(checkout, file)).href);
      assert.ok(name === 'smmap' || loaded.includes('stream'), 'it looked');
      assert.deepEqual(
        loaded.filter((part) => NOT_AT_ONCE.includes(part)),
        [],
      );
    });
  }

  test('leaves every class and function its name', () => {
    for (const [name, value] of Object.entries({ ...smmap, ...clients })) {
      if (typeof value === 'function') assert.equal(value.name, name);
    }
    assert.doesNotMatch(readText('bundle/index.js'), /\bclass\s+_/);
  });

  test('leads a stack trace to the sources', () => {
    const stack = run(
      `import { SlidingWindowMapManager } from 'smmap';
       try { new SlidingWindowMapManager({ windowSize: '' }) } catch (error) { console.log(error.stack) }`,
      '--enable-source-maps',
    );
    const [, file, line] =
      /at resolveLimits \(.*[\\/](src[\\/][\w-]+\.ts):(\d+):/.exec(stack) ?? [];
    const said = readText(file ?? assert.fail(stack)).split('\n')[Number(line) - 1];
    assert.match(said ?? '', /integer\('windowSize'/);
  });
});

describe('the binary is found', () => {
  const system = `${process.platform}-${process.arch}`;
  const LOADER = 'node_modules/node-gyp-build';

  /** A package whose binary lies elsewhere; what an import of it says when it fails. */
  function imported(binary: string, hasLoader: boolean): string {
    const home = tempDir();
    for (const part of ['bundle', 'package.json']) {
      cpSync(join(checkout, part), join(home, part), { recursive: true });
    }
    mkdirSync(dirname(join(home, binary)), { recursive: true });
    cpSync(join(checkout, 'build/Release/smmap.node'), join(home, binary));
    mkdirSync(join(home, 'node_modules'));
    if (hasLoader) symlinkSync(join(checkout, LOADER), join(home, LOADER));
    const url = pathToFileURL(join(home, 'bundle/index.js')).href;
    return run(`await import('${url}').catch((error) => console.log(error.message));`);
  }

  for (const binary of ['build/Release/smmap.node', `prebuilds/${system}/smmap.node`]) {
    test(`in ${dirname(binary)}, without a search`, () => {
      assert.equal(imported(binary, false), '');
    });
  }

  test('by node-gyp-build under any other name that it knows', () => {
    assert.equal(imported(`prebuilds/${system}/node.napi.node`, true), '');
    assert.match(imported(`prebuilds/${system}/node.napi.node`, false), /node-gyp-build/);
  });

  test('or node-gyp-build says for which system there is none', () => {
    assert.match(imported('prebuilds/vax-vax/smmap.node', true), /No native build was found for/);
  });
});
