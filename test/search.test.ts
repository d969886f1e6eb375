import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ByteSource } from '#src/byte-source.js';
import { MapFaultError } from '#src/errors.js';
import { count, includes, indexOf, lastIndexOf, type SearchValue } from '#src/search.js';
import { PoisonedSource } from './support/poisoned-source.js';

const SEARCHES = { indexOf, lastIndexOf, includes } as const;
type Name = keyof typeof SEARCHES;
const NAMES = Object.keys(SEARCHES) as Name[];

/** Few different bytes, so that much is found and more is nearly found. */
const content = fc
  .uint8Array({ max: 2, maxLength: 70, size: 'max' })
  .map((bytes) => bytes.map((n) => n && n + 95));
const cut = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
  overlap: fc.integer({ min: 0, max: 3 }),
});
const byte = fc.oneof(fc.constantFrom(0, 96, 97, -160, 353), fc.integer(), fc.double());
const encoding = fc.constantFrom<(BufferEncoding | undefined)[]>(
  undefined,
  'utf8',
  'latin1',
  'ascii',
  'hex',
  'base64',
  'utf16le',
  'ucs2',
  'UCS-2' as BufferEncoding,
  'Utf-16LE' as BufferEncoding,
);
const offset = fc.oneof(
  fc.integer({ min: -80, max: 80 }),
  fc.double({ min: -80, max: 80 }),
  fc.constantFrom(undefined, null, Number.NaN, Number.POSITIVE_INFINITY, -1e300, {}, [], true, -0),
) as fc.Arbitrary<number | undefined>;

/** A search: in what, cut how, for what, from where. */
const searches = content.chain((bytes) =>
  fc.record({
    bytes: fc.constant(bytes),
    cut,
    value: fc.oneof(
      byte,
      fc.string({ unit: fc.constantFrom('a', '`', '\0', 'é', '€', '61'), maxLength: 6 }),
      content,
      fc.tuple(fc.nat(70), fc.nat(70)).map(([a, b]) => bytes.slice(Math.min(a, b), Math.max(a, b))),
      fc.tuple(fc.nat(70), fc.nat(9)).map(([a, n]) => Buffer.from(bytes.slice(a, a + n))),
      fc
        .tuple(fc.nat(70), fc.nat(9))
        .map(([a, n]) => String.fromCharCode(...bytes.slice(a, a + n))),
    ),
    offset,
    encoding,
  }),
);

/**
 * The same bytes as Node searches them. In UTF-16 Node leaves an odd last byte out, but
 * until version 24 it did so for strings only, and found bytes there that it has not.
 */
function oracle(bytes: Uint8Array, encoding: string | undefined): Buffer {
  const wide = /16|ucs/i.test(`${encoding}`);
  return Buffer.from(wide ? bytes.subarray(0, bytes.length & ~1) : bytes);
}

