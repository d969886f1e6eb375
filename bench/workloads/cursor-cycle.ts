/** Making a cursor, using a region that is mapped, closing it: against the one look at the file that it needs. */
import { fstatSync, openSync, statSync } from 'node:fs';
import { SlidingWindowMapManager } from 'smmap';
import { compare } from '../compare.js';
import { digits } from '../figures.js';
import { sparseFile } from '../sparse-file.js';
import type { Form, Workload } from '../workload.js';

/** Nanoseconds that the cycle may take beyond the look at the file. */
const MOST_BEYOND = 400;

function cycle(name: (path: string) => string | number): Form {
  return {
    start(_, path) {
      const manager = new SlidingWindowMapManager();
      const given = name(path);
      const held = manager.makeCursor(given).useRegion();
      return {
        run(times) {
          for (let i = 0; i < times; i++) manager.makeCursor(given).useRegion(0).close();
          if (!held.isValid) throw new Error('the region is gone');
        },
      };
    },
  };
}

function looking(look: (path: string) => () => unknown): Form {
  return {
    start(_, path) {
      const once = look(path);
      return {
        run(times) {
          for (let i = 0; i < times; i++) once();
        },
      };
    },
  };
}

const STAT = 'fs.statSync(path)';
const FSTAT = 'fs.fstatSync(fd)';
const BY_PATH = 'makeCursor(path).useRegion(0).close()';
const BY_FD = 'makeCursor(fd).useRegion(0).close()';

export const workload: Workload = {
  about: 'open, use and close a cursor, against the look at the file that it needs',
  forms: {
    [STAT]: looking((path) => () => statSync(path)),
    [BY_PATH]: cycle((path) => path),
    [FSTAT]: looking((path) => {
      const fd = openSync(path, 'r');
      return () => fstatSync(fd);
    }),
    [BY_FD]: cycle((path) => openSync(path, 'r')),
  },
  async run() {
    const { table, results } = await compare({
      title:
        'A cycle (`fs` adds its own cost to the system call: a `stat` in C takes about 1.0 µs, an `fstat` 0.4 µs):',
      module: import.meta.url,
      forms: Object.keys(workload.forms),
      fixture: sparseFile(2 ** 20),
    });
    const median = (form: string) =>
      results.find((one) => one.form === form)?.figure.median ?? Number.NaN;
    const beyond = (form: string, look: string) => {
      const ns = median(form) - median(look);
      return {
        claim: `${form}: at most ${MOST_BEYOND} ns more than ${look}`,
        figure: `${digits(ns)} ns more`,
        holds: ns <= MOST_BEYOND,
      };
    };
    return {
      tables: [table],
      verdicts: [beyond(BY_PATH, STAT), beyond(BY_FD, FSTAT)],
      figures: results,
    };
  },
};
