/** Keeps the arrows between source files straight: imports flow one way, and each foreign thing has one door. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix, sep } from 'node:path';
import { describe, test } from 'node:test';
import { checkout, readText } from './support/checkout.js';

/** May be imported by all, and import only each other and the native part. */
const FOUNDATIONS = ['arguments', 'errors', 'order', 'page', 'window'];

/** From the ground up: a file imports its own layer, those above it in this table, and the foundations. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  native: ['native'],
  bytes: [
    'byte-source',
    'cleared',
    'direct-reads',
    'line-ends',
    'line-pieces',
    'lines',
    'match-all',
    'part',
    'readable-bytes',
    'search',
    'slice',
    'stretch',
    'typed-readers',
    'typed-writers',
    'view',
    'writable-bytes',
    'file-like-bytes',
  ],
  mapping: [
    'ceiling',
    'collection-marks',
    'constants',
    'descriptors',
    'events',
    'fault-guard',
    'file',
    'forgotten-mappings',
    'forgotten-maps',
    'garbage',
    'identity',
    'mapping',
    'reclaim',
    'read-async',
    'source',
    'stats',
  ],
  map: [
    'advice',
    'early-collection',
    'map-memory',
    'map-options',
    'mapped-bytes',
    'mapped-pages',
    'memory-map',
    'own-memory',
    'prefetch',
  ],
  region: [
    'grid',
    'limit-errors',
    'manager-options',
    'neighbours',
    'off-grid',
    'recency',
    'region',
    'region-list',
    'watches',
  ],
  pool: ['budget', 'file-table', 'forgotten', 'inspection', 'managed-file', 'pool'],
  cursor: ['claim', 'cursor'],
  manager: ['manager'],
  buffer: ['buffer'],
  index: ['index'],
  clients: ['clients/'],
  cli: ['cli/'],
};

/** What only some files may import: the package, and the path that such a file begins with. */
const DOORS: Readonly<Record<string, string>> = {
  'node-gyp-build': 'native.ts',
  commander: 'cli/',
  'cli-progress': 'cli/',
};

/** What a test may take from `dist/` beside `smmap`, which is a second copy: the binary, and functions and classes alone. */
const WITHOUT_STATE = [
  ...['native', 'cleared', 'direct-reads', 'garbage', 'order', 'recency', 'slice'],
];

const IMPORT =
  /^\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

const files = readdirSync(join(checkout, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replaceAll(sep, '/'));

/** Every import of every file, as written. */
const imports = files.flatMap((file) =>
  [...readText(`src/${file}`).matchAll(IMPORT)].map(([, from, bare, dynamic]) => ({
    file,
    target: (from ?? bare ?? dynamic) as string,
  })),
);

/** The imports of the project's own files, as paths below `src`. */
const own = imports
  .filter(({ target }) => target.startsWith('.'))
  .map(({ file, target }) => ({
    file,
    target: posix.join(posix.dirname(file), target).replace(/\.js$/, '.ts'),
  }));

function belongs(file: string, names: readonly string[]): boolean {
  return names.some((name) => (name.endsWith('/') ? file.startsWith(name) : file === `${name}.ts`));
}

/** The layer of a file and its height; the foundations lie below all. */
function layerOf(file: string): { name: string; height: number } {
  if (belongs(file, FOUNDATIONS)) return { name: 'foundations', height: -1 };
  const height = Object.values(LAYERS).findIndex((names) => belongs(file, names));
  const name = Object.keys(LAYERS)[height];
  assert.ok(name, `src/${file} is in no layer: add it to the table in test/imports.test.ts`);
  return { name, height };
}

describe('imports of the source files', () => {
  test('were found', () => {
    assert.ok(own.some(({ file, target }) => file === 'index.ts' && target === 'buffer.ts'));
  });

  test('every file has a layer, every name in the table a file', () => {
    for (const file of files) layerOf(file);
    for (const name of [...FOUNDATIONS, ...Object.values(LAYERS).flat()]) {
      assert.ok(
        files.some((file) => belongs(file, [name])),
        `no file in src for "${name}"`,
      );
    }
  });

  test('point down the layers', () => {
    const climbing = own.filter(({ file, target }) => {
      const from = layerOf(file);
      const to = layerOf(target);
      return to.height > from.height && !(from.name === 'foundations' && to.name === 'native');
    });
    assert.deepEqual(climbing, []);
  });

  test('make no circle', () => {
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      assert.ok(!path.includes(file), `a circle of imports: ${[...path, file].join(' → ')}`);
      if (done.has(file)) return;
      for (const { file: from, target } of own) {
        if (from === file) visit(target, [...path, file]);
      }
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });

  test('reach a package only through its door, and Node only by its full name', () => {
    for (const { file, target } of imports) {
      if (target.startsWith('.')) continue;
      if (target.startsWith('node:') && builtinModules.includes(target.slice(5))) continue;
      const door = DOORS[target];
      assert.ok(door, `src/${file} imports "${target}", which has no door`);
      assert.ok(file.startsWith(door), `src/${file} imports "${target}": only src/${door} may`);
    }
  });

  test('of a test do not mix the two copies of what has state', () => {
    const tests = ['test', 'bench'].flatMap((folder) =>
      readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readText(join(folder, name))),
    );
    const taken = tests
      .filter((text) => /\bfrom 'smmap(\/clients)?'/.test(text))
      .flatMap((text) => [...text.matchAll(/^import (?!type )[^;]*\bfrom '#src\/(.*)\.js'/gm)])
      .map(([, name]) => name as string);
    assert.ok(taken.includes('native'), 'it looked');
    assert.deepEqual(
      taken.filter((name) => !WITHOUT_STATE.includes(name)),
      [],
    );
  });

  test('leave the native binary to src/native.ts', () => {
    const mentions = files.filter((file) =>
      /node-gyp-build|\.node['"`]/.test(readText(`src/${file}`)),
    );
    assert.deepEqual(mentions, ['native.ts']);
  });
});
