/** Others that map files for JavaScript: the bytes of a whole file, once it is mapped, and mapping it. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MemoryMap } from 'smmap';
import { scaled } from '../../test/support/scale.js';
import { again } from '../again.js';
import { compare } from '../compare.js';
import { driven } from '../rivals/driven.js';
import { absent, bun, type Found, must, type Needs, peer, present } from '../rivals/rivals.js';
import { textFile } from '../text.js';
import type { Form, Running, Workload } from '../workload.js';

const SIZE = scaled(2 ** 25, 2 ** 27);

interface Fixture {
  readonly path: string;
  readonly mmapIo: Found<string>;
  readonly koffi: Found<string>;
  readonly bun: Found<string[]>;
}

/** A file in memory, and letting it go. */
interface Mapped {
  readonly bytes: Uint8Array;
  close(): void;
}

type Maps = (fixture: Fixture) => () => Mapped;

const require = createRequire(import.meta.url);

const READ_SHARED = [1, 1] as const;

const ours: Maps = ({ path }) => {
  return () => {
    const map = MemoryMap.open(path);
    return { bytes: map.bytes, close: () => map.close() };
  };
};

/** It unmaps when the Buffer is collected, and has no other way. */
const mmapIo: Maps = ({ path, mmapIo }) => {
  const io = require(must(mmapIo)) as {
    PROT_READ: number;
    MAP_SHARED: number;
    map(size: number, protection: number, flags: number, fd: number): Buffer;
  };
  return () => {
    const fd = openSync(path, 'r');
    const bytes = io.map(fstatSync(fd).size, io.PROT_READ, io.MAP_SHARED, fd);
    closeSync(fd);
    return { bytes, close: () => undefined };
  };
};

/** mmap(2) and munmap(2), called through a foreign function interface. */
const koffi: Maps = ({ path, koffi }) => {
  const ffi = require(must(koffi)) as {
    load(name: null): { func(declaration: string): (...args: unknown[]) => unknown };
    view(pointer: unknown, length: number): ArrayBuffer;
  };
  const c = ffi.load(null);
  const mmap = c.func('void *mmap(void *, size_t, int, int, int, int64_t)');
  const munmap = c.func('int munmap(void *, size_t)');
  return () => {
    const fd = openSync(path, 'r');
    const { size } = fstatSync(fd);
    const address = mmap(null, size, ...READ_SHARED, fd, 0);
    closeSync(fd);
    const bytes = new Uint8Array(ffi.view(address, size));
    return { bytes, close: () => munmap(address, size) };
  };
};

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum += bytes[i] as number;
  return sum;
}

function summing(maps: Maps): Form {
  return {
    start(_, given): Running {
      const { bytes } = maps(JSON.parse(given) as Fixture)();
      return again(() => sumOf(bytes));
    },
  };
}

function opening(maps: Maps): Form {
  return {
    start(_, given): Running {
      const open = maps(JSON.parse(given) as Fixture);
      let sum = 0;
      return {
        run(times) {
          for (let i = 0; i < times; i++) {
            const { bytes, close } = open();
            sum += bytes[0] as number;
            close();
          }
          if (sum === 0) throw new Error('nothing was read');
          return undefined;
        },
      };
    },
  };
}

const SUMS: Readonly<Record<string, Form>> = {
  'smmap, map.bytes': summing(ours),
  '@riaskov/mmap-io': summing(mmapIo),
  koffi: summing(koffi),
  'Bun.mmap, in Bun': {
    start: (_, given) => {
      const { bun, path } = JSON.parse(given) as Fixture;
      return driven([...must(bun), path], (sum) => sum);
    },
  },
};

const OPENS: Readonly<Record<string, Form>> = {
  'smmap, MemoryMap.open and close': opening(ours),
  '@riaskov/mmap-io, unmapped by the garbage collector': opening(mmapIo),
  'koffi, mmap and munmap': opening(koffi),
};

export const workload: Workload = {
  about: 'other packages that map files',
  page: 'docs/performance.md',
  forms: { ...SUMS, ...OPENS },
  async run() {
    const found = { mmapIo: peer('@riaskov/mmap-io'), koffi: peer('koffi'), bun: bun() };
    const needs: Needs = {
      '@riaskov/mmap-io': found.mmapIo,
      '@riaskov/mmap-io, unmapped by the garbage collector': found.mmapIo,
      koffi: found.koffi,
      'koffi, mmap and munmap': found.koffi,
      'Bun.mmap, in Bun': found.bun,
    };
    const fixture = JSON.stringify({ path: textFile(SIZE), ...found });
    const shared = { module: import.meta.url, fixture };
    const sum = await compare({
      ...shared,
      title: `The sum of ${SIZE / 2 ** 20} MiB that are mapped:`,
      forms: present(Object.keys(SUMS), needs),
      bytes: SIZE,
    });
    const open = await compare({
      ...shared,
      title: 'Opening the file, mapping all of it, a byte, and letting it go:',
      forms: present(Object.keys(OPENS), needs),
    });
    return {
      tables: [sum.table, open.table],
      absent: absent(needs),
      figures: { sum: sum.results, open: open.results },
    };
  },
};
