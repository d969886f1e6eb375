/** What the methods of a map refuse: each call leaves the map and its position as they were. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { MADV_DONTNEED, PAGE_SIZE } from 'smmap';
import { contentByte, contentBytes, tempDir, writeContent } from './support/files.js';
import { typedCall, typedMembers } from './support/map-members.js';
import { mapPath } from './support/maps.js';
import { RANGE, TYPE, VALUE } from './support/refusals.js';

const SIZE = 2 * PAGE_SIZE + 5;
const POSITION = 100;
const bytes = contentBytes(0, SIZE);
const path = join(tempDir(), 'file.bin');
writeContent(path, SIZE);
const map = mapPath(path, 'r+');
map.seek(POSITION);

afterEach(() => {
  assert.equal(map.closed, false);
  assert.equal(map.length, SIZE);
  assert.equal(map.tell(), POSITION);
  assert.ok(map.slice().equals(bytes));
});

const FRACTIONS = [-0.5, 0.5, 1.5, Number.NaN, 2 ** 53, -(2 ** 53)];
const NO_NUMBERS = ['0', '', 1n, true, [], {}, () => 1, Symbol('1')] as unknown as number[];

/** An object that closes a map when somebody asks for its number. */
function closing(number: number, victim = map): number {
  const close = () => {
    victim.close();
    return number;
  };
  const object = { valueOf: close, toString: close, [Symbol.toPrimitive]: close };
  return object as unknown as number;
}

/** One number handed to a method, the others good. */
type Call = (n: number) => unknown;

/** Refused: fractions, NaN, unsafe numbers. Whether null and infinities are taken differs. */
const NUMBERS: Record<string, Call> = {
  get: (n) => map.get(n),
  'set, index': (n) => map.set(n, 1),
  'set, byte': (n) => map.set(0, n),
  'slice, start': (n) => map.slice(n, 10),
  'slice, end': (n) => map.slice(0, n),
  'slice, step': (n) => map.slice(0, 10, n),
  'setSlice, start': (n) => map.setSlice(bytes, n),
  'setSlice, end': (n) => map.setSlice(bytes, 0, n),
  'setSlice, step': (n) => map.setSlice(bytes, 0, SIZE, n),
  'subarray, start': (n) => map.subarray(n),
  'subarray, end': (n) => map.subarray(0, n),
  'find, start': (n) => map.find('a', n),
  'find, end': (n) => map.find('a', 0, n),
  'rfind, start': (n) => map.rfind('a', n),
  'rfind, end': (n) => map.rfind('a', 0, n),
  read: (n) => map.read(n),
  'seek, position': (n) => map.seek(n),
  'seek, whence': (n) => map.seek(0, n),
  writeByte: (n) => map.writeByte(n),
  'move, dest': (n) => map.move(n, 0, 1),
  'move, src': (n) => map.move(0, n, 1),
  'move, count': (n) => map.move(0, 0, n),
  'flush, offset': (n) => map.flush(n),
  'flush, size': (n) => map.flush(0, n),
  'madvise, start': (n) => map.madvise('normal', n),
  'madvise, length': (n) => map.madvise('normal', 0, n),
  resize: (n) => map.resize(n),
  readUInt8: (n) => map.readUInt8(n),
  readDoubleBE: (n) => map.readDoubleBE(n),
  'writeUInt8, value': (n) => map.writeUInt8(n, 0),
  'writeUInt8, offset': (n) => map.writeUInt8(1, n),
  'writeUInt32LE, offset': (n) => map.writeUInt32LE(1, n),
  'writeUIntBE, length': (n) => map.writeUIntBE(1, 0, n),
};

describe('numbers', () => {
  for (const [name, call] of Object.entries(NUMBERS)) {
    test(name, () => {
      for (const bad of name.endsWith('value') ? [2 ** 53, -(2 ** 53)] : FRACTIONS) {
        assert.throws(() => call(bad), RANGE, `${bad}`);
      }
      for (const bad of NO_NUMBERS) assert.throws(() => call(bad), TYPE);
    });

    test(`${name}: an object that would close the map is not asked for its number`, () => {
      assert.throws(() => call(closing(1)), TYPE);
      assert.equal(map.closed, false);
    });
  }

  test('of the typed readers and writers', () => {
    for (const name of typedMembers) {
      for (const bad of [...NO_NUMBERS, null, closing(1)]) {
        assert.throws(() => typedCall(name, { offset: bad })(map), TYPE, `${name}, offset`);
      }
      for (const bad of [...FRACTIONS, SIZE, SIZE - 0.5, -1]) {
        assert.throws(() => typedCall(name, { offset: bad })(map), RANGE, `${name}, offset ${bad}`);
      }
      if (!name.startsWith('write')) continue;
      const other = name.includes('Big') ? 1 : 1n;
      for (const bad of [other, '1', null, undefined, true, {}, closing(1)]) {
        assert.throws(() => typedCall(name, { value: bad })(map), TYPE, `${name}, value`);
      }
    }
  });

  test('at: outside is no byte, and neither is a map that closes meanwhile', () => {
    assert.equal(map.at(SIZE), undefined);
    assert.equal(map.at(-SIZE - 1), undefined);
    assert.equal(map.at(-SIZE), contentByte(0));
    assert.equal(map.at(2 ** 32), undefined);
    assert.equal(map.at(-(2 ** 53)), undefined);
    assert.equal(map.at(Number.NaN), contentByte(0));
    assert.equal(map.at(1.9), contentByte(1));
    assert.equal(map.at(Infinity), undefined);
    const other = mapPath(path, 'r+');
    assert.equal(other.at(1), contentByte(1));
    assert.throws(() => other.at(closing(1, other)), {
      code: /^ERR_(INVALID_ARG_TYPE|SMMAP_CLOSED)$/,
    });
    other.close();
  });
});

