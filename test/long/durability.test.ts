/**
 * Power cuts: what `flush` and `flushAsync` have returned from is in a copy of the disk taken
 * at that moment. The disk is an image with ext4, the copy is mounted as after a crash.
 */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { tempDir } from '../support/files.js';
import { publish } from '../support/proof.js';
import { scaled } from '../support/scale.js';
import { figuresWithMounts, whyNoImages } from './programs/ext4.js';
import type { PowerCutFigures, PowerCutOptions } from './programs/power-cut.js';

const CUTS = scaled(5, 100);
/** Cuts after which something that was not flushed must have been lost. */
const FEW = 5;

const skip = whyNoImages();
const published: Record<string, PowerCutFigures> = {};

function cutPower(options: Omit<PowerCutOptions, 'dir'>): Promise<PowerCutFigures> {
  return figuresWithMounts<PowerCutFigures>('power-cut', { ...options, dir: tempDir() });
}

for (const flush of ['flush', 'flushAsync'] as const) {
  for (const grows of [false, true]) {
    const name = `${CUTS} power cuts after ${flush}${grows ? ' in a file that resize made larger' : ''}`;
    test(name, { skip }, async (t) => {
      const figures = await cutPower({ cuts: CUTS, flush, grows });
      t.diagnostic(JSON.stringify(figures));
      assert.ok(figures.kept >= CUTS);
      assert.equal(figures.lost, 0);
      assert.equal(figures.short, 0);
      published[name] = figures;
    });
  }
}

for (const grows of [false, true]) {
  const name = `without a flush records are lost${grows ? ', and what resize added' : ''}`;
  test(name, { skip }, async (t) => {
    const figures = await cutPower({ cuts: FEW, flush: 'nothing', grows });
    t.diagnostic(JSON.stringify(figures));
    assert.ok(figures.lost > 0);
    assert.equal(figures.short > 0, grows);
    published[name] = figures;
  });
}

after(() => {
  if (!skip) publish('durability', published);
});
