/** Loops over many distinct windows of one file, each used once, none of which awaits anything. */

import assert from 'node:assert/strict';
import { SlidingWindowMapBuffer, type StaticWindowMapManager } from 'smmap';
import type { IslandFile } from './island-file.js';
import { mapped } from './proc-maps.js';

/** Maps the windows `from` to `to`, each under a cursor of its own that reads it and is closed. */
export function closeWindows(
  manager: StaticWindowMapManager,
  file: IslandFile,
  from: number,
  to: number,
): void {
  for (let k = from; k < to; k++) {
    const cursor = manager.makeCursor(file.path).useRegion(k * file.windowSize);
    const view = cursor.buffer();
    if (view.length !== file.windowSize || view[0] !== file.firstByte(k)) wrong(k);
    cursor.close();
  }
}

/** Uses window `k` and lets go of everything without a word. */
export type Forget = (manager: StaticWindowMapManager, file: IslandFile, k: number) => void;

/**
 * What can be forgotten. Only windows with content are read: the kernel fills a
 * page, and those around it, for each hole that is touched.
 */
export const FORGET = {
  cursors(manager, file, k) {
    const view = manager
      .makeCursor(file.path)
      .useRegion(k * file.windowSize)
      .buffer();
    if (view.length !== file.windowSize) wrong(k);
    if (file.isIsland(k) && view[0] !== file.firstByte(k)) wrong(k);
  },
  buffers(manager, file, k) {
    const cursor = manager.makeCursor(file.path);
    const buffer = new SlidingWindowMapBuffer(cursor, k * file.windowSize, file.windowSize);
    if (buffer.length !== file.windowSize) wrong(k);
    if (file.isIsland(k) && buffer.at(0) !== file.firstByte(k)) wrong(k);
  },
} satisfies Record<string, Forget>;

function wrong(k: number): never {
  assert.fail(`window ${k} does not read as it should`);
}

/**
 * Uses and forgets the windows `from` to `to`. Every `every` steps what the
 * manager counts is compared with what the kernel has.
 * @returns the most bytes that were mapped after any step
 */
export function forgetWindows(
  forget: Forget,
  manager: StaticWindowMapManager,
  file: IslandFile,
  from: number,
  to: number,
  every: number,
): number {
  let most = 0;
  for (let k = from; k < to; k++) {
    forget(manager, file, k);
    const { mappedBytes } = manager.stats();
    most = Math.max(most, mappedBytes);
    if (k % every === 0) assert.equal(mapped(file.path).bytes, mappedBytes);
  }
  return most;
}
