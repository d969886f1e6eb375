/** What is still had of the files in a folder: the kernel says, not our own counters. Linux only. */

import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { processCounts } from 'smmap';
import { mapped } from '../../support/proc-maps.js';

const DESCRIPTORS = '/proc/self/fd';

/** Descriptors of this process that are open on files below the folder, removed ones included. */
export function openBelow(dir: string): number {
  const targets = readdirSync(DESCRIPTORS).map((fd) => {
    try {
      return readlinkSync(join(DESCRIPTORS, fd));
    } catch {
      return ''; // the one that this very listing was read through
    }
  });
  return targets.filter((target) => target.startsWith(`${dir}/`)).length;
}

/** Asserts that nothing of the files below the folder is mapped or open, and that the package has nothing mapped. */
export function assertNothingLeft(dir: string): void {
  assert.equal(mapped(dir).lines, 0, 'mappings are left');
  assert.equal(openBelow(dir), 0, 'descriptors are left');
  assert.equal(processCounts().maps, 0, 'mappings are counted still');
}
