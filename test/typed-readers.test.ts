import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { outOfRange } from '#src/arguments.js';
import { copyOut, stretchAt } from '#src/stretch.js';
import { addTypedReaders, type TypedReaders } from '#src/typed-readers.js';
import { PoisonedSource } from './support/poisoned-source.js';

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: addTypedReaders gives the class these methods
class Reader {
  declare readonly source: PoisonedSource;

  constructor(source: PoisonedSource) {
    this.source = source;
  }
}
interface Reader extends TypedReaders {}

addTypedReaders(Reader.prototype, ({ source }, offset, byteLength) => {
  const last = source.length - byteLength;
  if (offset > last) throw outOfRange('offset', `a whole number from 0 to ${last}`, offset);
  const { bytes, begin } = stretchAt(source, offset);
  if (offset + byteLength <= begin + bytes.length) return { bytes, at: offset - begin };
  return { bytes: copyOut(source, offset, offset + byteLength), at: 0 };
});

type Name = keyof TypedReaders;
type Read = (offset?: unknown, byteLength?: unknown) => number | bigint;

const NAMES = Object.keys(Buffer.prototype).filter((name) => name.startsWith('read')) as Name[];
/** Those that take the size of the value as an argument. */
const SIZED = NAMES.filter((name) => /^readU?[iI]nt[LB]E$/.test(name));
const FIXED = NAMES.filter((name) => !SIZED.includes(name));

/** Bytes whose values are large, negative, and never the same in either order. */
const content = Buffer.from(Array.from({ length: 40 }, (_, i) => (i * 89 + 201) & 255));

function reader(size: number): Reader {
  return new Reader(new PoisonedSource(content, { sizes: [size] }));
}

/** What reading gives: a value, or the code of its error. */
function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    const { name, code } = error as { name: string; code: string };
    return `${name} ${code}`;
  }
}

describe('typed readers', () => {
  test('are all that Buffer has, under all of their names', () => {
    assert.ok(FIXED.length >= 25 && SIZED.length === 6);
    for (const name of NAMES) {
      assert.equal(typeof Reader.prototype[name], 'function', name);
      const canonical = name.replace('Uint', 'UInt') as Name;
      assert.equal(Reader.prototype[name], Reader.prototype[canonical]);
    }
    assert.deepEqual(Object.keys(Reader.prototype), []);
  });

  test('read what Buffer reads at every offset, wherever windows begin and end', () => {
    for (const size of [1, 3, 8, 11, 40]) {
      const ours = reader(size);
      for (let offset = 0; offset <= 42; offset++) {
        for (const name of FIXED) {
          const expected = outcome(() => (content[name] as Read)(offset));
          assert.equal(
            outcome(() => (ours[name] as Read)(offset)),
            expected,
            `${name}(${offset})`,
          );
        }
        for (const name of SIZED) {
          for (let n = 1; n <= 6; n++) {
            const expected = outcome(() => (content[name] as Read)(offset, n));
            const found = outcome(() => (ours[name] as Read)(offset, n));
            assert.equal(found, expected, `${name}(${offset}, ${n})`);
          }
        }
      }
    }
  });

  test('begin at 0 when no offset is given', () => {
    for (const name of FIXED) {
      const expected = (content[name] as Read)();
      assert.equal((reader(3)[name] as Read)(), expected, name);
    }
  });

  test('refuse what Buffer refuses, with its codes', () => {
    assert.equal(
      outcome(() => reader(8).readInt8(1n as never)),
      'TypeError ERR_INVALID_ARG_TYPE',
    );
    const bad = [null, '1', {}, true, 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53];
    const ours = reader(8);
    for (const argument of bad) {
      for (const name of FIXED) {
        const expected = outcome(() => (content[name] as Read)(argument));
        assert.equal(
          outcome(() => (ours[name] as Read)(argument)),
          expected,
          `${name} ${argument}`,
        );
      }
      for (const name of SIZED) {
        for (const [offset, n] of [
          [argument, 2],
          [undefined, 2],
          [0, argument],
          [0],
          [0, 0],
          [0, 7],
        ]) {
          const expected = outcome(() => (content[name] as Read)(offset, n));
          const found = outcome(() => (ours[name] as Read)(offset, n));
          assert.equal(found, expected, `${name}(${offset}, ${n})`);
        }
      }
    }
  });
});
