/**
 * Where windows lie: window `k` of a file covers `[k × size, (k + 1) × size)`, cut
 * at the file's end. Fixed places never overlap and leave no slivers between
 * them, and finding a window is one look-up however many there are.
 */

/** A range of a file: `begin` included, `end` not; bytes from its beginning. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/** The number of the window that holds `offset`. A size of 0 is one window for the whole file. */
export function cellOf(offset: number, windowSize: number): number {
  return windowSize === 0 ? 0 : Math.floor(offset / windowSize);
}

/** The range of window `cell` in a file of `fileSize` bytes. */
export function cellRange(cell: number, windowSize: number, fileSize: number): Range {
  return { begin: cell * windowSize, end: cellEnd(cell, windowSize, fileSize) };
}

/** The end of that range alone. */
export function cellEnd(cell: number, windowSize: number, fileSize: number): number {
  return windowSize === 0 ? fileSize : Math.min((cell + 1) * windowSize, fileSize);
}
