/** Making a cursor, using a region that is mapped, closing it: against the one look at the file that it needs. */
import { fstatSync, openSync, statSync } from 'node:fs';
import { SlidingWindowMapManager } from 'smmap';
import { compare, resultOf } from '../compare.js';
import { digits } from '../figures.js';
import { driven } from '../rivals/driven.js';
import { absent, cProgram, must, type Needs, present, python } from '../rivals/rivals.js';
import { sparseFile } from '../sparse-file.js';
import type { Form, Verdict, Workload } from '../workload.js';

/** Nanoseconds that the cycle may take beyond the look at the file. */
const MOST_BEYOND = 400;

interface Fixture {
  readonly path: string;
  readonly c: string;
  readonly python: readonly string[];
}

const pathIn = (fixture: string) => (JSON.parse(fixture) as Fixture).path;

function cycle(name: (path: string) => string | number): Form {
  return {
    start(_, fixture) {
      const manager = new SlidingWindowMapManager();
      const given = name(pathIn(fixture));
      const held = manager.makeCursor(given).useRegion();
      return {
        run(times) {
          for (let i = 0; i < times; i++) manager.makeCursor(given).useRegion(0).close();
          if (!held.isValid) throw new Error('the region is gone');
          return undefined;
        },
      };
    },
  };
}

function looking(look: (path: string) => () => unknown): Form {
  return {
    start(_, fixture) {
      const once = look(pathIn(fixture));
      return {
        run(times) {
          for (let i = 0; i < times; i++) once();
        },
      };
    },
  };
}

function rival(command: (fixture: Fixture) => readonly string[]): Form {
  return { start: (_, fixture) => driven(command(JSON.parse(fixture) as Fixture)) };
}

const STAT = 'C: stat';
const FSTAT = 'C: fstat';
const BY_PATH = 'makeCursor(path).useRegion(0).close()';
const BY_FD = 'makeCursor(fd).useRegion(0).close()';
const PYTHON = 'Python’s smmap, by path';

export const workload: Workload = {
  about: 'open, use and close a cursor, against the look at the file that it needs',
  page: 'docs/performance.md',
  forms: {
    [STAT]: rival(({ c, path }) => [c, 'stat', path]),
    [FSTAT]: rival(({ c, path }) => [c, 'fstat', path]),
    'fs.statSync(path)': looking((path) => () => statSync(path)),
    'fs.fstatSync(fd)': looking((path) => {
      const fd = openSync(path, 'r');
      return () => fstatSync(fd);
    }),
    [BY_PATH]: cycle((path) => path),
    [BY_FD]: cycle((path) => openSync(path, 'r')),
    [PYTHON]: rival(({ python, path }) => [...python, 'smmap_cycle', path]),
  },
  async run() {
    const smmap = python('smmap');
    const needs: Needs = { [PYTHON]: smmap };
    const fixture: Fixture = {
      path: sparseFile(2 ** 20),
      c: must(cProgram()),
      python: 'is' in smmap ? smmap.is : [],
    };
    const { table, results } = await compare({
      title: 'A cursor on a region that another cursor holds:',
      module: import.meta.url,
      forms: present(Object.keys(workload.forms), needs),
      fixture: JSON.stringify(fixture),
    });
    const beyond = (form: string, look: string): Verdict => {
      const ns = resultOf(results, form).figure.median - resultOf(results, look).figure.median;
      return {
        claim: `${form}: at most ${MOST_BEYOND} ns more than ${look}`,
        figure: `${digits(ns)} ns more`,
        holds: ns <= MOST_BEYOND,
        goal: 2,
      };
    };
    return {
      tables: [table],
      verdicts: [beyond(BY_PATH, STAT), beyond(BY_FD, FSTAT)],
      absent: absent(needs),
      figures: results,
    };
  },
};
