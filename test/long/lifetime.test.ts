/** A million windows mapped, read and closed: what the process holds then is what it held before. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PAGE_SIZE } from 'smmap';
import { tempDir } from '../support/files.js';
import { IslandFile } from '../support/island-file.js';
import { publish } from '../support/proof.js';
import { scaled } from '../support/scale.js';
import type { CloseFigures, CloseOptions } from './programs/close.js';
import { figuresOf } from './programs/figures.js';

const WINDOWS = scaled(100_000, 1_000_000);

/** Ranges of closed windows that are kept out of use for a while, and what V8 may map meanwhile. */
const MOST_OTHER_LINES = 1100;

/**
 * How far the anonymous memory may end from where it began, in bytes. Garbage that
 * V8 has not collected yet explains it; a block of malloc's (32 bytes at least)
 * kept for each of a million windows would pass it.
 */
const BREATHING = 24 * 2 ** 20;

/**
 * Bytes that Node.js and this package keep of a closed window until the event loop
 * turns. They are malloc's after that, for the next windows; it gives them back to
 * the system when it sees fit.
 */
const UNTIL_THE_LOOP_TURNS = 512;

/** The young generation's size is V8's own choice; fixed, it hides nothing. */
const FLAGS = ['--max-semi-space-size=1'];

const STRETCHES: Readonly<Record<string, { stretch: number; warmUp: number }>> = {
  'with a turn of the event loop after each 1,000': { stretch: 1000, warmUp: WINDOWS / 10 },
  'in one synchronous loop': { stretch: WINDOWS, warmUp: WINDOWS },
};

describe(`${WINDOWS} windows, each mapped, read and closed`, () => {
  const path = join(tempDir(), 'islands.bin');
  const figures: Record<string, CloseFigures> = {};

  before(() => new IslandFile(path, PAGE_SIZE, 2 * WINDOWS).write());
  after(() => {
    rmSync(path);
    publish('lifetime', { windows: WINDOWS, windowSize: PAGE_SIZE, ...figures });
  });

  for (const [name, { stretch, warmUp }] of Object.entries(STRETCHES)) {
    test(name, async (t) => {
      const options = { path, windowSize: PAGE_SIZE, warmUp, windows: WINDOWS, stretch };
      const found = await figuresOf<CloseFigures>('close', options satisfies CloseOptions, FLAGS);
      figures[name] = found;
      t.diagnostic(JSON.stringify(found));
      const { begun, warmUp: first, measured, maps } = found;
      const { turned: before } = first;
      const { turned: after } = measured;
      assert.equal(maps, WINDOWS, 'every window was mapped anew');
      assert.equal(after.fileLines, 0);
      assert.ok(after.otherLines - begun.otherLines <= MOST_OTHER_LINES);
      assert.equal(after.descriptors, before.descriptors);
      assert.ok(after.anonymousBytes - before.anonymousBytes <= BREATHING);
      for (const [inLoop, then] of [
        [first.inLoop, begun],
        [measured.inLoop, before],
      ] as const) {
        const grown = inLoop.anonymousBytes - then.anonymousBytes;
        assert.ok(grown <= BREATHING + UNTIL_THE_LOOP_TURNS * stretch, `${grown} bytes`);
      }
    });
  }
});
