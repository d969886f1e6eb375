/** Limits that the system sets a process, narrowed while it runs. Linux only. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What the kernel says of this process's memory in `/proc/self/status`, in bytes. */
export function memoryOf(field: 'VmSize' | 'VmData' | 'VmRSS'): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
}

/**
 * Sets a soft limit of this process, as the shell's `ulimit` would have.
 * @param what bytes of addresses (`ulimit -v`), bytes of data (`-d`), descriptors (`-n`)
 */
export function setLimit(what: 'as' | 'data' | 'nofile', most: number): void {
  execFileSync('prlimit', [`--pid=${process.pid}`, `--${what}=${most}:`]);
}
