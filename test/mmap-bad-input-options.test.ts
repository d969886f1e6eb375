/** Options that no map can be made with, and the order in which they are looked at. */

import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import {
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  MAP_SHARED,
  MemoryMap,
  type MemoryMapOptions,
  PAGE_SIZE,
  PROT_READ,
  PROT_WRITE,
} from 'smmap';
import { tempDir, writeContent } from './support/files.js';
import { range, TYPE, VALUE } from './support/refusals.js';

const path = join(tempDir(), 'good.bin');
writeContent(path, 3 * PAGE_SIZE + 17);
const fd = openSync(path, 'r+');
after(() => closeSync(fd));

const NO_NUMBERS = ['0', '10', '', 1n, null, true, [], {}, () => 1] as unknown as number[];

/** Options that the types do not allow. */
function wrong(options: object): MemoryMapOptions {
  return options;
}

describe('options', () => {
  test('are checked in the order of Python: length, offset, access and its rivals, access, the file', () => {
    const faults: Record<string, unknown> = { length: -1, offset: -1, rivals: 1, access: 'raed' };
    const make = (left: readonly string[]) => {
      const of = (name: string, good: unknown) => (left.includes(name) ? faults[name] : good);
      const rivals = left.includes('rivals') ? { flags: 1, prot: 1 } : {};
      const access = of('access', left.includes('rivals') ? 'read' : 'default');
      new MemoryMap(
        -2,
        of('length', 10) as number,
        wrong({ offset: of('offset', 0), ...rivals, access }),
      );
    };
    assert.throws(() => make(['length', 'offset', 'rivals', 'access']), range(/length/));
    assert.throws(() => make(['offset', 'rivals', 'access']), range(/offset/));
    assert.throws(() => make(['rivals', 'access']), { ...VALUE, message: /flags|prot/ });
    assert.throws(() => make(['access']), { ...VALUE, message: /raed/ });
    assert.throws(() => make([]), { code: 'EBADF' });
  });

  test('with a name that is not known: the near miss is named', () => {
    const slips = {
      ofset: 'offset',
      acces: 'access',
      trackfd: 'trackFd',
      track_fd: 'trackFd',
      flag: 'flags',
    };
    for (const [slip, meant] of Object.entries(slips)) {
      const refused = { ...VALUE, message: new RegExp(`"${slip}".*"${meant}"`) };
      assert.throws(() => new MemoryMap(fd, 10, wrong({ [slip]: 1 })), refused);
      assert.throws(() => MemoryMap.open(path, wrong({ [slip]: 1 })), refused);
      assert.throws(() => MemoryMap.anonymous(10, wrong({ [slip]: 1 })), refused);
    }
    assert.throws(() => new MemoryMap(fd, 10, wrong({ colour: 'red' })), {
      ...VALUE,
      message: /colour.*access/,
    });
    for (const bad of [null, 1, 'read', true] as unknown as object[]) {
      assert.throws(() => new MemoryMap(fd, 10, wrong(bad)), TYPE);
    }
  });

  test('with a value that is none', () => {
    for (const access of ['', 'READ', 'readwrite', 4, -1, 0.5, null, {}]) {
      const refused = { name: 'TypeError', code: /^ERR_INVALID_ARG_(TYPE|VALUE)$/ };
      assert.throws(() => new MemoryMap(fd, 10, wrong({ access })), refused, String(access));
    }
    for (const trackFd of [0, 1, 'no', null]) {
      assert.throws(() => new MemoryMap(fd, 10, wrong({ trackFd })), TYPE, String(trackFd));
    }
    const windows = process.platform === 'win32';
    if (!windows) assert.throws(() => new MemoryMap(-1, 10, { tagname: 'name' }), VALUE);
  });

  test('prot: reading, writing, executing, in any mixture but none', () => {
    for (const prot of [0, 8, 16, 2 ** 24, 2 ** 31, -1]) {
      assert.throws(
        () => new MemoryMap(fd, 10, { prot }),
        { code: /^ERR_(INVALID_ARG_VALUE|OUT_OF_RANGE)$/ },
        `${prot}`,
      );
    }
    for (const bad of NO_NUMBERS) assert.throws(() => new MemoryMap(fd, 10, { prot: bad }), TYPE);
    const [read, write] = [PROT_READ as number, PROT_WRITE as number];
    const accesses = [read, write, read | write].map((prot) => {
      using map = new MemoryMap(fd, 10, { prot });
      return [map.access, map.readonly];
    });
    assert.deepEqual(accesses, [
      ['read', true],
      ['write', false],
      ['default', false],
    ]);
  });

  test('flags: nothing that could harm the process', () => {
    const [shared, priv] = [MAP_SHARED as number, MAP_PRIVATE as number];
    const [MAP_FIXED, MAP_GROWSDOWN, MAP_HUGETLB, MAP_FIXED_NOREPLACE] = [
      0x10, 0x100, 0x40000, 0x100000,
    ];
    const harmful = [MAP_FIXED, MAP_GROWSDOWN, MAP_HUGETLB, MAP_FIXED_NOREPLACE, 2 ** 30];
    for (const flags of [
      0,
      shared | priv,
      MAP_ANONYMOUS as number,
      ...harmful.map((bit) => bit | shared),
    ]) {
      assert.throws(() => new MemoryMap(fd, 10, { flags }), VALUE, `${flags}`);
      assert.throws(() => new MemoryMap(-1, 10, { flags }), VALUE, `${flags}, anonymous`);
    }
    for (const bad of NO_NUMBERS) assert.throws(() => new MemoryMap(fd, 10, { flags: bad }), TYPE);
    for (const flags of [0.5, -1, 2 ** 31, 2 ** 53]) {
      assert.throws(
        () => new MemoryMap(fd, 10, { flags }),
        { code: /^ERR_(INVALID_ARG_VALUE|OUT_OF_RANGE)$/ },
        `${flags}`,
      );
    }
  });
});
