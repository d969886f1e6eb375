/** Counting lines, and giving each: against the touch of every byte, C, `wc`, and Node's readline. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { MapRegion, SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { scaled } from '../../test/support/scale.js';
import { againAsync } from '../again.js';
import { atLeast, compare } from '../compare.js';
import { driven } from '../rivals/driven.js';
import { absent, cProgram, must, type Needs, present, program, python } from '../rivals/rivals.js';
import { textFile } from '../text.js';
import type { Form, Running, Verdict, Workload } from '../workload.js';

const SIZE = scaled(2 ** 26, 2 ** 28);

interface Fixture {
  readonly path: string;
  readonly c: string;
  readonly python: readonly string[];
}

/** How many lines there are, found again and again. */
function counting(open: (path: string) => () => number | Promise<number>): Form {
  return {
    start: (_, fixture) => againAsync(open((JSON.parse(fixture) as Fixture).path)),
  };
}

function buffered(count: (buffer: SlidingWindowMapBuffer) => number): Form {
  return counting((path) => {
    const manager = new SlidingWindowMapManager();
    const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
    return () => count(buffer);
  });
}

function rival(command: (fixture: Fixture) => readonly string[], answers = true): Form {
  return {
    start: (_, fixture): Promise<Running> =>
      driven(command(JSON.parse(fixture) as Fixture), (answer) => (answers ? answer : undefined)),
  };
}

/** What must not be collected. */
const kept: unknown[] = [];

function viewOf(path: string): Buffer {
  const region = new MapRegion(path, 0, SIZE);
  kept.push(region);
  return region.buffer();
}

const TOUCH = 'C: a byte of each cache line';
const COUNT = 'buffer.count(10)';
const MEMCHR = 'C: memchr, line by line';
const EACH = 'buffer.forEachLine';
const WC = 'wc -l';
const VIEWS = 'making a view of each line, and nothing else';
const LINES_VIEW = 'buffer.lines({ view: true })';
const LINES = 'buffer.lines()';
const LINES_TEXT = 'buffer.lines({ encoding })';
const READLINE = 'readline';
const PYTHON_FILE = 'Python: for line in file';
const PYTHON_MMAP = 'Python’s mmap, readline()';

const COUNTING: Readonly<Record<string, Form>> = {
  [TOUCH]: rival(({ c, path }) => [c, 'touch', path], false),
  [COUNT]: buffered((buffer) => buffer.count(10)),
  [MEMCHR]: rival(({ c, path }) => [c, 'lines', path]),
  [EACH]: buffered((buffer) => {
    let count = 0;
    buffer.forEachLine(() => {
      count++;
    });
    return count;
  }),
  [WC]: rival(({ c, path }) => [c, 'run', path, 'wc', '-l', path]),
  'Buffer.indexOf over one view': counting((path) => {
    const bytes = viewOf(path);
    return () => {
      let count = 0;
      for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
      return count;
    };
  }),
};

const GIVING: Readonly<Record<string, Form>> = {
  [VIEWS]: counting((path) => {
    const bytes = viewOf(path);
    const ends: number[] = [];
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) ends.push(at);
    return () => {
      let count = 0;
      let start = 0;
      let length = 0;
      for (const end of ends) {
        length += bytes.subarray(start, end).length;
        start = end + 1;
        count++;
      }
      if (length !== SIZE - count) throw new Error('another length');
      return count;
    };
  }),
  [LINES_VIEW]: buffered((buffer) => {
    let count = 0;
    for (const line of buffer.lines({ view: true })) if (line.length >= 0) count++;
    return count;
  }),
  [LINES]: buffered((buffer) => {
    let count = 0;
    for (const line of buffer.lines()) if (line.length >= 0) count++;
    return count;
  }),
  [LINES_TEXT]: buffered((buffer) => {
    let count = 0;
    for (const line of buffer.lines({ encoding: 'utf8' })) if (line.length >= 0) count++;
    return count;
  }),
  [READLINE]: counting((path) => async () => {
    let count = 0;
    const lines = createInterface({ input: createReadStream(path, { highWaterMark: 2 ** 18 }) });
    lines.on('line', () => {
      count++;
    });
    await new Promise((resolve) => lines.once('close', resolve));
    return count;
  }),
  [PYTHON_FILE]: rival(({ python, path }) => [...python, 'file_lines', path]),
  [PYTHON_MMAP]: rival(({ python, path }) => [...python, 'mmap_lines', path]),
};

export const workload: Workload = {
  about: 'counting lines, and giving each',
  page: 'docs/performance.md',
  forms: { ...COUNTING, ...GIVING },
  async run() {
    const snake = python('mmap');
    const needs: Needs = { [WC]: program('wc'), [PYTHON_FILE]: snake, [PYTHON_MMAP]: snake };
    const fixture: Fixture = {
      path: textFile(SIZE),
      c: must(cProgram()),
      python: 'is' in snake ? snake.is : [],
    };
    const shared = { module: import.meta.url, fixture: JSON.stringify(fixture), bytes: SIZE };
    const count = await compare({
      ...shared,
      title: `Lines of ${SIZE / 2 ** 20} MiB, some 90 bytes each, are counted:`,
      forms: present(Object.keys(COUNTING), needs),
    });
    const give = await compare({
      ...shared,
      title: 'Each line is given, as bytes or as text:',
      forms: present(Object.keys(GIVING), needs),
    });
    const verdicts: Verdict[] = [
      atLeast(count.results, COUNT, 0.8, { goal: 5 }),
      atLeast(count.results, EACH, 0.5, { base: MEMCHR, goal: 5 }),
      atLeast(give.results, LINES, 5, { base: READLINE, goal: 5 }),
      atLeast(give.results, LINES_TEXT, 5, { base: READLINE, goal: 5 }),
      atLeast(give.results, LINES_VIEW, 0.7, { goal: 5 }),
    ];
    return {
      tables: [count.table, give.table],
      verdicts,
      absent: absent(needs),
      figures: { count: count.results, give: give.results },
    };
  },
};
