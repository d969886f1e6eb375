/** The steps of `lines` are those of a generator, whatever makes them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MapFaultError } from '#src/errors.js';
import { type LinesOptions, lines, type TextLinesOptions } from '#src/lines.js';
import { PoisonedSource } from './support/poisoned-source.js';

/** The kinds of lines. */
const WAYS: readonly (LinesOptions | TextLinesOptions)[] = [
  {},
  { view: true },
  { encoding: 'latin1' },
];

/** The same as a generator, of text. */
function* generated(text: string): Generator<string, void, undefined> {
  const all = text.split('\n');
  for (const line of all.at(-1) === '' ? all.slice(0, -1) : all) yield line;
}

/** What a step gives, the line as text; or what it throws. */
function outcome(step: () => IteratorResult<Buffer | string, unknown>): unknown {
  try {
    const { value, done } = step();
    return { done, value: Buffer.isBuffer(value) ? value.toString('latin1') : value };
  } catch (error) {
    return error;
  }
}

function steps(text: string, way: LinesOptions | TextLinesOptions, lost?: number) {
  const bytes = Buffer.from(text);
  const source = new PoisonedSource(bytes, { sizes: [5], ...(lost !== undefined && { lost }) });
  return { source, steps: lines(source, way) as Generator<Buffer | string, void, undefined> };
}

const END = { done: true, value: undefined };

describe('the steps of lines', () => {
  test('in any order give what those of a generator give', () => {
    const text = fc.array(fc.constantFrom('\n', 'a', 'b'), { maxLength: 40, size: 'max' });
    const kinds = fc.array(fc.constantFrom('next', 'next', 'next', 'next', 'return', 'throw'), {
      maxLength: 40,
      size: 'max',
    });
    fc.assert(
      fc.property(text, kinds, fc.constantFrom(...WAYS), (letters, kinds, way) => {
        const { steps: own } = steps(letters.join(''), way);
        const wanted = generated(letters.join(''));
        const reason = new Error('mine');
        for (const kind of kinds as ('next' | 'return' | 'throw')[]) {
          const take = (it: Generator<Buffer | string, unknown, undefined>) =>
            outcome(() => (kind === 'throw' ? it.throw(reason) : it[kind](undefined as never)));
          assert.deepEqual(take(own), take(wanted));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('are those of an iterator of the engine', () => {
    const { steps: own } = steps('a\nb', {});
    const generator = (function* () {})();
    assert.equal(own[Symbol.iterator](), own);
    assert.equal(Object.prototype.toString.call(own), '[object Generator]');
    const names = ['map', 'filter', 'take', 'toArray', Symbol.dispose, Symbol.iterator];
    for (const name of names) assert.equal(name in own, name in generator, String(name));
    const { map } = own as { map?: (show: (line: Buffer | string) => string) => Iterable<string> };
    if (map !== undefined) assert.deepEqual([...map.call(own, String)], ['a', 'b']);
  });

  test('end where a loop is left, before the first too', () => {
    for (const way of WAYS) {
      const { steps: own } = steps('ab\ncd\nef', way);
      for (const _ of own) break;
      assert.deepEqual(
        outcome(() => own.next()),
        END,
      );
      const unused = steps('ab\n', way).steps;
      assert.deepEqual(unused.return(), END);
      assert.deepEqual(
        outcome(() => unused.next()),
        END,
      );
    }
  });

  test('end with the one that throws', () => {
    for (const way of WAYS) {
      const { steps: own } = steps('ab\ncdefgh\nij\n', way, 6);
      const seen = Array.from({ length: 4 }, () => outcome(() => own.next()));
      const first = seen.findIndex((one) => one instanceof MapFaultError);
      assert.notEqual(first, -1);
      assert.deepEqual(seen.slice(first + 1), Array(3 - first).fill(END));
    }
  });

  test('are over at the end, also when the source grows', () => {
    for (const way of WAYS) {
      const { steps: own, source } = steps('ab\ncd', way);
      source.length = 3;
      assert.deepEqual(Array.from(own, String), ['ab']);
      source.length = 5;
      assert.deepEqual(
        outcome(() => own.next()),
        END,
      );
      const whole = steps('ab\ncd', way);
      whole.source.length = 4;
      assert.deepEqual(
        Array.from({ length: 2 }, () => outcome(() => whole.steps.next())),
        [
          { done: false, value: 'ab' },
          { done: false, value: 'c' },
        ],
      );
      whole.source.length = 5;
      assert.deepEqual(
        outcome(() => whole.steps.next()),
        END,
      );
    }
  });

  test('end when the source does, also before lines that were found already', () => {
    for (const way of WAYS) {
      const text = 'ab\ncd\nef\n';
      const source = new PoisonedSource(Buffer.from(text), { sizes: [text.length] });
      const own = lines(source, way);
      assert.deepEqual(
        outcome(() => own.next()),
        { done: false, value: 'ab' },
      );
      source.length = 4;
      assert.deepEqual(
        outcome(() => own.next()),
        END,
      );
      source.length = text.length;
      assert.deepEqual(
        outcome(() => own.next()),
        END,
      );
    }
  });

  test('are refused inside one of them, which goes on', () => {
    for (const way of WAYS) {
      for (const kind of ['next', 'return', 'throw'] as const) {
        const { steps: own, source } = steps('ab\ncd', way);
        let inside: unknown;
        const verify = source.verify.bind(source);
        source.verify = () => {
          inside ??= outcome(() => own[kind](undefined as never));
          verify();
        };
        assert.deepEqual(Array.from(own, String), ['ab', 'cd']);
        assert.ok(inside instanceof TypeError);
      }
    }
  });

  test('go on when somebody takes the memory of a copy away', () => {
    const text = 'ab\ncd\nef\ngh';
    const source = new PoisonedSource(Buffer.from(text), { sizes: [text.length] });
    const given = Array.from(lines(source), (line) => {
      const shown = String(line);
      structuredClone(line.buffer, { transfer: [line.buffer as ArrayBuffer] });
      return shown;
    });
    assert.deepEqual(given, text.split('\n'));
  });
});
