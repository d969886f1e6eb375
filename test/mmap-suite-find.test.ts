/** CPython's `test_mmap`: `find` and `rfind`. See `mmap-suite.test.ts`. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  MemoryMap,
  type MemoryMapOptions,
  PAGE_SIZE,
  PROT_READ,
} from 'smmap';
import { tempDir } from './support/files.js';
import { backdrop, mapPath } from './support/maps.js';

const dir = tempDir();

/** Where the text stands in its file: no multiple of anything. */
const PLACE = 2 * PAGE_SIZE + 77;

/** A map of just `text`, which stands in the middle of a file, before and behind it what must not be found. */
function mapOfText(name: string, text: Buffer): MemoryMap {
  const path = join(dir, name);
  const content = backdrop(0, PLACE + text.length + 100);
  text.copy(content, PLACE);
  content[PLACE + text.length] = 'x'.charCodeAt(0);
  writeFileSync(path, content);
  return mapPath(path, 'r+', text.length, { offset: PLACE });
}

test('test_tougher_find', () => {
  const text = Buffer.from('ttyttz\0loop\0\0tt\0');
  using map = mapOfText('tougher.bin', text);
  for (let start = 0; start <= text.length; start++) {
    for (let end = start; end <= text.length; end++) {
      const part = text.subarray(start, end);
      assert.equal(map.find(part), text.indexOf(part), `${start} to ${end}`);
      assert.equal(map.rfind(part), text.lastIndexOf(part), `${start} to ${end}, from the end`);
      assert.equal(map.find(Buffer.concat([part, Buffer.from('x')])), -1, `${start} to ${end}, x`);
    }
  }
});

const ICES = Buffer.from('ice tea ices');

/** Calls `visit` for all bounds that `ICES` can have, one too far in either direction included. */
function eachRange(visit: (from: number, to: number, low: number, part: Buffer) => void): void {
  const { length } = ICES;
  const index = (bound: number) => Math.max(bound < 0 ? bound + length : bound, 0);
  for (let from = -length - 1; from <= length; from++) {
    for (let to = -length - 1; to <= length; to++) {
      const low = index(from);
      visit(from, to, low, ICES.subarray(low, Math.max(index(to), low)));
    }
  }
}

const NEEDLES = ['i', 'ic', 'tea', 'ices', 's'];

test('test_find_end', () => {
  using map = mapOfText('find.txt', ICES);
  assert.equal(map.find('ice'), 0);
  assert.equal(map.find('ices'), 8);
  assert.equal(map.find('ice', 0, -1), 0);
  assert.equal(map.find('ice', 1), 8);
  assert.equal(map.find('ice', 1, -1), 8);
  assert.equal(map.find('ice', 1, -2), -1);
  assert.equal(map.find(new Uint8Array(Buffer.from('ice'))), 0);
  assert.equal(map.find('s'.charCodeAt(0)), 11);
  eachRange((from, to, low, part) => {
    for (const needle of NEEDLES) {
      const found = part.indexOf(needle);
      const wanted = found === -1 ? -1 : low + found;
      assert.equal(map.find(needle, from, to), wanted, `${needle} from ${from} to ${to}`);
    }
  });
  assert.deepEqual([map.find(''), map.find('', 5), map.find('', 50)], [0, 5, 12]);
  assert.deepEqual([map.find('', 5, 5), map.find('', 5, 3)], [5, -1]);
  assert.equal(map.tell(), 0);
});

test('test_rfind', () => {
  using map = mapOfText('rfind.txt', ICES);
  assert.equal(map.rfind('ice'), 8);
  assert.equal(map.rfind('ice '), 0);
  assert.equal(map.rfind('ice', 0, -1), 8);
  assert.equal(map.rfind('ice', 0, -2), 0);
  assert.equal(map.rfind('ice', 1, -1), 8);
  assert.equal(map.rfind('ice', 1, -2), -1);
  assert.equal(map.rfind(new Uint8Array(Buffer.from('ice'))), 8);
  eachRange((from, to, low, part) => {
    for (const needle of NEEDLES) {
      const found = part.lastIndexOf(needle);
      const wanted = found === -1 ? -1 : low + found;
      assert.equal(map.rfind(needle, from, to), wanted, `${needle} from ${from} to ${to}`);
    }
  });
  assert.deepEqual([map.rfind(''), map.rfind('', 0, 5), map.rfind('', 50)], [12, 5, 12]);
  assert.deepEqual([map.rfind('', 5, 5), map.rfind('', 5, 3)], [5, -1]);
  map.seek(1);
  assert.deepEqual([map.find('ice'), map.rfind('ice')], [8, 8]);
  map.seek(9);
  assert.deepEqual([map.find('ice'), map.rfind('ice')], [-1, -1]);
});

const noFlags = MAP_ANONYMOUS === undefined && 'there are no flags here';
test('test_find_does_not_access_beyond_buffer', { skip: noFlags }, () => {
  const flags = (MAP_PRIVATE as number) | (MAP_ANONYMOUS as number);
  const options: MemoryMapOptions = { flags, prot: PROT_READ as number };
  for (let i = 0; i <= 2048; i++) {
    // The system puts the second map below the first, which then leaves nothing behind it.
    const guard = new MemoryMap(-1, PAGE_SIZE * (i + 1), options);
    using map = new MemoryMap(-1, PAGE_SIZE * (i + 2048), options);
    guard.close();
    assert.equal(map.find('fo', -2), -1);
    assert.equal(map.find('\0fo', -2), -1); // longer than what is left
  }
});
