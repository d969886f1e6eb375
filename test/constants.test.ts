/** The numbers of the mmap family are those of the system: Python and the kernel's headers say the same. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import * as constants from '#src/constants.js';

const exported = Object.entries(constants);

const OF_PYTHON = `
import json, mmap, re
names = [name for name in dir(mmap) if re.match("(ACCESS|PROT|MAP|MADV|MS)_", name)]
print(json.dumps({name: getattr(mmap, name) for name in names}))
`;

/** What a program answers to a text; `undefined` where there is no such program or it cannot. */
function answer(program: string, args: readonly string[], input: string): string | undefined {
  const { status, stdout } = spawnSync(program, args, { input, encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

describe('constants', () => {
  test('of access are the same on every system', () => {
    const { ACCESS_DEFAULT, ACCESS_READ, ACCESS_WRITE, ACCESS_COPY } = constants;
    assert.deepEqual([ACCESS_DEFAULT, ACCESS_READ, ACCESS_WRITE, ACCESS_COPY], [0, 1, 2, 3]);
  });

  test('are whole numbers, or undefined where the system has none', () => {
    for (const [name, value] of exported) {
      assert.ok(value === undefined || Number.isInteger(value), `${name} is ${value}`);
    }
  });

  const windows = process.platform === 'win32';
  test('of POSIX are there', { skip: windows && 'Windows has none' }, () => {
    const { PROT_READ, MAP_SHARED, MAP_PRIVATE, MADV_WILLNEED, MS_SYNC } = constants;
    for (const value of [PROT_READ, MAP_SHARED, MAP_PRIVATE, MADV_WILLNEED, MS_SYNC]) {
      assert.equal(typeof value, 'number');
    }
  });

  const python = answer('python3', ['-'], OF_PYTHON);
  test("are all that Python's mmap has", { skip: !python && 'python3 is not installed' }, () => {
    const theirs: Record<string, number> = JSON.parse(python as string);
    assert.ok(Object.keys(theirs).length > 0);
    const ours = Object.fromEntries(exported.filter(([name]) => name in theirs));
    assert.deepEqual(ours, theirs);
  });

  const macros = answer('cc', ['-E', '-dM', '-'], '#include <linux/mman.h>\n');
  const lacking = !macros && "a C compiler and the kernel's headers are not installed";
  test("are those of the kernel's headers", { skip: lacking }, () => {
    const found = [...(macros as string).matchAll(/^#define (M\w+_\w+) (0x[\da-f]+|\d+)$/gm)];
    const theirs = new Map(found.map(([, name, value]) => [name as string, Number(value)]));
    assert.ok(theirs.has('MADV_POPULATE_READ'), 'the list is not that of Linux 5.14 or later');
    for (const [name, value] of exported) {
      if (theirs.has(name)) assert.equal(value, theirs.get(name), name);
    }
  });
});
