import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawPicture, type Stretch } from '#src/cli/picture.js';

const PAGE = 4096;

/** The marks alone, without labels and legend. */
function marksOf(lines: string[]): string {
  return lines.map((line) => /\|([#+.]+)\|$/.exec(line)?.[1] ?? '').join('');
}

/** What the marks must be, found byte by byte. */
function expectedMarks(fileSize: number, windows: Stretch[], markSize: number): string {
  const mapped = new Uint8Array(fileSize);
  for (const { offset, size } of windows) mapped.fill(1, offset, offset + size);
  let marks = '';
  for (let at = 0; at < fileSize; at += markSize) {
    const part = mapped.subarray(at, at + markSize);
    marks += part.every(Boolean) ? '#' : part.some(Boolean) ? '+' : '.';
  }
  return marks;
}

test('an empty file has a sentence instead of a picture', () => {
  assert.deepEqual(drawPicture(0, [], PAGE), ['the file is empty: there is nothing to map']);
});

test('a file of one byte is one mark', () => {
  assert.equal(marksOf(drawPicture(1, [{ offset: 0, size: 1 }], PAGE)), '#');
  assert.equal(marksOf(drawPicture(1, [], PAGE)), '.');
});

test('the picture of a file and its windows', () => {
  const windows = [
    { offset: 0, size: 2 * PAGE },
    { offset: 64 * PAGE, size: 1 },
    { offset: 69 * PAGE, size: 5 },
  ];
  assert.deepEqual(drawPicture(69 * PAGE + 5, windows, PAGE), [
    '3 windows mapped at the end; each mark is 4.0 KiB of the file:',
    '# mapped, + mapped in part, . not mapped',
    `    0 bytes |##${'.'.repeat(62)}|`,
    '  256.0 KiB |+....#|',
  ]);
});

test('a file of any size fits: at most 8 rows, 80 columns, a mark of whole pages', () => {
  for (const size of [PAGE, 512 * PAGE, 512 * PAGE + 1, 16 * 1024 ** 3, Number.MAX_SAFE_INTEGER]) {
    const lines = drawPicture(size, [{ offset: 0, size: PAGE }], PAGE);
    assert.ok(lines.length <= 10, `${lines.length} lines for ${size}`);
    for (const line of lines) assert.ok(line.length <= 80, line);
    assert.match(marksOf(lines), /^[#+]\.*$/);
  }
});

test('the marks agree with a count of every byte, for any windows', () => {
  const unit = 16;
  const scene = fc.integer({ min: 1, max: 40_000 }).chain((fileSize) =>
    fc.record({
      fileSize: fc.constant(fileSize),
      // Bounds in pairs make windows that do not overlap, as those of a manager.
      bounds: fc.uniqueArray(fc.integer({ min: 0, max: fileSize }), { maxLength: 20 }),
    }),
  );
  fc.assert(
    fc.property(scene, ({ fileSize, bounds }) => {
      bounds.sort((a, b) => a - b);
      const windows: Stretch[] = [];
      for (let i = 0; i + 1 < bounds.length; i += 2) {
        const [offset, end] = [bounds[i] as number, bounds[i + 1] as number];
        windows.push({ offset, size: end - offset });
      }
      const markSize = Math.ceil(fileSize / (512 * unit)) * unit;
      const marks = marksOf(drawPicture(fileSize, windows, unit));
      assert.equal(marks, expectedMarks(fileSize, windows, markSize));
    }),
  );
});
