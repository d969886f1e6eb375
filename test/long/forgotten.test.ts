/** A million windows forgotten without `close()`, in one synchronous loop: the budget holds. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { tempDir } from '../support/files.js';
import { IslandFile } from '../support/island-file.js';
import { publish } from '../support/proof.js';
import { scaled } from '../support/scale.js';
import { figuresOf } from './programs/figures.js';
import type { ForgetFigures, ForgetOptions } from './programs/forget.js';

const WINDOWS = scaled(100_000, 1_000_000);
const WINDOW = 2 ** 16;
/** Of 64 GiB, all but a thousandth of them a hole. */
const FILE_WINDOWS = 2 ** 20;

/** Forgotten windows that may pile up where a limit has to bend anyway. */
const MOST_UNFOUND = 128;
/** Where searching in vain pays so seldom, a full collection may run once in so many steps. */
const STEPS_TO_A_FULL_COLLECTION = 16;

const path = join(tempDir(), 'islands.bin');
const figures: Record<string, ForgetFigures> = {};

async function forget(name: string, asked: Partial<ForgetOptions>): Promise<ForgetFigures> {
  const found = await figuresOf<ForgetFigures>('forget', {
    path,
    windowSize: WINDOW,
    fileWindows: FILE_WINDOWS,
    what: 'cursors',
    windows: WINDOWS,
    held: 0,
    budget: 1024,
    hardLimit: false,
    ...asked,
  } satisfies ForgetOptions);
  figures[name] = found;
  return found;
}

before(() => new IslandFile(path, WINDOW, FILE_WINDOWS).write());
after(() => {
  rmSync(path);
  publish('forgotten', {
    windows: WINDOWS,
    windowSize: WINDOW,
    fileSize: WINDOW * FILE_WINDOWS,
    ...figures,
  });
});

describe(`${WINDOWS} windows of a file of 64 GiB`, () => {
  for (const what of ['cursors', 'buffers'] as const) {
    for (const hardLimit of [false, true]) {
      for (const budget of [16, 1024]) {
        const name = `${what}, ${hardLimit ? 'hard' : 'soft'} budget of ${budget} windows`;
        test(name, async (t) => {
          const found = await forget(name, { what, hardLimit, budget });
          t.diagnostic(JSON.stringify(found));
          assert.equal(found.mostMapped, budget * WINDOW);
          assert.equal(found.stats.misses, WINDOWS);
          assert.equal(found.stats.bent + found.stats.retries, 0);
        });
      }
    }
  }
});

describe('1,000 cursors held while others are forgotten', () => {
  const held = 1000;
  const windows = scaled(24_000, 120_000);
  let alone: ForgetFigures;

  before(async () => {
    alone = await forget('none held', { windows, budget: 1024 });
  });

  for (const hardLimit of [false, true]) {
    for (const room of [1, 2, 24]) {
      const budget = held + room;
      const name = `${held} held, ${hardLimit ? 'hard' : 'soft'} budget of ${budget} windows`;
      test(name, async (t) => {
        // With room for one, every step has to collect garbage, and often all of it.
        const found = await forget(name, {
          held,
          hardLimit,
          budget,
          windows: (windows / 24) * room,
        });
        t.diagnostic(compare(found, alone));
        assert.equal(found.mostMapped, budget * WINDOW);
        assert.equal(found.wrong + found.stats.bent, 0);
      });
    }
  }

  test('a budget of half of what is held', async (t) => {
    const found = await forget(t.name, { held, budget: held / 2, windows });
    t.diagnostic(compare(found, alone));
    assert.equal(found.wrong, 0);
    assert.ok(found.mostMapped <= (held + MOST_UNFOUND) * WINDOW);
    assert.ok(found.fullCollections <= windows / STEPS_TO_A_FULL_COLLECTION);
  });
});

function compare(found: ForgetFigures, alone: ForgetFigures): string {
  const ratio = found.microsecondsPerWindow / alone.microsecondsPerWindow;
  return (
    `${found.microsecondsPerWindow.toFixed(1)} µs a window, ${ratio.toFixed(1)} times as much as ` +
    `with none held; ${found.collections} collections, ${found.fullCollections} of them full`
  );
}
