/** What the choice of the policy rests on: the traces are those that were compared, and what it promises shows on them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { belady } from '../bench/policies/belady.js';
import { Lru } from '../bench/policies/lru.js';
import { Ours } from '../bench/policies/ours.js';
import type { Policy } from '../bench/policies/policy.js';
import { POLICIES } from '../bench/policies/table.js';
import { sparseFile } from '../bench/sparse-file.js';
import { allTraces } from '../bench/traces/all.js';
import { digestOf, type Entries, entriesOf } from '../bench/traces/trace.js';
import { readText } from './support/checkout.js';
import { randomFrom } from './support/random.js';

const traces = allTraces();

function hits({ keys, sizes }: Entries, policy: Policy): number {
  let count = 0;
  for (const key of keys) if (policy.access(key, sizes[key] as number)) count++;
  return count;
}

function footprint({ sizes }: Entries): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

function entriesNamed(name: string): Entries {
  const trace = traces.find((one) => one.name === name);
  assert.ok(trace, `no trace called ${name}`);
  return entriesOf(trace);
}

/** A random walk among few windows of one size. */
function walk(length: number, windows: number): Entries {
  const random = randomFrom(3);
  const keys = Uint32Array.from({ length }, () => random(0, random(1, windows + 1)));
  return { keys, sizes: new Float64Array(windows).fill(PAGE_SIZE) };
}

describe('the traces', () => {
  test('are those that the figures were taken from', () => {
    const digests = Object.fromEntries(traces.map((trace) => [trace.name, digestOf(trace)]));
    assert.deepEqual(digests, JSON.parse(readText('bench/traces/digests.json')));
  });
});

describe('the policies that are compared', () => {
  const entries = walk(5_000, 40);

  for (const [name, maker] of Object.entries(POLICIES)) {
    test(`${name} misses each entry once when all fit, and is never better than the optimum`, () => {
      assert.equal(hits(entries, maker(footprint(entries))), entries.keys.length - 40);
      for (let fit = 1; fit < 40; fit++) {
        const capacity = fit * PAGE_SIZE;
        const most = belady(entries.keys, entries.sizes, capacity);
        const own = hits(entries, maker(capacity));
        assert.ok(own <= most, `${own} hits of at most ${most} with room for ${fit}`);
      }
    });
  }

  test('ours is the one that the manager has', () => {
    const fit = 10;
    const path = sparseFile(40 * PAGE_SIZE);
    using manager = new SlidingWindowMapManager({
      windowSize: PAGE_SIZE,
      maxMemorySize: fit * PAGE_SIZE,
    });
    for (const key of entries.keys)
      manager
        .makeCursor(path)
        .useRegion(key * PAGE_SIZE)
        .close();
    assert.equal(manager.stats().hits, hits(entries, new Ours(fit * PAGE_SIZE)));
  });
});

describe('what a pass over a large file leaves of a hot set', () => {
  const entries = entriesNamed('scan-and-hot');

  for (const share of [0.01, 0.02, 0.05, 0.1]) {
    test(`is more than with plain LRU where ${share * 100} % of the bytes fit`, () => {
      const capacity = footprint(entries) * share;
      assert.ok(hits(entries, new Ours(capacity)) > hits(entries, new Lru(capacity)));
    });
  }
});

describe('our policy is at most one point worse than plain LRU', () => {
  for (const trace of traces) {
    test(`on ${trace.name}`, () => {
      const entries = entriesOf(trace);
      const largest = Math.max(...entries.sizes);
      for (const share of [0.01, 0.05, 0.1, 0.4]) {
        const capacity = footprint(entries) * share;
        if (capacity < 8 * largest) continue; // no cache
        const worse = hits(entries, new Lru(capacity)) - hits(entries, new Ours(capacity));
        assert.ok(worse <= entries.keys.length / 100, `${worse} hits fewer at ${share}`);
      }
    });
  }
});
