import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { parseCount } from '#src/cli/count.js';
import { formatSize, parseSize } from '#src/cli/size.js';

const SIZES: [text: string, bytes: number][] = [
  ['1', 1],
  ['4096', 4096],
  ['007', 7],
  ['64K', 65536],
  ['64k', 65536],
  ['1M', 1048576],
  ['1MiB', 1048576],
  ['1mib', 1048576],
  ['1.5M', 1572864],
  ['16G', 17179869184],
  ['2T', 2199023255552],
  ['4P', 4503599627370496],
  ['4503599627370495', 4503599627370495],
];

for (const [text, bytes] of SIZES) {
  test(`a size of ${text} is ${bytes} bytes`, () => {
    assert.equal(parseSize(text), bytes);
  });
}

const NO_SIZES: [text: string, remedy: RegExp][] = [
  ['', /number of bytes/],
  [' ', /number of bytes/],
  ['16Q', /K, M, G, T or P/],
  ['-5', /number of bytes/],
  ['+5', /number of bytes/],
  ['1.5.2', /number of bytes/],
  ['1.', /number of bytes/],
  ['.5K', /number of bytes/],
  ['0x10', /number of bytes/],
  ['1e6', /number of bytes/],
  ['1_000', /number of bytes/],
  ['1,000', /number of bytes/],
  ['1 M', /number of bytes/],
  ['M', /number of bytes/],
  ['1MM', /number of bytes/],
  ['1MB', /number of bytes/],
  ['1B', /number of bytes/],
  ['1iB', /number of bytes/],
  ['NaN', /number of bytes/],
  ['Infinity', /number of bytes/],
  ['١', /number of bytes/],
  ['4096\n', /number of bytes/],
  ['0', /at least 1 byte/],
  ['0.0G', /at least 1 byte/],
  ['1.5', /whole bytes/],
  ['0.1K', /whole bytes/],
  ['4.5P', /at most 4P/],
  ['4503599627370497', /at most 4P/],
  ['9'.repeat(400), /at most 4P/],
];

for (const [text, remedy] of NO_SIZES) {
  test(`no size: ${JSON.stringify(text.slice(0, 20))}`, () => {
    assert.throws(
      () => parseSize(text),
      (error) => error instanceof InvalidArgumentError && remedy.test(error.message),
    );
  });
}

test('every number of bytes is read back as it was written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 52 }), (bytes) => {
      assert.equal(parseSize(String(bytes)), bytes);
    }),
  );
});

const SHOWN: [bytes: number, text: string][] = [
  [0, '0 bytes'],
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [1024, '1.0 KiB'],
  [1024 * 1023.94, '1023.9 KiB'],
  [1024 * 1023.96, '1.0 MiB'],
  [1572864, '1.5 MiB'],
  [16 * 1024 ** 3, '16.0 GiB'],
  [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
];

for (const [bytes, text] of SHOWN) {
  test(`${bytes} bytes are shown as ${text}`, () => {
    assert.equal(formatSize(bytes), text);
  });
}

test('a count is decimal digits up to its limit', () => {
  const parse = parseCount(4_294_967_295);
  assert.equal(parse('0'), 0);
  assert.equal(parse('10000'), 10000);
  assert.equal(parse('4294967295'), 4294967295);
  for (const text of ['', '-1', '1.0', '1e3', '0x10', '10k', '4294967296', ' 1', '9'.repeat(400)]) {
    assert.throws(
      () => parse(text),
      (error) => error instanceof InvalidArgumentError && /4,294,967,295/.test(error.message),
      text,
    );
  }
});
