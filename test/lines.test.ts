import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MapFaultError } from '#src/errors.js';
import { forEachLine, type LinesOptions, lines, type TextLinesOptions } from '#src/lines.js';
import { native } from '#src/native.js';
import { PoisonedSource } from './support/poisoned-source.js';

const content = fc
  .uint8Array({ max: 3, maxLength: 60, size: 'max' })
  .map((bytes) => bytes.map((n) => [10, 97, 13, 10][n] as number));
const cut = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
  overlap: fc.integer({ min: 0, max: 3 }),
});

/** Bounds of the lines, found byte by byte. */
function boundsOf(bytes: Uint8Array): [number, number][] {
  const bounds: [number, number][] = [];
  let start = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 10) continue;
    bounds.push([start, i]);
    start = i + 1;
  }
  if (start < bytes.length) bounds.push([start, bytes.length]);
  return bounds;
}

/** The lines as text. */
function textsOf(bytes: Uint8Array): string[] {
  return boundsOf(bytes).map(([start, end]) => text(bytes.subarray(start, end)));
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** Many lines of lengths from 0 to 4,000, all different. */
function manyLines(): Buffer {
  const all = Array.from({ length: 3000 }, (_, i) => `${i}`.padEnd(i % 300 === 7 ? 4000 : i % 5));
  return Buffer.from(`${all.join('\n')}\n\n\n${'end'.repeat(30_000)}`);
}

describe('lines', () => {
  test('are those between the newlines, wherever windows begin and end', () => {
    fc.assert(
      fc.property(content, cut, fc.boolean(), (bytes, cut, view) => {
        const source = new PoisonedSource(bytes, cut);
        assert.deepEqual(Array.from(lines(source, { view }), text), textsOf(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('as copies outlive the windows, and keep little memory alive', () => {
    fc.assert(
      fc.property(content, cut, (bytes, cut) => {
        const kept = [...lines(new PoisonedSource(bytes, cut))];
        assert.deepEqual(kept.map(text), textsOf(bytes));
        const most = 8 * 1024;
        for (const { buffer, length } of kept) {
          assert.ok(
            buffer.byteLength <= Math.max(most, length),
            `${buffer.byteLength} for ${length}`,
          );
        }
      }),
    );
  });

  test('as views lie in the window, save those that cross windows', () => {
    const source = new PoisonedSource(Buffer.from('ab\n\ncdefg\nhi'), { sizes: [7] });
    const steps = lines(source, { view: true });
    const shown = Array.from(steps, (line) => [text(line), source.shows(line)]);
    assert.deepEqual(shown, [
      ['ab', true],
      ['', true],
      ['cdefg', false],
      ['hi', true],
    ]);
    assert.deepEqual(
      [...shown],
      [
        ['ab', true],
        ['', true],
        ['cdefg', false],
        ['hi', true],
      ],
    );
  });

  test('keep their place when the source is used between the steps', () => {
    fc.assert(
      fc.property(content, cut, fc.boolean(), fc.nat(), (bytes, cut, view, elsewhere) => {
        const source = new PoisonedSource(bytes, cut);
        const given: string[] = [];
        for (const line of lines(source, { view })) {
          given.push(text(line));
          source.windowAt(elsewhere % bytes.length);
        }
        assert.deepEqual(given, textsOf(bytes));
      }),
    );
  });

  test('end when the source does', () => {
    const source = new PoisonedSource(Buffer.from('ab\ncd\nef'), { sizes: [4] });
    const steps = lines(source);
    steps.next();
    source.length = 4;
    assert.equal(text(steps.next().value as Buffer), 'c');
    source.length = 0;
    assert.equal(steps.next().done, true);
  });

  test('of nothing are none', () => {
    assert.deepEqual([...lines(new PoisonedSource(Buffer.alloc(0), { sizes: [4] }))], []);
  });

  test('refuse bad options at once', () => {
    const source = new PoisonedSource(Buffer.from('a'), { sizes: [4] });
    const unknown = { code: 'ERR_INVALID_ARG_VALUE', message: /"view"/ };
    assert.throws(() => lines(source, { veiw: true } as object), unknown);
    const unfit = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    assert.throws(() => lines(source, { view: 1 as unknown as boolean }), unfit);
    assert.throws(() => lines(source, null as unknown as object), unfit);
    assert.throws(() => lines(source, { encoding: null as never }), unfit);
    for (const encoding of ['utf16le', 'UTF8', '']) {
      const unfit = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', message: /utf8, utf-8, / };
      assert.throws(() => lines(source, { encoding: encoding as never }), unfit);
    }
    const both = { view: true, encoding: 'utf8' } as never;
    assert.throws(() => lines(source, both), { code: 'ERR_INVALID_ARG_VALUE', message: /"view"/ });
  });
});

describe('lines as text', () => {
  /** Pieces of UTF-8, some of them cut off, some none at all. */
  const spelled = [
    [10],
    [97],
    [13, 10],
    [0xc3, 0xa9],
    [0xe2, 0x82, 0xac],
    [0xf0, 0x9f, 0x98, 0x80],
  ];
  const broken = [[0xef, 0xbb, 0xbf], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xff], [0x80], [0]];
  const pieces = fc.array(fc.constantFrom(...spelled, ...broken), { maxLength: 40, size: 'max' });
  const encoding = fc.constantFrom('utf8', 'utf-8', 'latin1');

  test('are what each line says by itself, wherever windows begin and end', () => {
    fc.assert(
      fc.property(pieces, cut, encoding, (pieces, cut, encoding) => {
        const bytes = Buffer.from(pieces.flat());
        const wanted = boundsOf(bytes).map(([start, end]) => bytes.toString(encoding, start, end));
        assert.deepEqual([...lines(new PoisonedSource(bytes, cut), { encoding })], wanted);
      }),
      { numRuns: 2000 },
    );
  });

  test('are whole where some are decoded together and a character lies across the last byte', () => {
    for (const letter of ['a', 'é', '€', '😀']) {
      // Lines of 2 to some 800 bytes, so that all kinds of cuts occur, among them long ones of ASCII alone.
      const all = Array.from({ length: 2000 }, (_, i) => `${i}:${letter.repeat((i * 37) % 200)}`);
      all.splice(1000, 0, letter.repeat(5000), 'x'.repeat(20_000), '');
      const bytes = Buffer.from(all.join('\n'));
      for (const size of [1000, 70_001, bytes.length]) {
        const source = new PoisonedSource(bytes, { sizes: [size] });
        assert.deepEqual([...lines(source, { encoding: 'utf8' })], all);
      }
    }
  });

  test('have the bounds that were found, also when newlines come and go before they are decoded', () => {
    const all = Array.from({ length: 900 }, (_, i) => `line ${i} \u00e9 ${'x'.repeat(i % 60)}`);
    const places = fc.array(fc.nat(), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(places, fc.constantFrom(10, 32), (places, byte) => {
        const bytes = Buffer.from(`${all.join('\n')}\n`); // all ends are known with the first
        const ends = boundsOf(bytes);
        const source = { length: bytes.length, windowAt: () => ({ bytes, begin: 0 }), verify() {} };
        const given = lines(source, { encoding: 'utf8' });
        const seen = [given.next().value];
        const before = Buffer.from(bytes);
        for (const place of places) {
          bytes[byte === 10 ? place % bytes.length : (ends[place % ends.length]?.[1] ?? 0)] = byte;
        }
        // What was decoded with the first line is as it was, the rest as it is now.
        seen.push(...given);
        const wanted = (from: Buffer) =>
          ends.map(([start, end]) => from.toString('utf8', start, end));
        const [old, now] = [wanted(before), wanted(bytes)];
        const change = seen.findIndex((line, i) => line !== old[i]);
        if (change !== -1) assert.deepEqual(seen.slice(change), now.slice(change));
        assert.equal(seen.length, ends.length);
      }),
    );
  });

  test('are decoded 16 KiB at a time, which is what one that is kept keeps', () => {
    const bytes = Buffer.from('a line of some length\n'.repeat(100_000));
    const source = new PoisonedSource(bytes, { sizes: [bytes.length] });
    const real = Buffer.prototype.toString;
    let most = 0;
    Buffer.prototype.toString = function (this: Buffer, ...args: Parameters<typeof real>) {
      const text = real.apply(this, args);
      most = Math.max(most, text.length);
      return text;
    };
    try {
      for (const line of lines(source, { encoding: 'utf8' })) if (line === '') break;
    } finally {
      Buffer.prototype.toString = real;
    }
    assert.ok(most > 8 * 1024 && most <= 16 * 1024, `${most} characters`);
  });
});

test('lines of any kind end where a source ends that is cut between the steps', () => {
  const text = Array.from({ length: 900 }, (_, i) => `${i} \u00e9`.padEnd(99));
  const bytes = Buffer.from(text.join('\n'));
  for (const way of [{}, { view: true }, { encoding: 'utf8' }, { encoding: 'latin1' }] as const) {
    const source = new PoisonedSource(bytes, { sizes: [bytes.length] });
    const own: (LinesOptions | TextLinesOptions) & object = way;
    const given: unknown[] = [];
    for (const line of lines(source, own)) {
      if (given.push(line) === 100) source.length = bytes.indexOf('\n499 ') + 1;
    }
    assert.equal(given.length, 499, JSON.stringify(way));
  }
});

describe('forEachLine', () => {
  /** The bounds that `forEachLine` gives, with something done at each line. */
  function visited(source: PoisonedSource, also = (): unknown => undefined): [number, number][] {
    const bounds: [number, number][] = [];
    forEachLine(source, (start, end) => {
      bounds.push([start, end]);
      return also();
    });
    return bounds;
  }

  test('gives the bounds of each line, wherever windows begin and end', () => {
    fc.assert(
      fc.property(content, cut, (bytes, cut) => {
        assert.deepEqual(visited(new PoisonedSource(bytes, cut)), boundsOf(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('gives the bounds of many lines and of long ones', () => {
    const bytes = manyLines();
    for (const size of [1000, 70_000, bytes.length]) {
      const source = new PoisonedSource(bytes, { sizes: [size] });
      assert.deepEqual(visited(source), boundsOf(bytes));
    }
  });

  test('stops at false, and at nothing else', () => {
    const bytes = manyLines();
    const all = boundsOf(bytes);
    for (const last of [1, 2, 255, 256, 257, 300]) {
      let left = last;
      const source = new PoisonedSource(bytes, { sizes: [1000] });
      assert.deepEqual(
        visited(source, () => --left > 0),
        all.slice(0, last),
      );
    }
    for (const answer of [undefined, null, 0, '', Number.NaN]) {
      assert.equal(
        visited(new PoisonedSource(bytes, { sizes: [4000] }), () => answer).length,
        all.length,
      );
    }
  });

  test('keeps its place when the callback uses the source, or looks at its lines too', () => {
    const bytes = manyLines();
    const source = new PoisonedSource(bytes, { sizes: [1000] });
    let turn = 0;
    const use = () => {
      source.windowAt((turn * 7919) % bytes.length);
      let left = 20;
      if (turn++ % 100 === 0) forEachLine(source, () => --left > 0);
    };
    assert.deepEqual(visited(source, use), boundsOf(bytes));
  });

  test('looks only so many lines and bytes ahead', () => {
    const real = native.searchPositions;
    try {
      for (const [length, lines] of [
        [9, 100_000],
        [100_000, 300],
      ] as const) {
        const bytes = Buffer.from(`${'x'.repeat(length)}\n`.repeat(lines));
        let searched = 0;
        native.searchPositions = (all, byte, from, to, into) => {
          const found = real(all, byte, from, to, into);
          searched += found === into.length ? (into[found - 1] as number) - from : to - from;
          return found;
        };
        const windowAt = () => ({ bytes, begin: 0 });
        forEachLine({ length: bytes.length, windowAt, verify: () => {} }, () => false);
        assert.ok(searched <= 2 ** 18, `${searched} bytes for the first line`);
      }
    } finally {
      native.searchPositions = real;
    }
  });

  test('ends when the callback ends the source, and passes on what it throws', () => {
    const source = new PoisonedSource(Buffer.from('ab\ncd\nef'), { sizes: [8] });
    const end = () => {
      source.length = 0;
    };
    assert.deepEqual(visited(source, end), [[0, 2]]);
    source.length = 8;
    const fail = () => {
      throw new Error('mine');
    };
    assert.throws(() => visited(source, fail), /mine/);
  });

  test('refuses what is no function', () => {
    const source = new PoisonedSource(Buffer.alloc(0), { sizes: [4] });
    const refusal = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /"visit"/ };
    assert.throws(() => forEachLine(source, undefined as never), refusal);
  });
});

test('no line is given of a window that was lost while it was read', () => {
  type Give = (start: number, end: number, line?: Uint8Array) => void;
  const ways = {
    copies(source: PoisonedSource, give: Give) {
      let start = 0;
      for (const line of lines(source)) {
        give(start, start + line.length, line);
        start += line.length + 1;
      }
    },
    texts(source: PoisonedSource, give: Give) {
      let start = 0;
      for (const text of lines(source, { encoding: 'latin1' })) {
        const line = Buffer.from(text, 'latin1');
        give(start, start + line.length, line);
        start += line.length + 1;
      }
    },
    bounds: (source: PoisonedSource, give: Give) => forEachLine(source, (a, b) => give(a, b)),
  };
  const way = fc.constantFrom(...Object.values(ways));
  fc.assert(
    fc.property(content, cut, fc.nat(59), way, (bytes, cut, lost, run) => {
      fc.pre(lost < bytes.length);
      const given: [number, number][] = [];
      const give: Give = (start, end, line = bytes.subarray(start, end)) => {
        given.push([start, end]);
        assert.equal(text(line), text(bytes.subarray(start, end)));
      };
      assert.throws(() => run(new PoisonedSource(bytes, { ...cut, lost }), give), MapFaultError);
      assert.deepEqual(given, boundsOf(bytes).slice(0, given.length));
    }),
    { numRuns: 1000 },
  );
});

test('the bounds of lines do not wrap beyond 2^32', () => {
  const size = 2 ** 20;
  const first = 2 ** 33;
  const window = Buffer.alloc(size, 'x');
  window[5] = 10;
  const source = {
    length: first + 2 * size,
    windowAt: (index: number) => ({ bytes: window, begin: index - (index % size) }),
    verify: () => {},
  };
  const bounds: number[][] = [];
  // The window at 0 stands for all of them.
  forEachLine(source, (start, end) => bounds.push([start, end]) < 3);
  assert.deepEqual(bounds, [
    [0, 5],
    [6, size + 5],
    [size + 6, 2 * size + 5],
  ]);
});
