/** Facts of the package that a careless edit would break. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import * as imported from 'smmap';
import { checkout, readText } from './support/checkout.js';
import { linksIn, pages } from './support/markdown.js';

/** What this test reads of `package.json`. */
interface Manifest {
  name: string;
  version: string;
  license: string;
  engines: { node: string };
  exports: Record<string, string | Record<string, string>>;
  bin: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  files: string[];
}

/** What this test reads of one package in `package-lock.json`. */
interface LockedPackage {
  version: string;
  integrity?: string;
  hasInstallScript?: boolean;
  license?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const PERMISSIVE = [
  ...['MIT', 'ISC', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'MIT OR Apache-2.0'],
  ...['(MIT AND Zlib)', '(MIT AND BSD-3-Clause)'],
];

const manifest: Manifest = JSON.parse(readText('package.json'));
const lockText = readText('package-lock.json');
const locked: Record<string, LockedPackage> = JSON.parse(lockText).packages;

describe('package.json', () => {
  test('exports only files that exist', () => {
    const targets = Object.values(manifest.exports)
      .flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)))
      .concat(Object.values(manifest.bin));
    for (const target of targets) assert.ok(existsSync(join(checkout, target)), target);
  });

  test('ships whatever a page that it ships links to', () => {
    const shipped = (path: string) =>
      ['README.md', 'LICENSE', ...manifest.files].some(
        (entry) => path === entry || path.startsWith(`${entry}/`),
      );
    for (const page of pages().filter(shipped)) {
      for (const link of linksIn(readText(page))) {
        const [path = ''] = link.split('#');
        const isOutside = /^https?:/.test(link) || path === '';
        assert.ok(isOutside || shipped(join(dirname(page), path)), `${link} of ${page}`);
      }
    }
  });

  test('the command says which program runs it', () => {
    for (const path of Object.values(manifest.bin)) {
      assert.match(readText(path), /^#!\/usr\/bin\/env node\n/);
    }
  });

  test('import and require give the same classes', () => {
    const required = createRequire(import.meta.url)('smmap') as typeof imported;
    assert.equal(required.SlidingWindowMapManager, imported.SlidingWindowMapManager);
    assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
  });

  test('needs nothing at run time but the loader and what the command line earns', () => {
    assert.deepEqual(Object.keys(manifest.dependencies).sort(), [
      'cli-progress',
      'commander',
      'node-gyp-build',
    ]);
  });

  test('is checked against the types of the oldest Node that it runs on', () => {
    const [, oldest] = /^>=(\d+)\./.exec(manifest.engines.node) ?? [];
    const types = locked['node_modules/@types/node']?.version;
    assert.equal(types?.split('.')[0], oldest);
  });

  test('names the licence that lies beside it', () => {
    assert.equal(manifest.license, 'MIT');
    assert.match(readText('LICENSE'), /^MIT License\n\nCopyright \(c\) \d{4} the smmap authors\n/);
  });
});

describe('package-lock.json', () => {
  test('says where no package comes from, so any registry serves', () => {
    assert.doesNotMatch(lockText, /"resolved"|registry/);
  });

  test('is of this version', () => {
    assert.equal(locked['']?.version, manifest.version);
  });

  test('holds every package that another one asks for, of other systems too: npm ci demands it', () => {
    for (const [from, { dependencies, optionalDependencies }] of Object.entries(locked)) {
      for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
        const found = `node_modules/${name}` in locked || `${from}/node_modules/${name}` in locked;
        assert.ok(found, `${from || 'the project'} asks for ${name}, which is not in the lock`);
      }
    }
  });

  test('has the hash of every package, none of which runs a script when it is installed', () => {
    for (const [path, { integrity, hasInstallScript }] of Object.entries(locked)) {
      if (path === '') continue; // the project itself
      assert.match(integrity ?? '', /^sha512-/, path);
      assert.equal(hasInstallScript, undefined, path);
    }
  });

  test('every package in it has a permissive licence', () => {
    for (const [path, { license }] of Object.entries(locked)) {
      assert.ok(license && PERMISSIVE.includes(license), `${path}: ${license}`);
    }
  });
});
