/** The hot paths on every line of Node.js that is promised. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { contentBytes, tempDir } from '../../test/support/files.js';
import { NODE_VERSIONS, nodeProgram } from '../../test/support/nodes.js';
import { randomFrom } from '../../test/support/random.js';
import { again } from '../again.js';
import { atMost, compare, ratioBetween, resultOf, within } from '../compare.js';
import { duration, times } from '../figures.js';
import type { Result } from '../race.js';
import type { Form, Running, Verdict, Workload } from '../workload.js';

const SIZE = 2 ** 25;
const READS = 2 ** 22;
const HIT_NS = 25;

function buffered(path: string): SlidingWindowMapBuffer {
  return new SlidingWindowMapBuffer(new SlidingWindowMapManager().makeCursor(path));
}

/** In order and at random other bytes are read, so their sums differ. */
function withoutAnswer(once: () => number): Running {
  return { run: again(once).run };
}

function places(): Uint32Array {
  const random = randomFrom(1);
  return Uint32Array.from({ length: READS }, () => random(0, SIZE));
}

// As in byte-access.ts: one function for each way.

const PLAIN = 'a typed array, in order';
const AT = 'buffer.at(i), in order';
const PLAIN_RANDOM = 'a typed array, at random';
const AT_RANDOM = 'buffer.at(i), at random';
const HIT = 'useRegion(offset), a hit';

const FORMS: Readonly<Record<string, (path: string) => Running>> = {
  [PLAIN]: (path) => {
    const sum = (bytes: Uint8Array, count: number) => {
      let total = 0;
      for (let i = 0; i < count; i++) total += bytes[i] as number;
      return total;
    };
    const bytes = new Uint8Array(readFileSync(path));
    return withoutAnswer(() => sum(bytes, READS));
  },
  [AT]: (path) => {
    const sum = (buffer: SlidingWindowMapBuffer, count: number) => {
      let total = 0;
      for (let i = 0; i < count; i++) total += buffer.at(i) as number;
      return total;
    };
    const buffer = buffered(path);
    return withoutAnswer(() => sum(buffer, READS));
  },
  [PLAIN_RANDOM]: (path) => {
    const sum = (bytes: Uint8Array, offsets: Uint32Array) => {
      let total = 0;
      for (let i = 0; i < READS; i++) total += bytes[offsets[i] as number] as number;
      return total;
    };
    const bytes = new Uint8Array(readFileSync(path));
    const offsets = places();
    return withoutAnswer(() => sum(bytes, offsets));
  },
  [AT_RANDOM]: (path) => {
    const sum = (buffer: SlidingWindowMapBuffer, offsets: Uint32Array) => {
      let total = 0;
      for (let i = 0; i < READS; i++) total += buffer.at(offsets[i] as number) as number;
      return total;
    };
    const buffer = buffered(path);
    const offsets = places();
    return withoutAnswer(() => sum(buffer, offsets));
  },
  [HIT]: (path) => {
    const cursor = new SlidingWindowMapManager().makeCursor(path).useRegion();
    return {
      run(times) {
        let size = 0;
        for (let i = 0; i < times; i++) size += cursor.useRegion((i * 64) % SIZE).size;
        if (size === 0 && times > 0) throw new Error('nothing is mapped');
        return undefined;
      },
    };
  },
};

const VERSIONS = NODE_VERSIONS.filter((version) => !version.includes('.'));

/** A form on one version has both names. */
const named = (form: string, version: string) => `${form}, Node ${version}`;

export const workload: Workload = {
  about: 'a byte and a hit on every line of Node.js',
  page: 'docs/performance.md',
  forms: Object.fromEntries(
    VERSIONS.flatMap((version) =>
      Object.entries(FORMS).map(([form, start]): [string, Form] => [
        named(form, version),
        { start: (_, path) => start(path) },
      ]),
    ),
  ),
  async run() {
    const path = join(tempDir(), 'bytes');
    writeFileSync(path, contentBytes(0, SIZE));
    const rows: string[][] = [];
    const verdicts: Verdict[] = [];
    const figures: Record<string, readonly Result[]> = {};
    const absent: string[] = [];
    for (const version of VERSIONS) {
      let program: string;
      try {
        program = nodeProgram(version);
      } catch {
        absent.push(`Node ${version} (npm cannot install it here)`);
        continue;
      }
      const form = (name: string) => named(name, version);
      const { results } = await compare({
        title: version,
        module: import.meta.url,
        forms: Object.keys(FORMS).map(form),
        fixture: path,
        race: { program: () => program },
      });
      figures[version] = results;
      const inOrder = ratioBetween(results, form(AT), form(PLAIN));
      const atRandom = ratioBetween(results, form(AT_RANDOM), form(PLAIN_RANDOM));
      const hit = resultOf(results, form(HIT)).figure;
      rows.push([version, times(inOrder), times(atRandom), duration(hit.median)]);
      verdicts.push(
        atMost(results, form(AT), 1.6, { base: form(PLAIN), goal: 1 }),
        atMost(results, form(AT_RANDOM), 1.5, { base: form(PLAIN_RANDOM), goal: 1 }),
        within(results, form(HIT), HIT_NS, 2),
      );
    }
    return {
      tables: [
        {
          title: '`buffer.at(i)` compared with a typed array, and `useRegion` that hits:',
          columns: ['Node.js', 'in order', 'at random', 'useRegion'],
          rows,
        },
      ],
      verdicts,
      absent,
      figures,
    };
  },
};