describe('ranges', () => {
  const LARGE = [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];

  test('indices', () => {
    for (const bad of [-1, SIZE, SIZE + 1, ...LARGE, ...LARGE.map((n) => -n)]) {
      assert.throws(() => map.get(bad), RANGE, `get(${bad})`);
      assert.throws(() => map.set(bad, 1), RANGE, `set(${bad})`);
      assert.throws(() => map.readUInt8(bad), RANGE, `readUInt8(${bad})`);
      assert.throws(() => map.writeUInt8(1, bad), RANGE, `writeUInt8(${bad})`);
    }
    for (const bad of [SIZE - 3, SIZE, -1, ...LARGE]) {
      assert.throws(() => map.readUInt32LE(bad), RANGE, `${bad}`);
      assert.throws(() => map.writeUInt32LE(1, bad), RANGE, `${bad}`);
    }
    for (const bad of [SIZE - 7, SIZE - 1, ...LARGE]) {
      assert.throws(() => map.writeDoubleLE(1, bad), RANGE, `${bad}`);
      assert.throws(() => map.writeBigUInt64BE(1n, bad), RANGE, `${bad}`);
    }
  });

  test('bytes are 0 to 255', () => {
    for (const bad of [-1, 256, 2 ** 32, -256]) {
      assert.throws(() => map.set(0, bad), RANGE, `${bad}`);
      assert.throws(() => map.writeByte(bad), RANGE, `${bad}`);
      assert.throws(() => map.writeUInt8(bad, 0), RANGE, `${bad}`);
      assert.throws(() => map.find(bad), RANGE, `${bad}`);
    }
    assert.throws(() => map.writeUInt32LE(2 ** 32, 0), RANGE);
    assert.throws(() => map.writeBigUInt64LE(-1n, 0), RANGE);
    assert.throws(() => map.writeBigUInt64LE(1 as unknown as bigint, 0), TypeError);
  });

  test('positions', () => {
    for (const [position, whence] of [
      [-1, 0],
      [SIZE + 1, 0],
      [-POSITION - 1, 1],
      [SIZE - POSITION + 1, 1],
      [1, 2],
      [-SIZE - 1, 2],
      [0, 3],
      [0, -1],
      [2 ** 53 - 1, 1],
      [-(2 ** 53) + 1, 2],
    ] as const) {
      assert.throws(() => map.seek(position, whence), RANGE, `${position} of ${whence}`);
    }
  });

  test('flush: also where it would have nothing to do', () => {
    for (const access of ['write', 'read', 'copy'] as const) {
      using other = mapPath(path, 'r+', 0, { access });
      for (const args of [
        [-1],
        [SIZE + 1],
        [0, SIZE + 1],
        [1, SIZE],
        [SIZE, 1],
        [0, -1],
        [2 ** 53 - 1, 2 ** 53 - 1],
      ]) {
        assert.throws(() => other.flush(...args), RANGE, `${access} ${args}`);
      }
      for (const args of [[], [0], [SIZE], [SIZE, 0], [1, SIZE - 1], [PAGE_SIZE + 3, 7]]) {
        assert.equal(other.flush(...args), undefined, `${access} ${args}`);
      }
    }
  });

  test('flushAsync: by a promise that fails, or at once', async () => {
    const refused = async () => map.flushAsync(SIZE, 1);
    await assert.rejects(refused, RANGE);
    await map.flushAsync(1, SIZE - 1);
  });

  test('madvise', () => {
    for (const args of [[-1], [SIZE], [SIZE + 1], [0, -1], [2 ** 53 - 1]]) {
      assert.throws(() => map.madvise('willneed', ...args), RANGE, `${args}`);
    }
    for (const bad of [
      '',
      'none',
      'WILLNEED',
      'dont-need',
      'hwpoison',
      'soft-offline',
      100,
      101,
      2 ** 20,
      -1,
    ]) {
      assert.throws(() => map.madvise(bad as 'normal'), VALUE, `${bad}`);
    }
    for (const bad of [undefined, null, {}, true]) {
      assert.throws(() => map.madvise(bad as unknown as 'normal'), {
        name: 'TypeError',
        code: /^ERR_INVALID_ARG_/,
      });
    }
    for (const advice of ['dontneed', MADV_DONTNEED as number] as const) {
      map.madvise(advice, 1, 2); // less than a page: nothing is lost
      map.madvise(advice, PAGE_SIZE - 1, 2);
    }
  });

  test('resize', () => {
    for (const bad of [0, -1, -(2 ** 40)]) assert.throws(() => map.resize(bad), RANGE, `${bad}`);
    assert.throws(() => map.resize(2 ** 53 - 1), { code: /^(EFBIG|ENOSPC|ENOMEM|EINVAL)$/ });
  });
});
