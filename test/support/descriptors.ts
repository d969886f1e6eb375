/** What this process has open, as the system says (Linux only), and having it closed. */

import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { MemoryMap } from 'smmap';
import { native } from '#src/native.js';

/** How many descriptors are open on the file at `path`, or on files below the folder `path`. */
export function descriptorsOn(path: string): number {
  const targets = readdirSync('/proc/self/fd').map(targetOf);
  return targets.filter((target) => target === path || target.startsWith(`${path}/`)).length;
}

/** The file behind a descriptor, by the name that it had last; nothing for the one that listed them. */
function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).replace(/ \(deleted\)$/, '');
  } catch {
    return '';
  }
}

/** Has the package let go of every descriptor that it can open again: as when there is none left. */
export function letDescriptorsGo(): void {
  const { open } = native;
  native.open = () => {
    throw Object.assign(new Error(), { errno: -constants.errno.EMFILE, syscall: 'open' });
  };
  try {
    assert.throws(() => MemoryMap.open(process.execPath), { code: 'EMFILE' });
  } finally {
    native.open = open;
  }
}
