import { readFileSync } from 'node:fs';

/** What the process holds in physical memory, in bytes. */
export interface ResidentSet {
  /** All resident pages. */
  total: number;
  /** The highest total since the process started. */
  peak: number;
  /** Pages that belong to no file: heap, stacks. Linux only. */
  anonymous?: number;
  /** Pages of mapped files: programs, libraries and windows. Linux only. */
  file?: number;
}

/** Asks the system for the process's resident set. */
export function residentSet(): ResidentSet {
  const total = process.memoryUsage.rss();
  const peak = process.resourceUsage().maxRSS * 1024;
  const status = readStatus();
  const anonymous = kilobytes(status, 'RssAnon');
  const file = kilobytes(status, 'RssFile');
  return {
    total,
    // The two figures come from different counters of the kernel, which are not exact to the page.
    peak: Math.max(total, peak),
    ...(anonymous !== undefined && { anonymous }),
    ...(file !== undefined && { file }),
  };
}

function readStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'latin1');
  } catch {
    return ''; // no such file but on Linux
  }
}

function kilobytes(status: string, field: string): number | undefined {
  const figure = new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1];
  return figure === undefined ? undefined : Number(figure) * 1024;
}
