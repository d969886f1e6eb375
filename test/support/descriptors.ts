/** What this process has open, as the system says (Linux only), and having it closed. */

import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { withDescriptors } from '#src/descriptors.js';

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

/** Has the package let go of every descriptor that it can open again. */
export function letDescriptorsGo(): void {
  const none = Object.assign(new Error(), { code: 'EMFILE', errno: -1, syscall: 'open' });
  assert.throws(
    () =>
      withDescriptors(() => {
        throw none; // what opening a file says when there is none left, however many are let go
      }),
    none,
  );
}