describe('indexOf, lastIndexOf and includes', () => {
  test('find what Buffer finds, wherever windows begin and end', () => {
    fc.assert(
      fc.property(searches, fc.constantFrom(...NAMES), (search, name) => {
        const { bytes, value, offset, encoding } = search;
        const source = new PoisonedSource(bytes, search.cut);
        const found = SEARCHES[name](source, value, offset, encoding);
        const wide = typeof value === 'number' ? undefined : encoding;
        assert.equal(found, oracle(bytes, wide)[name](value as string, offset, encoding));
      }),
      { numRuns: 6000 },
    );
  });

  test('find every slice of the content from every offset', () => {
    const bytes = Buffer.from('abaabbabaaab');
    for (const size of [1, 2, 3, 5, 12]) {
      for (let from = 0; from < bytes.length; from++) {
        for (let to = from; to <= bytes.length; to++) {
          const value = bytes.subarray(from, to);
          for (let offset = -14; offset <= 14; offset++) {
            const source = new PoisonedSource(bytes, { sizes: [size] });
            assert.equal(indexOf(source, value, offset), bytes.indexOf(value, offset));
            assert.equal(lastIndexOf(source, value, offset), bytes.lastIndexOf(value, offset));
          }
        }
      }
    }
  });

  test('take the encoding in place of the offset', () => {
    const bytes = Buffer.from('xéyéz', 'latin1');
    const source = new PoisonedSource(bytes, { sizes: [2] });
    assert.equal(indexOf(source, 'é', 'latin1'), 1);
    assert.equal(lastIndexOf(source, 'é', 'latin1'), 3);
    assert.equal(lastIndexOf(source, 'e9', 'hex', 'utf8'), 3);
    assert.equal(includes(source, 'é'), false);
  });

  test('find UTF-16 at even indices only, and search from the even index at or before an odd one', () => {
    const bytes = Buffer.from('\0a\0b\0a\0b\0', 'latin1');
    const source = new PoisonedSource(bytes, { sizes: [3] });
    assert.equal(indexOf(source, 'a', 0, 'utf16le'), -1);
    assert.equal(indexOf(source, '\u6100', 0, 'utf16le'), 0);
    assert.equal(indexOf(source, '\u6100', 1, 'utf16le'), 0);
    assert.equal(lastIndexOf(source, '\u6200', 7, 'utf16le'), 6);
    assert.equal(
      indexOf(source, Buffer.from('\0b?'), 'utf16le'),
      2,
      'an odd last byte is left out',
    );
    assert.equal(indexOf(source, Buffer.from('\0b?'), -2, 'utf16le'), -1, 'but it takes room');
    assert.equal(indexOf(source, Buffer.from('b'), 'utf16le'), -1);
    assert.equal(indexOf(source, Buffer.from('zz'), 'utf16le'), -1);
    assert.equal(lastIndexOf(source, Buffer.alloc(0), 'utf16le'), 8);
  });

  test('find no UTF-16 that stands at odd indices, in windows that begin at them', () => {
    const bytes = Buffer.from('.abababababab');
    const source = new PoisonedSource(bytes, { sizes: [5, 4] });
    assert.equal(indexOf(source, Buffer.from('ab'), 'utf16le'), -1);
    assert.equal(lastIndexOf(source, Buffer.from('ab'), 'utf16le'), -1);
    assert.equal(lastIndexOf(source, Buffer.from('ba'), 5, 'utf16le'), 4);
  });

  test('refuse what Buffer refuses, with its codes', () => {
    const source = new PoisonedSource(Buffer.from('abc'), { sizes: [2] });
    const nothing = new PoisonedSource(Buffer.alloc(0), { sizes: [2] });
    const unfit = [undefined, null, {}, true, 97n, [97], new Uint16Array(1), new ArrayBuffer(1)];
    for (const name of NAMES) {
      for (const value of unfit as unknown as SearchValue[]) {
        const refusal = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /"value"/ };
        assert.throws(() => SEARCHES[name](source, value), refusal);
        assert.throws(() => SEARCHES[name](nothing, value), refusal);
      }
      for (const encoding of ['utf-9', '', null, 7] as unknown as BufferEncoding[]) {
        const refusal = { name: 'TypeError', code: 'ERR_UNKNOWN_ENCODING' };
        assert.throws(() => SEARCHES[name](source, 'a', 0, encoding), refusal);
        assert.equal(SEARCHES[name](source, 97, 0, encoding), name === 'includes' ? true : 0);
        assert.equal(
          Number(SEARCHES[name](source, Buffer.of(97), 0, encoding)),
          Number(name === 'includes'),
        );
      }
      for (const offset of [1n, Symbol('1')] as unknown as number[]) {
        assert.throws(() => SEARCHES[name](source, 'a', offset), { name: 'TypeError' });
      }
    }
  });

  test('find what lies in a window that the search lets go', () => {
    const bytes = Buffer.from('....needle..needle');
    const source = new PoisonedSource(bytes, { sizes: [4, 6, 3] });
    assert.equal(lastIndexOf(source, source.windowAt(4).bytes), 12);
    assert.equal(indexOf(source, source.windowAt(4).bytes, 5), 12);
    assert.equal(count(source, source.windowAt(4).bytes), 2);
  });

  test('ask for each window a few times only, however long the needle is', () => {
    const bytes = Buffer.alloc(20_000, 'a');
    for (const length of [1, 2, 9, 10, 11, 100, 3000]) {
      const value = Buffer.alloc(length, 'a');
      value[length >> 1] = 0;
      for (const name of NAMES) {
        const source = new PoisonedSource(bytes, { sizes: [10] });
        SEARCHES[name](source, value);
        assert.ok(source.asked <= 5 * source.windows, `${name}, ${length}: ${source.asked}`);
      }
    }
  });
});

