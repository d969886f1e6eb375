/** File systems that a test mounts: seen by one process and its children, and gone with them. */

import { spawnSync } from 'node:child_process';

/**
 * The ways to be allowed to mount, for the option `under` of `runChild`: as the superuser,
 * or as that of a namespace of one's own, whom the kernel allows less.
 */
const WAYS = [
  ['unshare', '--mount'],
  ['unshare', '--mount', '--map-root-user'],
] as const;

/** The first way in which `command`, which mounts something, succeeds; `undefined`: none. */
export function wayToMount(command: readonly string[]): readonly string[] | undefined {
  return WAYS.find(([program, ...args]) => spawnSync(program, [...args, ...command]).status === 0);
}
