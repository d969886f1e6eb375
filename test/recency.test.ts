/** The order in which idle regions go: against plain arrays that say the same, and in a manager. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { Order, type Ordered } from '#src/order.js';
import { type Idle, Recency } from '#src/recency.js';
import { tempDir, writeContent } from './support/files.js';
import { IdleOrder } from './support/idle-order.js';
import { randomFrom } from './support/random.js';

const RUNS = { numRuns: 300 };
const MOST_ENTRIES = 12;

/** Stands in an order, and in no policy. */
class Item implements Ordered {
  newer: Ordered | undefined = undefined;
  older: Ordered | undefined = undefined;
}

describe('Order', () => {
  test('is an array to which things are pushed and from which they are taken', () => {
    const step = fc.record({ item: fc.nat(MOST_ENTRIES - 1), add: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        const items = Array.from({ length: MOST_ENTRIES }, () => new Item());
        const order = new Order<Item>();
        let model: Item[] = [];
        for (const { item: number, add } of steps) {
          const item = items[number] as Item;
          if (add === model.includes(item)) continue; // neither twice, nor what is not there
          if (add) order.push(item);
          else order.remove(item);
          model = add ? [...model, item] : model.filter((one) => one !== item);
          assert.equal(order.oldest, model[0]);
          assert.equal(order.length, model.length);
        }
        for (const item of model) {
          assert.equal(order.oldest, item);
          order.remove(item);
        }
        assert.equal(order.oldest, undefined);
      }),
      RUNS,
    );
  });
});

const nameOf = (window: number) => `window ${window}`;

/** What `Recency` knows of a region. */
class Entry implements Idle {
  lastUse = 0;
  newer: Ordered | undefined = undefined;
  older: Ordered | undefined = undefined;
  segment: Idle['segment'] = undefined;

  constructor(
    readonly window: number,
    readonly extent = 1,
    readonly name = nameOf(window),
  ) {}
}

/** `count` numbers from `first` on. */
function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** Room for so many entries of one size, each entered and left at once, as a manager does it. */
class Cache {
  readonly held = new Map<number, Entry>();
  readonly #entered = new Set<Entry>();
  readonly #idle: Recency<Entry> | IdleOrder<Entry>;
  readonly #room: number;
  #clock = 0;
  misses = 0;

  constructor(room: number, idle: Recency<Entry> | IdleOrder<Entry> = new Recency<Entry>()) {
    this.#room = room;
    this.#idle = idle;
  }

  use(windows: readonly number[]): void {
    for (const window of windows) this.#use(window);
  }

  #use(window: number): void {
    const entry = this.held.get(window) ?? this.#map(window);
    this.#idle.enter(entry, this.held.size);
    entry.lastUse = ++this.#clock;
    this.#idle.leave(entry, this.#entered.has(entry));
    this.#entered.add(entry);
  }

  #map(window: number): Entry {
    this.misses++;
    this.#idle.want(nameOf(window), this.held.size);
    if (this.held.size === this.#room) this.#evict();
    const entry = new Entry(window);
    this.held.set(window, entry);
    return entry;
  }

  #evict(): void {
    const next = this.#idle.next(this.#room) as Entry;
    this.#idle.remove(next);
    this.#idle.remember(next, this.#room);
    this.held.delete(next.window);
  }

  /** What is held, by number. */
  get windows(): number[] {
    return [...this.held.keys()].sort((a, b) => a - b);
  }
}

/** How many of them plain LRU has to map. */
function missesOfLru(windows: readonly number[], room: number): number {
  const held = new Set<number>();
  let misses = 0;
  for (const window of windows) {
    if (!held.delete(window)) misses++;
    held.add(window);
    if (held.size > room) held.delete(held.values().next().value as number);
  }
  return misses;
}

