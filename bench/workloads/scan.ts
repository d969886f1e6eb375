/** Going through all bytes in JavaScript: the windows of a buffer, one large view, memory, and streams. */
import { createReadStream, openSync, readFileSync, readSync } from 'node:fs';
import { MapRegion, SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { scaled } from '../../test/support/scale.js';
import { againAsync } from '../again.js';
import { atMost, compare } from '../compare.js';
import { driven } from '../rivals/driven.js';
import { cProgram, must } from '../rivals/rivals.js';
import { textFile } from '../text.js';
import type { Form, Workload } from '../workload.js';

const SIZE = scaled(2 ** 26, 2 ** 28);
const PIECE = 2 ** 18;
/** One bit more, and the sum would leave the small integers now and then: Node 24 may take ten times as long from then on. */
const BITS = 30;
const MASK = 2 ** BITS - 1;

interface Fixture {
  readonly path: string;
  readonly c: string;
}

/** The sum of the bytes, less what does not fit {@link BITS}. */
function sumOf(bytes: Uint8Array, start: number): number {
  let sum = start;
  for (let i = 0; i < bytes.length; i++) sum = (sum + (bytes[i] as number)) & MASK;
  return sum;
}

function summing(open: (path: string) => () => number | Promise<number>): Form {
  return {
    start: (_, fixture) => againAsync(open((JSON.parse(fixture) as Fixture).path)),
  };
}

/** What must not be collected. */
const kept: unknown[] = [];

const RAW = 'one view of one mapping';
const CHUNKS = 'buffer.chunks()';
const WINDOWS = 'a cursor, window by window';
const IN_C = 'C, in a mapping';

export const workload: Workload = {
  about: 'the sum of all bytes of a file that is in the system’s cache',
  page: 'docs/performance.md',
  forms: {
    [RAW]: summing((path) => {
      const region = new MapRegion(path, 0, SIZE);
      kept.push(region);
      const bytes = region.buffer();
      return () => sumOf(bytes, 0);
    }),
    [CHUNKS]: summing((path) => {
      const manager = new SlidingWindowMapManager({ windowSize: 2 ** 24 });
      const buffer = new SlidingWindowMapBuffer(manager.makeCursor(path));
      return () => {
        let sum = 0;
        for (const chunk of buffer.chunks()) sum = sumOf(chunk, sum);
        return sum;
      };
    }),
    [WINDOWS]: summing((path) => {
      const cursor = new SlidingWindowMapManager({ windowSize: 2 ** 24 }).makeCursor(path);
      return () => {
        let sum = 0;
        for (cursor.useRegion(0); cursor.isValid; cursor.useRegion(cursor.ofsEnd)) {
          sum = sumOf(cursor.buffer(), sum);
        }
        return sum;
      };
    }),
    'memory of the heap': summing((path) => {
      const bytes = readFileSync(path);
      return () => sumOf(bytes, 0);
    }),
    [`fs.readSync of ${PIECE / 1024} KiB`]: summing((path) => {
      const fd = openSync(path, 'r');
      const piece = Buffer.alloc(PIECE);
      return () => {
        let sum = 0;
        for (let at = 0; ; ) {
          const got = readSync(fd, piece, 0, PIECE, at);
          if (got === 0) return sum;
          sum = sumOf(got === PIECE ? piece : piece.subarray(0, got), sum);
          at += got;
        }
      };
    }),
    'fs.readFileSync': summing((path) => () => sumOf(readFileSync(path), 0)),
    createReadStream: summing((path) => async () => {
      let sum = 0;
      for await (const chunk of createReadStream(path, { highWaterMark: PIECE })) {
        sum = sumOf(chunk as Buffer, sum);
      }
      return sum;
    }),
    [IN_C]: {
      start(_, fixture) {
        const { c, path } = JSON.parse(fixture) as Fixture;
        return driven([c, 'sum', path], (sum) => Number(BigInt.asUintN(BITS, BigInt(sum))));
      },
    },
  },
  async run() {
    const fixture: Fixture = { path: textFile(SIZE), c: must(cProgram()) };
    const { table, results } = await compare({
      title: `${SIZE / 2 ** 20} MiB:`,
      module: import.meta.url,
      fixture: JSON.stringify(fixture),
      forms: Object.keys(workload.forms),
      bytes: SIZE,
    });
    return {
      tables: [table],
      verdicts: [
        atMost(results, CHUNKS, 1.03, { goal: 5 }),
        atMost(results, WINDOWS, 1.03, { goal: 5 }),
        atMost(results, CHUNKS, 1, { base: 'createReadStream' }),
      ],
      figures: results,
    };
  },
};
