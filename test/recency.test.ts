/** The order in which idle regions go: against plain arrays that say the same, and in a manager. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { Order, type Ordered } from '#src/order.js';
import { type Idle, Recency } from '#src/recency.js';
import { tempDir, writeContent } from './support/files.js';

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

/** What `Recency` knows of a region. */
class Entry implements Idle {
  newer: Ordered | undefined = undefined;
  older: Ordered | undefined = undefined;
  segment: Idle['segment'] = undefined;
  constructor(readonly extent: number) {}
}

/** The same policy, said with arrays: slow, and plain to see. */
class Model {
  #probation: Entry[] = [];
  #protected: Entry[] = [];

  constructor(readonly budget: number) {}

  leave(entry: Entry, enteredAgain: boolean): void {
    (enteredAgain ? this.#protected : this.#probation).push(entry);
    while (bytesOf(this.#protected) > this.budget * 0.8) {
      this.#probation.push(this.#protected.shift() as Entry);
    }
  }

  remove(entry: Entry): void {
    this.#probation = this.#probation.filter((one) => one !== entry);
    this.#protected = this.#protected.filter((one) => one !== entry);
  }

  /** All, in the order in which they go. */
  get all(): Entry[] {
    return [...this.#probation, ...this.#protected];
  }
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { extent }) => sum + extent, 0);
}

function recencyOf(budget: number): Recency<Entry> {
  return new Recency(budget);
}

function checkSame(recency: Recency<Entry>, model: Model): void {
  assert.equal(recency.next(), model.all[0]);
  assert.equal(recency.length, model.all.length);
  assert.equal(recency.bytes, bytesOf(model.all));
}

describe('Recency', () => {
  test('does what the arrays do, entry by entry to the last', () => {
    const step = fc.record({
      entry: fc.nat(MOST_ENTRIES - 1),
      what: fc.constantFrom('leave', 'leave again', 'remove'),
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), {
      minLength: MOST_ENTRIES,
      maxLength: MOST_ENTRIES,
    });
    const budgets = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        sizes,
        budgets,
        fc.array(step, { maxLength: 80, size: 'max' }),
        (extents, budget, steps) => {
          const entries = extents.map((extent) => new Entry(extent));
          const recency = recencyOf(budget);
          const model = new Model(budget);
          for (const { entry: number, what } of steps) {
            const entry = entries[number] as Entry;
            recency.remove(entry); // as entering it does; nothing where it is not idle
            model.remove(entry);
            if (what !== 'remove') {
              recency.leave(entry, what === 'leave again');
              model.leave(entry, what === 'leave again');
            }
            checkSame(recency, model);
          }
          while (model.all.length > 0) {
            const next = recency.next() as Entry;
            recency.remove(next);
            model.remove(next);
            checkSame(recency, model);
          }
          assert.equal(recency.next(), undefined);
        },
      ),
      RUNS,
    );
  });

  test('entries of the protected part outlive any number that were entered once', () => {
    const recency = recencyOf(10);
    const hot = Array.from({ length: 8 }, () => new Entry(1));
    for (const entry of hot) recency.leave(entry, true);
    for (let i = 0; i < 1_000; i++) {
      const passing = new Entry(1);
      recency.leave(passing, false);
      assert.equal(recency.next(), passing);
      recency.remove(passing);
    }
    assert.equal(recency.length, hot.length);
  });

  test('beyond four fifths of the bytes nothing is protected', () => {
    const recency = recencyOf(10);
    const entries = Array.from({ length: 9 }, () => new Entry(1));
    for (const entry of entries) recency.leave(entry, true);
    const passing = new Entry(1);
    recency.leave(passing, false);
    assert.equal(recency.next(), entries[0]); // the oldest of the nine had to go back
    recency.remove(entries[0] as Entry);
    assert.equal(recency.next(), passing);
  });
});

/** Windows of the file of the live test, and how many of them fit. */
const WINDOWS = 16;
const FIT = 6;

/** A manager as it should be: which windows are mapped after each use. */
class ManagerModel {
  readonly #mapped = new Map<number, { entry: Entry; entries: number }>();
  readonly #idle = new Model(FIT);
  misses = 0;

  use(window: number): void {
    let region = this.#mapped.get(window);
    if (region === undefined) {
      this.misses++;
      if (this.#mapped.size === FIT) this.#evict();
      region = { entry: new Entry(1), entries: 0 };
      this.#mapped.set(window, region);
    }
    region.entries++;
    this.#idle.remove(region.entry);
    this.#idle.leave(region.entry, region.entries > 1);
  }

  #evict(): void {
    const next = this.#idle.all[0] as Entry;
    this.#idle.remove(next);
    for (const [window, { entry }] of this.#mapped) if (entry === next) this.#mapped.delete(window);
  }

  get mapped(): number[] {
    return [...this.#mapped.keys()].sort((a, b) => a - b);
  }
}

describe('a manager', () => {
  const path = join(tempDir(), 'file');
  writeContent(path, WINDOWS * PAGE_SIZE);

  test('has the windows that the policy leaves it, after any uses', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(WINDOWS - 1), { maxLength: 120, size: 'max' }), (uses) => {
        const model = new ManagerModel();
        using manager = new SlidingWindowMapManager({
          windowSize: PAGE_SIZE,
          maxMemorySize: FIT * PAGE_SIZE,
        });
        for (const window of uses) {
          manager
            .makeCursor(path)
            .useRegion(window * PAGE_SIZE)
            .close();
          model.use(window);
          const offsets = manager.inspect().flatMap(({ windows }) => windows);
          assert.deepEqual(
            offsets.map(({ offset }) => offset / PAGE_SIZE),
            model.mapped,
          );
        }
        assert.equal(manager.stats().misses, model.misses);
      }),
      { numRuns: 60 },
    );
  });
});
