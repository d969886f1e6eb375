import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { ByteSource } from '#src/byte-source.js';
import { MapFaultError } from '#src/errors.js';
import { eachMatch, matchAll } from '#src/match-all.js';
import { PoisonedSource } from './support/poisoned-source.js';

const cut = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
  overlap: fc.integer({ min: 0, max: 3 }),
});

/** Text of the few characters that the patterns below are about, with runs of them. */
const content = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'abab', 'aaa', 'b a', 'a\n', '\n', ' ', 'é', 'A'), {
    maxLength: 40,
    size: 'max',
  })
  .map((parts) => parts.join(''));

/** The flags of a pattern with set operations, which TypeScript knows from es2024 only. */
const SETS = 'gv';

/** Patterns that look at no more than so many characters before and after a place. */
const BOUNDED: [RegExp, number][] = [
  [/a/g, 1],
  [/(?:)/g, 1],
  [/a?/g, 1],
  [/a{0,3}/g, 3],
  [/a{2,4}b?/g, 5],
  [/^/g, 1],
  [/^/gm, 1],
  [/$/g, 1],
  [/$/gm, 1],
  [/^a/g, 1],
  [/a$/g, 1],
  [/^a|b$/gm, 1],
  [/^$/gm, 1],
  [/\b/g, 1],
  [/\B/g, 1],
  [/\ba{1,2}\b/g, 2],
  [/(?<=a)b/g, 1],
  [/(?<!a)b/g, 1],
  [/(?<=^ab)./g, 2],
  [/(?<=^a)/gm, 1],
  [/(?<=\bab)a?/g, 2],
  [/(?<=(a{1,3}))b/g, 3],
  [/a(?=b)/g, 2],
  [/a(?!b$)/gm, 2],
  [/a(?=.{2}$)/g, 3],
  [/(?=(a{1,3}))/g, 3],
  [/(?<first>a|b)(?<second>\n)?/g, 2],
  [/(a|b)\1/g, 2],
  [/./gs, 1],
  [/A.\xe9?/gi, 3],
  [/\w\W/gu, 2],
  [new RegExp('[\\p{L}--a]', SETS), 1],
  [/[a-z]{1,2}/giu, 2],
  [/a|\n/gy, 1],
  [/(?<=(?:a|b))[ab]?/gy, 1],
];

/** Patterns whose matches may be of any length, growing by so many characters at a time. */
const GROWING: [RegExp, number][] = [
  [/a+/g, 1],
  [/[ab]*/g, 1],
  [/(?:ab)+/g, 2],
  [/(?:a\n|b a|A)+/g, 3],
  [/^.*$/gm, 1],
  [/.*/gs, 1],
  [/(?<word>\w+)\b/g, 1],
  [/.+?$/gm, 1],
];

/** The same pattern with the d flag as well. */
function withIndices(regex: RegExp): RegExp {
  return new RegExp(regex, `${regex.flags}d`);
}

/** A match without its input, the text it was found in. */
function withoutInput(match: RegExpExecArray | RegExpMatchArray) {
  const { index, groups, indices } = match;
  return {
    texts: [...match],
    index,
    groups: { ...groups },
    indices,
    named: { ...indices?.groups },
  };
}

function matchesOf(text: string, regex: RegExp) {
  return Array.from(text.matchAll(regex), withoutInput);
}

/** All matches, found in chunks as small as can be. */
function smallChunks(source: ByteSource, regex: RegExp, reach: number, body: number) {
  return Array.from(eachMatch(source, new RegExp(regex), 0, reach, body), withoutInput);
}

function sourceOf(text: string, shape = { sizes: [5] } as { sizes: number[] }): PoisonedSource {
  return new PoisonedSource(Buffer.from(text, 'latin1'), shape);
}

