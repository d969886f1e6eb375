/** What the kernel says is mapped: the judge of every limit. Linux only. */

import { readFileSync } from 'node:fs';

/** One line of `/proc/self/maps`. Sizes and offsets in bytes. */
export interface MapsLine {
  /** Bytes of address space, in whole pages. */
  size: number;
  /** Offset into the file. */
  offset: number;
  /** The file's path, or a name in brackets, or empty for anonymous memory. */
  path: string;
}

/** Mappings of a file: how many lines, and how many bytes of address space. */
export interface Mapped {
  lines: number;
  bytes: number;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) \S+ \d+ *(.*)$/;

/** Every mapping of this process. */
export function mapsLines(): MapsLine[] {
  return readFileSync('/proc/self/maps', 'utf8').trimEnd().split('\n').map(parseLine);
}

function parseLine(line: string): MapsLine {
  const [, start, end, offset, path] = LINE.exec(line) ?? [];
  if (start === undefined || end === undefined || offset === undefined || path === undefined) {
    throw new Error(`not a line of /proc/self/maps: ${line}`);
  }
  return {
    size: Number(BigInt(`0x${end}`) - BigInt(`0x${start}`)),
    offset: Number.parseInt(offset, 16),
    path,
  };
}

/**
 * What is mapped of the file at `path`, or of all files below the folder `path`,
 * a file whose name was removed included. `path` must be free of links.
 * The kernel joins neighbours, so `lines` may be fewer than the mappings that
 * were made; `bytes` is exact.
 */
export function mapped(path: string): Mapped {
  const lines = mapsLines().filter(
    (line) =>
      line.path === path || line.path === `${path} (deleted)` || line.path.startsWith(`${path}/`),
  );
  return { lines: lines.length, bytes: lines.reduce((sum, line) => sum + line.size, 0) };
}
