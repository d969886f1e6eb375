/** Small copies and numbers out of one window, against the same from memory and from the file. */
import { openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { contentBytes, tempDir } from '../../test/support/files.js';
import { randomFrom } from '../../test/support/random.js';
import { atMost, compare } from '../compare.js';
import { driven } from '../rivals/driven.js';
import { absent, must, type Needs, present, python } from '../rivals/rivals.js';
import type { Form, Running, Workload } from '../workload.js';

const SIZE = 2 ** 22;
const PLACES = 2 ** 14;
const LARGEST = 4096;

/** Where pieces begin, the same for all. */
function places(): Uint32Array {
  const random = randomFrom(3);
  return Uint32Array.from({ length: PLACES }, () => random(0, SIZE - LARGEST));
}

/** Does it at one place after the other; the answer is the sum of all places. */
function each(once: (offset: number) => number): Running {
  const offsets = places();
  let answer = 0;
  for (const offset of offsets) answer += once(offset);
  let turn = 0;
  let sum = 0;
  return {
    answer,
    run(times) {
      for (let i = 0; i < times; i++) {
        sum += once(offsets[turn] as number);
        turn = (turn + 1) % PLACES;
      }
      if (Number.isNaN(sum)) throw new Error('the sum was not needed');
      return undefined;
    },
  };
}

function buffered(use: (buffer: SlidingWindowMapBuffer, size: number) => (at: number) => number) {
  return (path: string, size: number) => {
    const manager = new SlidingWindowMapManager();
    return each(use(new SlidingWindowMapBuffer(manager.makeCursor(path)), size));
  };
}

type Starts = (path: string, size: number) => Running | Promise<Running>;

/** A piece, and its first byte. */
const PIECES: Readonly<Record<string, Starts>> = {
  'copy from memory': (path, size) => {
    const bytes = readFileSync(path);
    const target = Buffer.alloc(size);
    return each((at) => {
      bytes.copy(target, 0, at, at + size);
      return target[0] as number;
    });
  },
  'buffer.copy': buffered((buffer, size) => {
    const target = Buffer.alloc(size);
    return (at) => {
      buffer.copy(target, 0, at, at + size);
      return target[0] as number;
    };
  }),
  'buffer.slice': buffered((buffer, size) => (at) => buffer.slice(at, at + size)[0] as number),
  'buffer.subarray': buffered(
    (buffer, size) => (at) => buffer.subarray(at, at + size)[0] as number,
  ),
  'fs.readSync': (path, size) => {
    const fd = openSync(path, 'r');
    const target = Buffer.alloc(size);
    return each((at) => {
      readSync(fd, target, 0, size, at);
      return target[0] as number;
    });
  },
  'fs.readSync, new memory each time': (path, size) => {
    const fd = openSync(path, 'r');
    return each((at) => {
      const target = Buffer.allocUnsafe(size);
      readSync(fd, target, 0, size, at);
      return target[0] as number;
    });
  },
  'fileHandle.read': async (path, size) => {
    const handle = await open(path);
    const target = Buffer.alloc(size);
    const offsets = places();
    let turn = 0;
    return {
      async run(times) {
        for (let i = 0; i < times; i++) {
          await handle.read(target, 0, size, offsets[turn] as number);
          turn = (turn + 1) % PLACES;
        }
      },
    };
  },
};

const NUMBERS: Readonly<Record<string, Starts>> = {
  'memory.readUInt32LE': (path) => {
    const bytes = readFileSync(path);
    return each((at) => bytes.readUInt32LE(at));
  },
  'buffer.readUInt32LE': buffered((buffer) => (at) => buffer.readUInt32LE(at)),
  'memory.readDoubleLE': (path) => {
    const bytes = readFileSync(path);
    return each((at) => (bytes.readDoubleLE(at) > 0 ? 1 : 0));
  },
  'buffer.readDoubleLE': buffered((buffer) => (at) => (buffer.readDoubleLE(at) > 0 ? 1 : 0)),
  'memory.readBigUInt64LE': (path) => {
    const bytes = readFileSync(path);
    return each((at) => (bytes.readBigUInt64LE(at) % 2n === 0n ? 0 : 1));
  },
  'buffer.readBigUInt64LE': buffered(
    (buffer) => (at) => (buffer.readBigUInt64LE(at) % 2n === 0n ? 0 : 1),
  ),
};

/** Python, whose pieces begin at the same places. */
function inPython(module: 'smmap' | 'mmap'): Starts {
  return (path, size) => {
    const offsets = join(tempDir(), 'offsets');
    writeFileSync(offsets, BigUint64Array.from(places(), BigInt));
    return driven([...must(python(module)), `${module}_slice`, path, String(size), offsets]);
  };
}

const PYTHON_SMMAP = 'Python’s smmap, buffer[a:b]';
const PYTHON_MMAP = 'Python’s mmap, memory[a:b]';

const RIVALS: Readonly<Record<string, Starts>> = {
  [PYTHON_SMMAP]: inPython('smmap'),
  [PYTHON_MMAP]: inPython('mmap'),
};

const form = (start: Starts): Form => ({ start: (size, path) => start(path, size) });

export const workload: Workload = {
  about: 'small copies and numbers out of one window',
  page: 'docs/performance.md',
  forms: Object.fromEntries(
    Object.entries({ ...PIECES, ...NUMBERS, ...RIVALS }).map(([name, start]) => [
      name,
      form(start),
    ]),
  ),
  async run() {
    const path = join(tempDir(), 'bytes');
    writeFileSync(path, contentBytes(0, SIZE));
    const needs: Needs = { [PYTHON_SMMAP]: python('smmap'), [PYTHON_MMAP]: python('mmap') };
    const rivals = present(Object.keys(RIVALS), needs);
    const shared = { module: import.meta.url, fixture: path };
    const pieces = async (size: number) =>
      compare({
        ...shared,
        size,
        title: `${size.toLocaleString('en')} bytes at places that lie in one window:`,
        forms: [...Object.keys(PIECES), ...rivals],
        race: { sampleMs: 15 },
      });
    const small = await pieces(64);
    const large = await pieces(LARGEST);
    const numbers: Awaited<ReturnType<typeof compare>>[] = [];
    for (const [i, name] of ['UInt32LE', 'DoubleLE', 'BigUInt64LE'].entries()) {
      const forms = Object.keys(NUMBERS).slice(2 * i, 2 * i + 2);
      numbers.push(await compare({ ...shared, title: `read${name}:`, forms }));
    }
    const fs = { base: 'fs.readSync' };
    return {
      tables: [small.table, large.table, ...numbers.map(({ table }) => table)],
      verdicts: [
        atMost(small.results, 'buffer.copy', 1, fs),
        atMost(large.results, 'buffer.copy', 1, fs),
        atMost(large.results, 'buffer.slice', 1, { base: 'fs.readSync, new memory each time' }),
      ],
      absent: absent(needs),
      figures: {
        small: small.results,
        large: large.results,
        numbers: numbers.flatMap(({ results }) => results),
      },
    };
  },
};
