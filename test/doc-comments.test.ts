/** Whatever a user can name says what it is. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as smmap from 'smmap';
import * as clients from 'smmap/clients';
import { exportedDeclarations } from './support/declarations.js';

const ENTRIES = { index: smmap, 'clients/index': clients } as const;

for (const entry of ['index', 'clients/index'] as const) {
  test(`the declarations name exactly what the package exports: ${entry}`, () => {
    const values = exportedDeclarations(entry).filter(({ isValue }) => isValue);
    assert.deepEqual(values.map(({ name }) => name).sort(), Object.keys(ENTRIES[entry]).sort());
  });
}

const declarations = [...exportedDeclarations('index'), ...exportedDeclarations('clients/index')];

test('no member of a class was missed', () => {
  const exports: Record<string, unknown> = { ...smmap, ...clients };
  for (const { name, members } of declarations) {
    const exported = exports[name];
    if (typeof exported !== 'function' || exported.prototype === undefined) continue;
    const names = ['name', 'constructor', ...members.map((member) => member.name)];
    const missed = Object.getOwnPropertyNames(exported.prototype).filter(
      (own) => !names.includes(own) && !BUFFERS_READER.test(own),
    );
    assert.deepEqual(missed, [], `of ${name}`);
  }
});

/** Declared as a choice of the methods of `Buffer`, not one by one. */
const BUFFERS_READER = /^read(?:Big)?(?:U?[iI]nt|Float|Double)/;

test('every export has a doc comment', () => {
  const silent = declarations.filter(({ doc }) => doc === '').map(({ name }) => name);
  assert.deepEqual(silent, []);
});

test('every public member has a doc comment', () => {
  const silent = declarations.flatMap(({ name, members }) =>
    members
      .filter(({ name: member, doc, hidden }) => {
        return doc === '' && !hidden && !isConstructorOfError(name, member);
      })
      .map((member) => `${name}.${member.name}`),
  );
  assert.deepEqual(silent, []);
});

/** The package makes its errors itself, and nobody else has to know how. */
function isConstructorOfError(name: string, member: string): boolean {
  return member === 'constructor' && name.endsWith('Error');
}
