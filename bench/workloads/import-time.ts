/** What `import 'smmap'` adds to the start of a program. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkout } from '../../test/support/checkout.js';
import { tempDir } from '../../test/support/files.js';
import { compare, resultOf } from '../compare.js';
import { duration, figureOf } from '../figures.js';
import { driven } from '../rivals/driven.js';
import { cProgram, must } from '../rivals/rivals.js';
import type { Form, Workload } from '../workload.js';

/** Nanoseconds that the import may add. */
const MOST = 5e6;

interface Fixture {
  readonly c: string;
  readonly programs: Readonly<Record<string, string>>;
}

const NOTHING = 'a module that imports nothing';
const FS = 'one that imports node:fs';
const SMMAP = 'one that imports smmap';

/** A small C program starts it, for that learns how long the processor worked for it. */
function started(name: string): Form {
  return {
    start(_, given) {
      const { c, programs } = JSON.parse(given) as Fixture;
      const program = programs[name] as string;
      return driven([c, 'run', program, process.execPath, program]);
    },
  };
}

export const workload: Workload = {
  about: 'what the import adds to the start of Node.js',
  page: 'docs/performance.md',
  forms: { [NOTHING]: started(NOTHING), [FS]: started(FS), [SMMAP]: started(SMMAP) },
  async run() {
    const folder = tempDir();
    const index = pathToFileURL(join(checkout, 'bundle/index.js')).href;
    const contents = {
      [NOTHING]: '',
      [FS]: "import 'node:fs';",
      [SMMAP]: `import ${JSON.stringify(index)};`,
    };
    const programs = Object.fromEntries(
      Object.entries(contents).map(([name, text], i) => {
        const path = join(folder, `${i}.mjs`);
        writeFileSync(path, `${text}\n`);
        return [name, path];
      }),
    );
    const fixture: Fixture = { c: must(cProgram()), programs };
    const { table, results } = await compare({
      title: 'From the start of the process to its end, time that the processor worked:',
      module: import.meta.url,
      fixture: JSON.stringify(fixture),
      forms: Object.keys(workload.forms),
      race: { sampleMs: 100, rounds: 21 },
    });
    const base = resultOf(results, NOTHING).samples;
    const added = figureOf(
      resultOf(results, SMMAP).samples.map((sample, round) => sample - (base[round] as number)),
    );
    return {
      tables: [table],
      verdicts: [
        {
          claim: `the import adds at most ${duration(MOST)}`,
          figure: `${duration(added.median)} (${duration(added.low)}–${duration(added.high)})`,
          holds: added.median <= MOST,
          goal: 9,
        },
      ],
      figures: results,
    };
  },
};
