/** The programs in `examples/` do what they say. Each runs in a process of its own, as a reader would run it. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout } from './support/checkout.js';
import { contentBytes, tempDir } from './support/files.js';

const dir = tempDir();

/** The lines that an example prints. */
function linesOf(name: string, ...args: string[]): string[] {
  const script = join(checkout, '.out', 'examples', `${name}.js`);
  const printed = execFileSync(process.execPath, [script, ...args], { encoding: 'utf8', cwd: dir });
  return printed === '' ? [] : printed.replace(/\n$/, '').split('\n');
}

/** A file of numbered lines, the last one with or without its newline. */
function numberedLines(name: string, count: number, end: string): string {
  const path = join(dir, name);
  const lines = Array.from({ length: count }, (_, i) => `line ${i}`);
  writeFileSync(path, lines.join('\n') + end);
  return path;
}

function contentFile(name: string, size: number): string {
  const path = join(dir, name);
  writeFileSync(path, contentBytes(0, size));
  return path;
}

/** What every example is checked by. */
const checks: Record<string, () => void> = {
  tail() {
    const path = numberedLines('tail.txt', 50_000, '\n');
    assert.deepEqual(linesOf('tail', path, '3'), ['line 49997', 'line 49998', 'line 49999']);
    assert.equal(linesOf('tail', path).length, 10);
    const open = numberedLines('open.txt', 4, '\n\nend\n');
    assert.deepEqual(linesOf('tail', open, '3'), ['line 3', '', 'end']);
    assert.deepEqual(linesOf('tail', open, '100').slice(0, 2), ['line 0', 'line 1']);
    const blank = join(dir, 'blank.txt');
    writeFileSync(blank, '\nabc');
    assert.deepEqual(linesOf('tail', blank, '1'), ['abc']);
    const empty = numberedLines('empty.txt', 0, '');
    assert.deepEqual(linesOf('tail', empty), []);
  },

  grep() {
    const path = numberedLines('grep.txt', 50_000, '');
    const text = readFileSync(path, 'latin1');
    assert.deepEqual(
      linesOf('grep', 'line 4999[89]', path),
      ['line 49998', 'line 49999'].map((line) => `${text.indexOf(line)}: ${line}`),
    );
  },

  records() {
    assert.deepEqual(linesOf('records'), [
      '0: 0',
      '21: 441',
      '22: none',
      `299997: ${299_997n ** 2n}`,
      '1200000 bytes in the file, 65536 mapped at most',
      'windows were used again',
    ]);
  },

  'many-files'() {
    const folder = join(dir, 'many', 'deep');
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < 150; i++) writeFileSync(join(folder, `${i}.txt`), 'a\nb\n');
    writeFileSync(join(dir, 'many', 'empty.txt'), '');
    const [counted, mapped] = linesOf('many-files', join(dir, 'many'));
    assert.equal(counted, '151 files, 300 lines');
    assert.match(mapped as string, /^100 of them are still mapped/);
  },

  'parallel-words'() {
    const text = Array.from(
      { length: 50_000 },
      (_, i) => `  line ${i} of\tmany ${'x '.repeat(i % 7)}`,
    );
    const path = join(dir, 'words.txt');
    writeFileSync(path, text.join('\n'));
    const lines = text.length - 1;
    const words = text.join(' ').trim().split(/\s+/).length;
    for (const workers of [1, 2, 5]) {
      const printed = linesOf('parallel-words', path, `${workers}`);
      const at = workers === 1 ? [1] : [1, workers];
      assert.equal(printed.length, at.length);
      at.forEach((count, i) => {
        assert.match(
          printed[i] as string,
          new RegExp(`^${lines} lines, ${words} words: ${count} at work, \\d+ ms$`),
        );
      });
    }
    writeFileSync(path, 'one line, no end');
    assert.match(linesOf('parallel-words', path, '3')[1] as string, /^0 lines, 4 words: 3 at work/);
    writeFileSync(path, '');
    assert.match(linesOf('parallel-words', path, '3')[1] as string, /^0 lines, 0 words: 3 at work/);
  },

  follow() {
    assert.deepEqual(linesOf('follow'), ['first', 'second', 'third', 'fourth']);
  },

  hash() {
    for (const size of [0, 1, 3 * 2 ** 20, 5 * 2 ** 20 + 17]) {
      const path = contentFile(`hash-${size}.bin`, size);
      const digest = createHash('sha256').update(contentBytes(0, size)).digest('hex');
      assert.deepEqual(linesOf('hash', path), [`${digest}  ${path}`]);
    }
  },

  'mmap-subscript'() {
    const changed = 'a file in MEMORY is an array of bytes.';
    assert.deepEqual(linesOf('mmap-subscript'), [
      ...['A', 'f', 'file', changed.slice(0, 32), changed],
      'ERR_OUT_OF_RANGE',
    ]);
  },

  'mmap-readline'() {
    const changed = 'HELLO, and this too in a file.';
    assert.deepEqual(linesOf('mmap-readline'), [
      'before: Hello, this line is in a file.',
      'position: 19 of 47',
      `after: ${changed}`,
      'next: And so is this.',
      `file: ${changed}`,
    ]);
  },

  'shared-counter'() {
    assert.deepEqual(linesOf('shared-counter'), ['6000000 of 6000000']);
  },

  'shared-workers'() {
    assert.deepEqual(linesOf('shared-workers'), [
      'stored: 100000, right: 100000 of 100000',
      'here: 7, in what was posted before: 0',
    ]);
  },

  'smmap-usage'() {
    const size = 3_000_000;
    const path = contentFile('usage.bin', size);
    const hex = (offset: number) => contentBytes(offset, 4).toString('hex');
    const byte = (offset: number) => contentBytes(offset, 1)[0];
    assert.deepEqual(linesOf('smmap-usage', path), [
      `mapped: ${size}, handles: 1`,
      `slice: 0 to 1048576, 1048576 of ${size}`,
      `header: ${hex(0)}`,
      `byte: ${byte(512_000)}`,
      'moved to: 2097152',
      'freed: 1',
      `in order: ${size}`,
      `first and last: ${byte(0)} ${byte(size - 1)}`,
      'header and trailer: 1024 1024',
      `middle: ${hex(1_000_000)}`,
      `part: 1048576, ${hex(2048)}, true`,
      'pieces: 46',
      'whole: 1000, true',
      `removed: ${process.platform === 'win32' ? 1 : 0}`,
    ]);
  },
};

for (const [name, check] of Object.entries(checks)) test(`examples/${name}.ts`, check);

test('every example is checked', () => {
  const names = readdirSync(join(checkout, 'examples')).map((file) => file.replace(/\.ts$/, ''));
  assert.deepEqual(names.sort(), Object.keys(checks).sort());
});
