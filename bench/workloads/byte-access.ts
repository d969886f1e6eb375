/** One byte at a time through a buffer over windows and through a map, against a plain typed array. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type MemoryMap,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { contentBytes, tempDir } from '../../test/support/files.js';
import { randomFrom } from '../../test/support/random.js';
import { atMost, compare } from '../compare.js';
import type { Form, Running, Workload } from '../workload.js';

/** Bytes of the file: all in one window. */
const SIZE = 2 ** 22;
/** Reads in one round. */
const READS = 2 ** 22;

/** Indices to be read at random: fewer than reads, so that they stay in the processor's cache. */
const PLACES = Uint32Array.from({ length: 2 ** 14 }, (_, i) => {
  const random = randomFrom(i);
  return random(0, SIZE);
});

// One function for each way and no shared one: a shared loop would know several
// shapes of source, and be slow for all of them.

const plainInOrder: Form = {
  start(_, path): Running {
    const bytes = new Uint8Array(readFileSync(path));
    return rounds(() => {
      let sum = 0;
      for (let i = 0; i < READS; i++) sum += bytes[i] as number;
      return sum;
    });
  },
};

const plainAtRandom: Form = {
  start(_, path): Running {
    const bytes = new Uint8Array(readFileSync(path));
    return rounds(() => {
      let sum = 0;
      for (let i = 0; i < READS; i++) sum += bytes[PLACES[i & 0x3fff] as number] as number;
      return sum;
    });
  },
};

const bufferAtInOrder: Form = {
  start(_, path): Running {
    const buffer = bufferOver(path);
    return rounds(() => {
      let sum = 0;
      for (let i = 0; i < READS; i++) sum += buffer.at(i) as number;
      return sum;
    });
  },
};

const bufferAtAtRandom: Form = {
  start(_, path): Running {
    const buffer = bufferOver(path);
    return rounds(() => {
      let sum = 0;
      for (let i = 0; i < READS; i++) sum += buffer.at(PLACES[i & 0x3fff] as number) as number;
      return sum;
    });
  },
};

const bufferGetInOrder: Form = {
  start(_, path): Running {
    const buffer = bufferOver(path);
    return rounds(() => {
      let sum = 0;
      for (let i = 0; i < READS; i++) sum += buffer.get(i);
      return sum;
    });
  },
};

const bufferGetAtRandom: Form = {
  start(_, path): Running {
    const buffer = bufferOver(path);
    return rounds(() => {
      let sum = 0;
      for (let i = 0; i < READS; i++) sum += buffer.get(PLACES[i & 0x3fff] as number);
      return sum;
    });
  },
};

const mapAtInOrder: Form = {
  start(_, path): Running {
    const map = mapOver(path);
    return rounds(() => {
      let sum = 0;
      for (let i = 0; i < READS; i++) sum += map.at(i) as number;
      return sum;
    });
  },
};

const mapAtAtRandom: Form = {
  start(_, path): Running {
    const map = mapOver(path);
    return rounds(() => {
      let sum = 0;
      for (let i = 0; i < READS; i++) sum += map.at(PLACES[i & 0x3fff] as number) as number;
      return sum;
    });
  },
};

function bufferOver(path: string): SlidingWindowMapBuffer {
  return new SlidingWindowMapBuffer(new SlidingWindowMapManager().makeCursor(path));
}

/** The cursors that the maps need to stay mapped. */
const held: WindowCursor[] = [];

function mapOver(path: string): MemoryMap {
  const cursor = new StaticWindowMapManager().makeCursor(path).useRegion();
  held.push(cursor);
  return cursor.map();
}

/** Every round has to come out the same. */
function rounds(once: () => number): Running {
  const answer = once();
  return {
    answer,
    run(times) {
      for (let i = 0; i < times; i++) if (once() !== answer) throw new Error('another sum');
    },
  };
}

const IN_ORDER = {
  'plain typed array, in order': plainInOrder,
  'buffer.at(i), in order': bufferAtInOrder,
  'buffer.get(i), in order': bufferGetInOrder,
  'map.at(i), in order': mapAtInOrder,
};

const AT_RANDOM = {
  'plain typed array, at random': plainAtRandom,
  'buffer.at(i), at random': bufferAtAtRandom,
  'buffer.get(i), at random': bufferGetAtRandom,
  'map.at(i), at random': mapAtAtRandom,
};

export const workload: Workload = {
  about: 'one byte at a time, against a plain typed array of the same bytes',
  forms: { ...IN_ORDER, ...AT_RANDOM },
  async run() {
    const path = join(tempDir(), 'bytes');
    writeFileSync(path, contentBytes(0, SIZE));
    const shared = { module: import.meta.url, fixture: path };
    const reads = READS.toLocaleString('en');
    const inOrder = await compare({
      ...shared,
      title: `${reads} bytes in order:`,
      forms: Object.keys(IN_ORDER),
    });
    const atRandom = await compare({
      ...shared,
      title: `${reads} bytes at random:`,
      forms: Object.keys(AT_RANDOM),
    });
    return {
      tables: [inOrder.table, atRandom.table],
      verdicts: [
        atMost(inOrder.results, 'buffer.at(i), in order', 1.6),
        atMost(atRandom.results, 'buffer.at(i), at random', 1.5),
      ],
      figures: { inOrder: inOrder.results, atRandom: atRandom.results },
    };
  },
};