/** Sets of so many windows, one after the other, each used in turns of its own order. */
function workingSets(size: number, sets: number, turns: number): number[] {
  const random = randomFrom(size);
  return range(0, sets * turns).flatMap((turn) => {
    const first = Math.floor(turn / turns) * size;
    const places = new Map(range(first, size).map((window) => [window, random(0, 2 ** 30)]));
    return [...places].sort(([, a], [, b]) => a - b).map(([window]) => window);
  });
}

describe('Recency', () => {
  test('does what the arrays do, entry by entry to the last', () => {
    const step = fc.record({
      place: fc.nat(MOST_ENTRIES - 1),
      what: fc.constantFrom('use', 'use', 'use', 'enter', 'evict', 'evict', 'unmap'),
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), {
      minLength: MOST_ENTRIES,
      maxLength: MOST_ENTRIES,
    });
    // Two may have the same name, as regions have that begin at the same place.
    const named = (place: number) => nameOf(place % (MOST_ENTRIES / 2));
    fc.assert(
      fc.property(sizes, fc.array(step, { maxLength: 120, size: 'max' }), (extents, steps) => {
        const recency = new Recency<Entry>();
        const model = new IdleOrder<Entry>();
        const mapped = new Map<number, Entry>();
        const entered = new Set<Entry>();
        const bytes = () => [...mapped.values()].reduce((sum, { extent }) => sum + extent, 0);
        for (const [now, { place, what }] of steps.entries()) {
          let entry = mapped.get(place);
          if (what === 'use' || what === 'enter') {
            const again = entry !== undefined;
            if (!again) for (const one of [recency, model]) one.want(named(place), bytes());
            entry ??= new Entry(place, extents[place], named(place));
            mapped.set(place, entry);
            for (const one of [recency, model]) one.enter(entry, bytes());
            if (again) entered.add(entry);
            entry.lastUse = now + 1;
            if (what === 'use') {
              for (const one of [recency, model]) one.leave(entry, entered.has(entry));
            }
          } else {
            if (what === 'evict') entry = model.next(bytes());
            if (entry === undefined) continue;
            for (const one of [recency, model]) {
              one.remove(entry);
              if (what === 'evict') one.remember(entry, bytes());
            }
            mapped.delete(entry.window);
          }
          assert.equal(recency.next(bytes()), model.next(bytes()));
          assert.equal(recency.length, model.all.length);
          assert.equal(recency.bytes, model.bytes);
        }
      }),
      RUNS,
    );
  });

  test('of those entered once the one left longest ago goes, one after the other', () => {
    const recency = new Recency<Entry>();
    const entries = [3, 1, 4, 0, 2].map((window) => new Entry(window));
    for (const [now, entry] of entries.entries()) {
      entry.lastUse = now;
      recency.leave(entry, false);
    }
    for (const entry of entries) {
      assert.equal(recency.next(5), entry);
      recency.remove(entry);
    }
    assert.equal(recency.next(5), undefined);
  });

  test('entries that were entered again outlive any number that were entered once', () => {
    const cache = new Cache(10);
    cache.use([...range(0, 8), ...range(0, 8), ...range(100, 100_000)]);
    assert.deepEqual(cache.windows, [...range(0, 8), 100_098, 100_099]);
  });

  test('beyond four fifths of the bytes nothing is protected', () => {
    const cache = new Cache(10);
    cache.use([...range(0, 10), ...range(0, 10), ...range(100, 1_000)]);
    assert.deepEqual(cache.windows, [...range(2, 8), 1_098, 1_099]);
  });

  test('of those that are not protected the one left longest ago goes, entered again or not', () => {
    const cache = new Cache(10);
    cache.use([...range(0, 9), 100, ...range(0, 4)]); // five entered once, and four again
    cache.use([...range(4, 5)]); // all nine again: one more than are protected
    cache.use([101]);
    assert.deepEqual(cache.windows, [...range(0, 9), 101]); // 100 was left first
    cache.use([102]);
    assert.deepEqual(cache.windows, [...range(1, 8), 101, 102]); // then 0 was
  });

  test('entries that nobody wants any more do not keep new ones out', () => {
    const cache = new Cache(10);
    const rounds = [0, 0, 0, 100, 100, 100, 100, 100].map((first) => {
      const before = cache.misses;
      cache.use(range(first, 9));
      return cache.misses - before;
    });
    assert.deepEqual(rounds.slice(0, 4), [9, 0, 0, 9]);
    assert.equal(rounds.at(-1), 0); // the new nine have pushed the old ones out
  });

  test('what was not worth protecting is tried again', () => {
    const hot = range(-5, 5);
    const scan = range(10_000, 20);
    const cache = new Cache(10);
    const left = () => hot.filter((window) => cache.held.has(window)).length;
    cache.use([...workingSets(10, 20, 10), ...hot, ...hot, ...scan]);
    assert.ok(left() < 2); // by now it is nearly plain LRU
    for (const turn of range(1, 60)) cache.use([...hot, ...hot, ...range(10_000 + turn * 20, 20)]);
    assert.equal(left(), 5);
  });

  test('there are hardly more misses than with plain LRU, however entries are used', () => {
    const random = randomFrom(1);
    for (const room of [4, 10, 40]) {
      const patterns = [
        workingSets(room, 30, 12),
        workingSets(room + 1, 30, 12),
        workingSets(Math.ceil(room * 1.5), 30, 12),
        range(0, 10_000).map((now) => Math.floor(now / 3) + random(0, room)),
        range(0, 10_000).map((now) => Math.floor(now / 20) + random(0, random(1, room * 3))),
        range(0, 10_000).map(() => random(0, random(1, room * 5))),
        range(0, 10_000).map((now) => now % (room + 1)),
      ];
      for (const [which, windows] of patterns.entries()) {
        const cache = new Cache(room);
        cache.use(windows);
        // What the share is at first, and what it gains by what goes.
        const most = missesOfLru(windows, room) + 0.8 * room + cache.misses / 200 + 1;
        assert.ok(cache.misses <= most, `${cache.misses} > ${most}: pattern ${which}, ${room}`);
      }
    }
  });

  test('of those that went only the last 16,384 are remembered', () => {
    const room = 2 ** 15;
    const held = Math.floor(room * 0.8);
    const wantedAgain = (window: number): boolean => {
      const cache = new Cache(room);
      cache.use([...range(0, held), ...range(0, held)]);
      cache.use(range(room, room + 20_000));
      cache.use([...range(0, 100), window]); // 100 is the oldest of the protected
      cache.use(range(10 * room, 100));
      return !cache.held.has(100); // it is protected no more: the share has shrunk
    };
    const lastGone = room + room + 20_000 - (room - held) - 1;
    assert.equal(wantedAgain(lastGone), true);
    assert.equal(wantedAgain(lastGone - 2 ** 14 + 500), true);
    assert.equal(wantedAgain(lastGone - 2 ** 14 - 500), false);
  });
});

/** Windows of the file of the live test, and how many of them fit. */
const WINDOWS = 16;
const FIT = 6;

describe('a manager', () => {
  const path = join(tempDir(), 'file');
  writeContent(path, WINDOWS * PAGE_SIZE);

  test('has the windows that the policy leaves it, after any uses', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(WINDOWS - 1), { maxLength: 120, size: 'max' }), (uses) => {
        const model = new Cache(FIT, new IdleOrder<Entry>());
        using manager = new SlidingWindowMapManager({
          windowSize: PAGE_SIZE,
          maxMemorySize: FIT * PAGE_SIZE,
        });
        for (const window of uses) {
          manager
            .makeCursor(path)
            .useRegion(window * PAGE_SIZE)
            .close();
          model.use([window]);
          const offsets = manager.inspect().flatMap(({ windows }) => windows);
          assert.deepEqual(
            offsets.map(({ offset }) => offset / PAGE_SIZE),
            model.windows,
          );
        }
        assert.equal(manager.stats().misses, model.misses);
      }),
      { numRuns: 60 },
    );
  });
});
