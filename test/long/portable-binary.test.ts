/** One Linux binary serves glibc and musl: it asks for nothing that one of them lacks. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { checkout } from '../support/checkout.js';

const BINARY = join(checkout, 'build', 'Release', 'smmap.node');

/** Where Debian's package musl puts that library. */
const MUSL = '/lib/ld-musl-x86_64.so.1';

/** Node's own programs for Linux ask for glibc 2.28. */
const OLDEST_GLIBC_MINOR = 28;

/** The names that `nm` prints, each with its version where the file has one. */
function symbols(path: string, ...options: string[]): string[] {
  const output = execFileSync('nm', ['-D', ...options, path], { encoding: 'utf8' });
  return output
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').at(-1) ?? '');
}

/** Names that the binary takes from elsewhere: `U` it needs them, `w` it goes without where they are missing. */
function undefinedNames(kind: 'U' | 'w'): string[] {
  const output = execFileSync('nm', ['-D', '--undefined-only', BINARY], { encoding: 'utf8' });
  return [...output.matchAll(/^\s+(\w) (\S+)$/gm)]
    .filter(([, found]) => found === kind)
    .map(([, , name]) => name as string);
}

/** What the binary must find in the C library. */
function needed(): string[] {
  const names = undefinedNames('U').filter((name) => !name.startsWith('napi_'));
  assert.ok(names.includes('mmap'), 'the list is not that of this binary');
  return names;
}

function glibc(): string {
  const report = process.report.getReport() as { sharedObjects: string[] };
  return (
    report.sharedObjects.find((path) => path.endsWith('/libc.so.6')) ?? assert.fail('no glibc')
  );
}

describe('the Linux binary', () => {
  test('names no library that has to be there', () => {
    const dynamic = execFileSync('readelf', ['-d', BINARY], { encoding: 'utf8' });
    assert.match(dynamic, /NODELETE/);
    assert.doesNotMatch(dynamic, /NEEDED/);
  });

  test('goes without libuv, and without what only glibc has', () => {
    const optional = undefinedNames('w');
    assert.ok(optional.includes('uv_async_send'));
    for (const name of optional) assert.match(name, /^uv_|^malloc_trim$/);
  });

  const skip = existsSync(MUSL) || process.env.CI ? false : 'musl is not installed';
  test('asks for nothing that musl lacks', { skip }, () => {
    const offered = new Set(symbols(MUSL, '--defined-only'));
    assert.deepEqual(
      needed().filter((name) => !offered.has(name)),
      [],
    );
  });

  test('asks for nothing that came after the oldest glibc that Node runs on', () => {
    const offered = new Set<string>();
    for (const symbol of symbols(glibc(), '--defined-only', '--with-symbol-versions')) {
      const [, name, minor] = /^(\w+)@@?GLIBC_2\.(\d+)/.exec(symbol) ?? [];
      if (name && Number(minor) <= OLDEST_GLIBC_MINOR) offered.add(name);
    }
    assert.deepEqual(
      needed().filter((name) => !offered.has(name)),
      [],
    );
  });
});