describe('matchAll', () => {
  const body = fc.integer({ min: 1, max: 9 });

  test('finds what String.matchAll finds, wherever chunks and windows end', () => {
    fc.assert(
      fc.property(content, cut, body, fc.nat(2), (text, cut, body, more) => {
        for (const [plain, needed] of BOUNDED) {
          const regex = withIndices(plain);
          const found = smallChunks(sourceOf(text, cut), regex, needed + more, body);
          assert.deepEqual(found, matchesOf(text, regex), String(regex));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('finds the same matches or refuses the first that is too long', () => {
    const refusal = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE', message: /"maxMatchLength"/ };
    let refused = 0;
    const check = (
      source: ByteSource,
      text: string,
      regex: RegExp,
      reach: number,
      body: number,
    ) => {
      const steps = eachMatch(source, new RegExp(regex), 0, reach, body);
      for (const match of matchesOf(text, regex)) {
        if ((match.texts[0] as string).length > reach) {
          assert.throws(() => steps.next(), refusal);
          refused++;
          return;
        }
        const { value } = steps.next();
        assert.deepEqual(value && withoutInput(value), match, String(regex));
      }
      assert.equal(steps.next().done, true);
    };
    fc.assert(
      fc.property(content, cut, body, fc.nat(4), (text, cut, body, more) => {
        for (const [regex, step] of GROWING) {
          check(sourceOf(text, cut), text, regex, step + more, body);
        }
      }),
      { numRuns: 600 },
    );
    assert.ok(refused > 100);
  });

  test('with its usual chunks finds the same in some MiB', () => {
    const words = Array.from({ length: 250_000 }, (_, i) => `word${(i * 7919) % 100_003}`);
    const text = words.join(' \n').replaceAll('33', '\n\n');
    const source = sourceOf(text, { sizes: [100_000, 70_001] });
    for (const regex of [/\w+$/gm, /^\d*\b|(?<=word)(?<n>\d)\d+7/gm, /word\d1 ?/g]) {
      const expected = matchesOf(text, regex);
      assert.deepEqual(Array.from(matchAll(source, regex), withoutInput), expected);
      assert.ok(expected.length > 1000);
    }
    assert.deepEqual(
      Array.from(matchAll(source, /word1$/g), withoutInput),
      matchesOf(text, /word1$/g),
    );
  });

  test('begins at lastIndex, and leaves the regular expression as it was', () => {
    const source = sourceOf('abcabcabc');
    for (const flags of ['g', 'gy']) {
      for (const start of [0, 1, 3, 4, 8, 9, 10, -2, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        const regex = new RegExp('[ab]|$', flags);
        regex.lastIndex = start;
        const found = Array.from(matchAll(source, regex), withoutInput);
        assert.deepEqual(found, matchesOf('abcabcabc', regex));
        assert.equal(regex.lastIndex, start);
      }
    }
  });

  test('keeps its place when source and expression are used between the steps', () => {
    const source = sourceOf('a1 a2 a3 a4');
    const regex = /a(\d)/g;
    const digits: unknown[] = [];
    for (const match of matchAll(source, regex)) {
      digits.push(match[1]);
      source.windowAt(0);
      regex.lastIndex = 2;
    }
    assert.deepEqual(digits, ['1', '2', '3', '4']);
  });

  test('ends when the source does', () => {
    const source = sourceOf('aaaa');
    const steps = matchAll(source, /a/g);
    steps.next();
    source.length = 0;
    assert.equal(steps.next().done, true);
  });

  test('finds the empty match in an empty source', () => {
    assert.deepEqual(
      Array.from(matchAll(sourceOf(''), /x*|y/g), withoutInput),
      matchesOf('', /x*|y/g),
    );
    assert.deepEqual([...matchAll(sourceOf(''), /x/g)], []);
  });

  test('takes a match of just maxMatchLength, and refuses one that is longer by a byte', () => {
    const text = `${'-'.repeat(9)}${'a'.repeat(8)}-`;
    const [match] = matchAll(sourceOf(text), /a+/g, { maxMatchLength: 8 });
    assert.equal(match?.[0].length, 8);
    const refusal = { code: 'ERR_OUT_OF_RANGE', message: /"maxMatchLength".* 8 .*at 9/ };
    assert.throws(() => [...matchAll(sourceOf(text), /a+/g, { maxMatchLength: 7 })], refusal);
  });

  test('counts beyond 2^32', () => {
    const size = 2 ** 20;
    const far = 2 ** 40;
    const window = Buffer.alloc(size, '.');
    window.write('here', size - 2);
    window.write('re', 0);
    const source: ByteSource = {
      length: far,
      windowAt: (index) => ({ bytes: window, begin: index - (index % size) }),
      verify: () => {},
    };
    const regex = /h(?<vowel>e)/dg;
    regex.lastIndex = far - 3 * size;
    const [first] = matchAll(source, regex);
    const index = far - 2 * size - 2;
    assert.equal(first?.index, index);
    assert.deepEqual(first?.indices?.[0], [index, index + 2]);
    assert.deepEqual(first?.indices?.groups?.vowel, [index + 1, index + 2]);
  });

  test('says nothing of a window that was lost while it was read', () => {
    fc.assert(
      fc.property(content, cut, fc.nat(79), (text, cut, lost) => {
        fc.pre(lost < text.length);
        const source = new PoisonedSource(Buffer.from(text, 'latin1'), { ...cut, lost });
        const expected = matchesOf(text, /[^a]/g);
        const steps = eachMatch(source, /[^a]/g, 0, 2, 5);
        assert.throws(() => {
          for (const match of steps) assert.deepEqual(withoutInput(match), expected.shift());
        }, MapFaultError);
      }),
    );
  });

  test('gives matches that keep no other text alive', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const size = 2 ** 20;
    const window = Buffer.alloc(size, '.');
    window.write('the longest text of all', 1000);
    const source: ByteSource = {
      length: 60 * size,
      windowAt: (index) => ({ bytes: window, begin: index - (index % size) }),
      verify: () => {},
    };
    collect();
    const before = process.memoryUsage();
    const kept = [...matchAll(source, /the (?<which>longest text of) all/g)];
    collect();
    const after = process.memoryUsage();
    assert.equal(kept.length, 60);
    assert.equal(kept[7]?.input, '');
    const growth = after.heapUsed - before.heapUsed + after.external - before.external;
    assert.ok(growth < 8 * size, `${growth} bytes more for 60 matches`);
  });

  test('refuses bad arguments at once', () => {
    const source = sourceOf('a');
    const value = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };
    assert.throws(() => matchAll(source, /a/), { ...value, message: /g flag/ });
    assert.throws(() => matchAll(source, /a/y), value);
    assert.throws(() => matchAll(source, /a/g, { maxMatchLen: 1 } as object), value);
    const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    for (const regex of ['a', undefined, {}] as unknown as RegExp[]) {
      assert.throws(() => matchAll(source, regex), type);
    }
    const bad = { maxMatchLength: '9' as unknown as number };
    assert.throws(() => matchAll(source, /a/g, bad), type);
    for (const maxMatchLength of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 30]) {
      const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
      assert.throws(() => matchAll(source, /a/g, { maxMatchLength }), range);
    }
  });
});
