/** What the system says this process has open. Linux only. */

import { readdirSync, readlinkSync } from 'node:fs';

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
