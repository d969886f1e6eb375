/** Finding bytes that are at the end of a file only: ordinary ones, and such as searches do not like. */
import { MapRegion, SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { scaled } from '../../test/support/scale.js';
import { again } from '../again.js';
import { atLeast, compare } from '../compare.js';
import { driven } from '../rivals/driven.js';
import { absent, cProgram, must, type Needs, present, program, python } from '../rivals/rivals.js';
import { monotonousFile, textFile } from '../text.js';
import type { Form, Report, Running, Table, Verdict, Workload } from '../workload.js';

const SIZE = scaled(2 ** 26, 2 ** 27);

interface Fixture {
  readonly path: string;
  readonly needle: string;
  readonly c: string;
  readonly python: readonly string[];
}

/** Where it is first. */
function finding(open: (fixture: Fixture) => () => number): Form {
  return {
    start(_, fixture): Running {
      return again(open(JSON.parse(fixture) as Fixture));
    },
  };
}

function rival(command: (fixture: Fixture) => readonly string[], answers = true): Form {
  return {
    start: (_, fixture): Promise<Running> =>
      driven(command(JSON.parse(fixture) as Fixture), (answer) => (answers ? answer : undefined)),
  };
}

/** What must not be collected. */
const kept: unknown[] = [];

const TOUCH = 'C: a byte of each cache line';
const FIND = 'buffer.indexOf';
const MEMMEM = 'C: memmem';
const INDEX_OF = 'Buffer.indexOf over one view';
const RIPGREP = 'ripgrep, with its start';
const PYTHON = 'Python’s mmap, find()';

const FORMS: Readonly<Record<string, Form>> = {
  [TOUCH]: rival(({ c, path }) => [c, 'touch', path], false),
  [FIND]: finding(({ path, needle }) => {
    const manager = new SlidingWindowMapManager();
    const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
    return () => buffer.indexOf(needle);
  }),
  [MEMMEM]: rival(({ c, path, needle }) => [c, 'find', path, needle]),
  [INDEX_OF]: finding(({ path, needle }) => {
    const region = new MapRegion(path, 0, SIZE);
    kept.push(region);
    const bytes = region.buffer();
    const wanted = Buffer.from(needle);
    return () => bytes.indexOf(wanted);
  }),
  [RIPGREP]: rival(({ c, path, needle }) => [
    ...[c, 'run', path, 'rg', '--text', '--byte-offset', '--only-matching'],
    ...['--fixed-strings', '--max-count=1', needle, path],
  ]),
  [PYTHON]: rival(({ python, path, needle }) => [...python, 'mmap_find', path, needle]),
};

/** A file, what is looked for in it, and whether that is meant to be hard. */
interface Case {
  readonly name: string;
  readonly title: string;
  readonly needle: string;
  readonly file: (needle: string) => string;
  readonly hostile: boolean;
}

const MIB = `${SIZE / 2 ** 20} MiB`;

const CASES: readonly Case[] = [
  {
    name: 'rare',
    title: `8 bytes that are at the end of ${MIB} of text only, and whose letters are rare:`,
    needle: 'Zygote42',
    file: (needle) => textFile(SIZE, `${needle}\n`),
    hostile: false,
  },
  {
    name: 'common',
    title: `8 bytes of letters that are common in the text:`,
    needle: 'eattatee',
    file: (needle) => textFile(SIZE, ` ${needle}\n`),
    hostile: false,
  },
  {
    name: 'hostile',
    title: `15 × “a” and a “b”, in a file of nothing but “a” before it:`,
    needle: `${'a'.repeat(15)}b`,
    file: (needle) => monotonousFile(SIZE, 'a', needle),
    hostile: true,
  },
  {
    name: 'hostile-middle',
    title: `“b” among 15 × “a”, not at its ends and not in its middle, in the same:`,
    needle: `${'a'.repeat(3)}b${'a'.repeat(12)}`,
    file: (needle) => monotonousFile(SIZE, 'a', needle),
    hostile: true,
  },
];

export const workload: Workload = {
  about: 'finding what is at the end of a file only',
  page: 'docs/performance.md',
  forms: FORMS,
  async run(): Promise<Report> {
    const c = must(cProgram());
    const snake = python('mmap');
    const needs: Needs = { [RIPGREP]: program('rg'), [PYTHON]: snake };
    const tables: Table[] = [];
    const verdicts: Verdict[] = [];
    const figures: Record<string, unknown> = {};
    for (const { name, title, needle, file, hostile } of CASES) {
      const fixture: Fixture = {
        path: file(needle),
        needle,
        c,
        python: 'is' in snake ? snake.is : [],
      };
      const { table, results } = await compare({
        title,
        module: import.meta.url,
        fixture: JSON.stringify(fixture),
        bytes: SIZE,
        forms: present(Object.keys(FORMS), needs),
      });
      tables.push(table);
      figures[name] = results;
      const own = (verdict: Verdict) => ({ ...verdict, claim: `${name}: ${verdict.claim}` });
      if (hostile) verdicts.push(own(atLeast(results, FIND, 1, { base: MEMMEM, goal: 5 })));
      else {
        verdicts.push(own(atLeast(results, FIND, 0.8, { goal: 5 })));
        verdicts.push(own(atLeast(results, FIND, 2.3, { base: MEMMEM, goal: 5 })));
      }
      verdicts.push(own(atLeast(results, FIND, 1, { base: INDEX_OF, goal: 5 })));
    }
    return {
      tables,
      verdicts,
      absent: absent(needs),
      figures,
    };
  },
};