describe('count', () => {
  test('counts what a loop over Buffer.indexOf counts', () => {
    fc.assert(
      fc.property(searches, ({ bytes, cut, value }) => {
        const plain = Buffer.from(bytes);
        const { length } = typeof value === 'number' ? [value] : Buffer.from(value as string);
        fc.pre(length > 0);
        let expected = 0;
        let at = plain.indexOf(value as string);
        for (; at !== -1; at = plain.indexOf(value as string, at + length)) expected++;
        assert.equal(count(new PoisonedSource(bytes, cut), value), expected);
      }),
      { numRuns: 3000 },
    );
  });

  test('refuses an empty value and a value of the wrong type', () => {
    const source = new PoisonedSource(Buffer.from('abc'), { sizes: [2] });
    const empty = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };
    assert.throws(() => count(source, ''), empty);
    assert.throws(() => count(source, new Uint8Array(0)), empty);
    const unfit = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    assert.throws(() => count(source, {} as Uint8Array), unfit);
  });
});

test('nothing is said of a window that was lost while it was read', () => {
  let faults = 0;
  const withLoss = fc.tuple(searches, fc.nat(69));
  fc.assert(
    fc.property(withLoss, fc.constantFrom(...NAMES, 'count'), ([search, lost], name) => {
      const { bytes, value, offset } = search;
      fc.pre(lost < bytes.length && (typeof value === 'number' || value.length > 0));
      const run = (source: ByteSource) =>
        name === 'count' ? count(source, value) : SEARCHES[name](source, value, offset);
      const expected = run(new PoisonedSource(bytes, search.cut));
      try {
        assert.equal(run(new PoisonedSource(bytes, { ...search.cut, lost })), expected);
      } catch (error) {
        if (!(error instanceof MapFaultError)) throw error;
        faults++;
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(faults > 0);
});

describe('beyond 2 GiB', () => {
  const GiB = 2 ** 30;

  test('one window as long as that is searched to its end', () => {
    // The zeros are never written, so they take next to no memory.
    const bytes = Buffer.alloc(2 * GiB + 100);
    const places = [GiB - 2, 2 * GiB + 50];
    for (const place of places) bytes.set([1, 2, 3], place);
    const source: ByteSource = {
      length: bytes.length,
      windowAt: () => ({ bytes, begin: 0 }),
      verify: () => {},
    };
    const value = Buffer.of(1, 2, 3);
    assert.equal(indexOf(source, value), places[0]);
    assert.equal(indexOf(source, value, GiB), places[1]);
    assert.equal(indexOf(source, 3, 2 * GiB), 2 * GiB + 52);
    assert.equal(indexOf(source, 3, -60), 2 * GiB + 52);
    assert.equal(lastIndexOf(source, value), places[1]);
    assert.equal(lastIndexOf(source, value, 2 * GiB), places[0]);
    assert.equal(count(source, value), 2);
    assert.equal(count(source, 2), 2);
  });

  test('indices do not wrap in a source of 2^52 bytes', () => {
    const size = 2 ** 20;
    const end = 2 ** 52;
    const zeros = Buffer.alloc(size);
    const marked = Buffer.alloc(size);
    marked.write('left', 1);
    const left = end - 3 * size;
    const source: ByteSource = {
      length: end,
      windowAt(index) {
        const begin = index - (index % size);
        return { bytes: begin === left ? marked : zeros, begin };
      },
      verify: () => {},
    };
    assert.equal(indexOf(source, 'left', end - 6 * size), left + 1);
    assert.equal(indexOf(source, 'left', -4 * size), left + 1);
    assert.equal(indexOf(source, '\0left\0', -4 * size), left);
    assert.equal(lastIndexOf(source, 'left'), left + 1);
    assert.equal(lastIndexOf(source, '\0left\0', -size), left);
    assert.equal(lastIndexOf(source, 0, left + 4), left);
  });
});
