/** What the policy alone costs, however many entries there are: no kernel, no file. */

import type { Ordered } from '#src/order.js';
import { type Idle, Recency } from '#src/recency.js';
import { randomFrom } from '../../test/support/random.js';
import { curveReport } from '../curve.js';
import { settle } from '../support.js';
import type { Form, Running, Workload } from '../workload.js';

const SIZES = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
const EXTENT = 4096;

/** Entries that are touched where only a few are. */
const FEW = 8;

class Entry implements Idle {
  readonly extent = EXTENT;
  name = '';
  lastUse = 0;
  newer: Ordered | undefined = undefined;
  older: Ordered | undefined = undefined;
  segment: Idle['segment'] = undefined;
  touched = 0;
}

/** Twice as many names as the policy remembers. */
const NAMES = Array.from({ length: 2 ** 15 }, (_, i) => `7:4711:0:${i * EXTENT}`);

/** @param held how many of them were entered again */
function idleEntries(size: number, held = 0): { entries: Entry[]; idle: Recency<Entry> } {
  const idle = new Recency<Entry>();
  const entries = Array.from({ length: size }, () => new Entry());
  for (const [i, entry] of entries.entries()) {
    entry.lastUse = i + 1;
    idle.leave(entry, i < held);
  }
  settle();
  return { entries, idle };
}

/** How many are protected where most are. */
function protectedOf(size: number): number {
  return Math.floor(size * 0.8);
}

/** The one that is next goes, and comes back as a new one: what a miss costs. */
function evictAndAdd(held: (size: number) => number): Form {
  return {
    start(size: number): Running {
      const { idle } = idleEntries(size, held(size));
      const mapped = size * EXTENT;
      let clock = size;
      return {
        run(times) {
          for (let i = 0; i < times; i++) {
            const wanted = NAMES[++clock % NAMES.length] as string;
            idle.want(wanted, mapped);
            const next = idle.next(mapped) as Entry;
            idle.remove(next);
            idle.remember(next, mapped);
            next.name = wanted;
            next.lastUse = clock;
            idle.leave(next, false);
          }
        },
      };
    },
  };
}

/** Entries are entered and left: what a hit costs. */
function enterAndLeave(order: (size: number) => Uint32Array): Form {
  return {
    start(size: number): Running {
      const { entries, idle } = idleEntries(size);
      const mapped = size * EXTENT;
      const turns = order(size);
      let turn = 0;
      let clock = size;
      return {
        run(times) {
          for (let i = 0; i < times; i++) {
            const entry = entries[turns[turn] as number] as Entry;
            idle.enter(entry, mapped);
            entry.lastUse = ++clock;
            idle.leave(entry, (i & 1) === 0);
            if (++turn === turns.length) turn = 0;
          }
        },
      };
    },
  };
}

/** The same few, spread over all. */
function few(size: number): Uint32Array {
  return Uint32Array.from({ length: FEW }, (_, i) => Math.floor((i * size) / FEW));
}

function all(size: number): Uint32Array {
  const random = randomFrom(1);
  return Uint32Array.from({ length: Math.max(size, 1_000) }, () => random(0, size));
}

/** Goes through objects in a ring and writes to each and to the next: what memory alone costs an eviction. */
const memoryInOrder: Form = {
  start(size: number): Running {
    const entries = Array.from({ length: size }, () => new Entry());
    for (const [i, entry] of entries.entries()) entry.newer = entries[(i + 1) % size];
    let entry = entries[0] as Entry;
    settle();
    return {
      run(times) {
        for (let i = 0; i < times; i++) {
          const next = entry.newer as Entry;
          entry.touched++;
          next.touched++;
          entry = next;
        }
      },
    };
  },
};

/** Touches as many objects as taking one out of a list does, and has no policy: what memory alone costs. */
const memoryAlone: Form = {
  start(size: number): Running {
    const entries = Array.from({ length: size }, () => new Entry());
    const turns = all(size);
    let turn = 0;
    settle();
    return {
      run(times) {
        for (let i = 0; i < times; i++) {
          const place = turns[turn] as number;
          for (const near of [place, (place * 7 + 1) % size, (place * 31 + 5) % size]) {
            (entries[near] as Entry).touched++;
          }
          if (++turn === turns.length) turn = 0;
        }
      },
    };
  },
};

/** Remembers a name and forgets the oldest, with as many as the policy has: what that alone costs. */
const names: Form = {
  start(size: number): Running {
    const most = Math.min(protectedOf(size), NAMES.length / 2);
    const remembered = new Map<string, object>();
    let turn = NAMES.length;
    settle();
    return {
      run(times) {
        for (let i = 0; i < times; i++) {
          turn++;
          remembered.set(NAMES[turn % NAMES.length] as string, { turn });
          remembered.delete(NAMES[(turn - most) % NAMES.length] as string);
        }
      },
    };
  },
};

export const workload: Workload = {
  about: 'cost of one operation of the policy alone, from 10 to 1,000,000 entries',
  page: 'docs/policy.md',
  forms: {
    'evict one, add one': evictAndAdd(() => 0),
    'evict one, add one, most protected': evictAndAdd(protectedOf),
    'enter and leave, the same few': enterAndLeave(few),
    'enter and leave, any': enterAndLeave(all),
    'no policy: touch an object and the next': memoryInOrder,
    'no policy: touch any three objects': memoryAlone,
    'no policy: remember a name, forget one': names,
  },
  run: () =>
    curveReport({
      module: import.meta.url,
      name: 'policy-cost',
      forms: Object.keys(workload.forms),
      sizes: SIZES,
      sizeLabel: 'entries',
      race: { node: ['--expose-gc'] },
      goal: 4,
      flat: ['evict one, add one', 'enter and leave, the same few'],
    }),
};
