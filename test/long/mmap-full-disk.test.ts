/**
 * A disk that is full: `resize` says so and changes nothing, and what it did give can be
 * stored into to the last byte. A store without a block behind it would end the process.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tempDir } from '../support/files.js';
import { publish } from '../support/proof.js';
import { scaled } from '../support/scale.js';
import { figuresWithMounts, whyNoImages } from './programs/ext4.js';
import type { GrowFigures, GrowOptions } from './programs/grow-full-disk.js';

const TRIES = scaled(100, 1_000);

test(`${TRIES} times resize on a disk that is full`, { skip: whyNoImages() }, async (t) => {
  const options: GrowOptions = { dir: tempDir(), tries: TRIES };
  const figures = await figuresWithMounts<GrowFigures>('grow-full-disk', options);
  t.diagnostic(JSON.stringify(figures));
  assert.equal(figures.grown + figures.refused, TRIES);
  assert.ok(figures.refused >= TRIES / 4, 'the disk was full');
  assert.ok(figures.grown >= TRIES / 10, 'and not always');
  publish('mmap-full-disk', { ...figures });
});
