import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { ALLOCATION_GRANULARITY, alignToMmap, is64Bit, PAGE_SIZE } from 'smmap';

test('the page size is what the system says', { skip: process.platform === 'win32' }, () => {
  assert.equal(PAGE_SIZE, Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })));
});

test('the granularity of offsets is a page, and 64 KiB on Windows', () => {
  assert.equal(ALLOCATION_GRANULARITY, process.platform === 'win32' ? 65536 : PAGE_SIZE);
});

test('the width of the machine', () => {
  assert.equal(is64Bit, !['arm', 'ia32', 'mips', 'mipsel', 'ppc'].includes(process.arch));
});

test('alignment: the nearest multiples below and above, for every number around a boundary', () => {
  const g = ALLOCATION_GRANULARITY;
  for (const k of [0, 1, 2, 3, 1000, 2 ** 20, Math.floor(2 ** 52 / g)]) {
    assert.equal(alignToMmap(k * g, false), k * g);
    assert.equal(alignToMmap(k * g, true), k * g);
    for (const past of [1, 2, 100, g / 2, g - 2, g - 1]) {
      assert.equal(alignToMmap(k * g + past, false), k * g);
      assert.equal(alignToMmap(k * g + past, true), (k + 1) * g);
    }
  }
});

test('alignment refuses what is no byte count', () => {
  for (const bad of [-1, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 53]) {
    assert.throws(() => alignToMmap(bad, true), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
  }
  for (const bad of ['1', 1n, undefined, null, {}] as unknown as number[]) {
    assert.throws(() => alignToMmap(bad, true), {
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
});
