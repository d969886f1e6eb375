/** CPython's `test_mmap`: what only Windows has; skipped elsewhere. See `mmap-suite.test.ts`. */

import assert from 'node:assert/strict';
import { closeSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemoryMap, PAGE_SIZE } from 'smmap';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapPath } from './support/maps.js';
import { STATE, TYPE } from './support/refusals.js';

const onWindows = process.platform === 'win32';
const named = { skip: !onWindows && 'only Windows has mappings with a name' };
const dir = tempDir();
let made = 0;

/** A name that no other mapping has. */
function newName(): string {
  return `smmap-test-${process.pid}-${++made}`;
}

const descriptors = { skip: !onWindows && 'elsewhere it is test_trackfd_neg1' };
test('test_no_trackfd_parameter_on_windows', descriptors, () => {
  // As of Python 3.15 the parameter is there on Windows too.
  using map = new MemoryMap(-1, 64, { trackFd: false });
  assert.throws(() => map.size(), STATE);
  assert.equal(map.length, 64);
});

test('test_tagname', named, () => {
  const [first, second] = [contentBytes(0, 10), contentBytes(10, 10)];
  const [name, otherName] = [newName(), newName()];
  {
    using map = new MemoryMap(-1, 10, { tagname: name });
    map.setSlice(first);
    using same = new MemoryMap(-1, 10, { tagname: name });
    same.setSlice(second);
    assert.deepEqual(map.slice(), second);
    assert.deepEqual(same.slice(), second);
  }
  {
    using map = new MemoryMap(-1, 10, { tagname: name });
    map.setSlice(first);
    using other = new MemoryMap(-1, 10, { tagname: otherName });
    other.setSlice(second);
    assert.deepEqual(map.slice(), first);
    assert.deepEqual(other.slice(), second);
  }
  assert.throws(() => new MemoryMap(-1, 8, { tagname: 1 as unknown as string }), TYPE);
});

test('test_sizeof', { skip: 'JavaScript has no question for the size of an object' });

test('test_crasher_on_windows', named, () => {
  const tagname = newName();
  const map = new MemoryMap(-1, 1000, { tagname });
  map.setSlice(contentBytes(0, 1000));
  try {
    using larger = new MemoryMap(-1, 5000, { tagname });
    larger.slice();
  } catch (error) {
    assert.ok(error instanceof Error);
  }
  assert.deepEqual(map.slice(), contentBytes(0, 1000));
  map.close();

  const path = join(dir, 'crasher.bin');
  writeContent(path, 10);
  using file = mapPath(path, 'r+');
  assert.throws(() => file.resize(0), RangeError);
  assert.deepEqual(file.slice(), contentBytes(0, 10));
});

const held = { skip: !onWindows && 'only Windows refuses to cut a file that is mapped' };
test('test_resize_fails_if_mapping_held_elsewhere', held, () => {
  const fd = openSync(join(dir, 'held.bin'), 'w+');
  try {
    ftruncateSync(fd, 2 * PAGE_SIZE);
    using first = new MemoryMap(fd, 2 * PAGE_SIZE);
    const second = new MemoryMap(fd, 2 * PAGE_SIZE);
    assert.throws(() => first.resize(PAGE_SIZE), { syscall: /./ });
    assert.throws(() => second.resize(PAGE_SIZE), { syscall: /./ });
    second.close();
    first.resize(PAGE_SIZE);
    assert.equal(first.size(), PAGE_SIZE);
    assert.equal(fstatSync(fd).size, PAGE_SIZE);
  } finally {
    closeSync(fd);
  }
});

test('test_resize_succeeds_with_error_for_second_named_mapping', named, () => {
  const tagname = newName();
  const bytes = contentBytes(0, 8);
  using first = new MemoryMap(-1, 2 * PAGE_SIZE, { tagname });
  using second = new MemoryMap(-1, 2 * PAGE_SIZE, { tagname });
  first.setSlice(bytes, 0, 8);
  assert.deepEqual(second.slice(0, 8), bytes);
  assert.throws(() => first.resize(PAGE_SIZE), { syscall: /./ });
  assert.equal(first.size(), 2 * PAGE_SIZE);
  assert.deepEqual([first.slice(0, 8), second.slice(0, 8)], [bytes, bytes]);
});

test('test_access_violations', {
  skip: 'needs a debug build of Windows; lost pages are in hazards/',
});
