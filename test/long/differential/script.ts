/** The words of the differential test: what both sides are asked, and what they say. */

/** A name under which a manager is given a file. */
export interface Name {
  path: string;
  /** Which content it stands for: two names of one file have the same number. */
  file: number;
  /** The manager is given an open descriptor and not the path. */
  byDescriptor: boolean;
}

/** What a manager is made with: bytes and counts. */
export interface Limits {
  /** 0: the static manager. */
  windowSize: number;
  maxMemorySize: number;
  /** 0: no limit. */
  maxOpenHandles: number;
}

/**
 * One call, or one loop as a caller writes it. Cursors and buffers have numbers
 * that are used once in a script, so that any part of a script is a script: a
 * step on something that was not made does nothing on either side.
 */
export type Step =
  | { do: 'makeCursor'; cursor: number; name: number }
  | { do: 'useRegion'; cursor: number; offset: number; size: number }
  | { do: 'unuse'; cursor: number }
  /** What the cursor stands on, read. */
  | { do: 'view'; cursor: number }
  /** `length` bytes, by as many calls of `useRegion` as it takes. */
  | { do: 'read'; cursor: number; offset: number; length: number }
  /** A copy of `from`: assigned when the cursor is there, else a clone. */
  | { do: 'copy'; cursor: number; from: number }
  | { do: 'close'; cursor: number }
  /** A buffer with a cursor of its own; size 0 is all there is. */
  | { do: 'open'; buffer: number; name: number; offset: number; size: number }
  | { do: 'slice'; buffer: number; start: number; stop: number }
  | { do: 'byte'; buffer: number; index: number }
  | { do: 'end'; buffer: number }
  | { do: 'collect' };

export interface Script {
  limits: Limits;
  steps: Step[];
}

/** A range of a file: first byte and one past the last. */
export type Range = readonly [begin: number, end: number];

/** Where a cursor stands after a step, and how many bytes were or can be read from which offset. */
export interface Place {
  at: number | null;
  length: number;
  region: Range | null;
}

/** What a step came to: nothing, an error, a place, or how many regions were collected. */
export type Result = null | 'refused' | Place | { count: number };

/** A region: file, first byte, size, cursors on it. */
export type RegionRow = readonly [file: number, begin: number, size: number, users: number];

/** All that is compared after a step, the bytes aside. */
export interface Seen {
  result: Result;
  /** Sorted. */
  regions: RegionRow[];
  /** Regions, files with regions, bytes mapped: as the manager counts them. */
  counts: readonly [regions: number, files: number, bytes: number];
}

/** Bytes that a step read, and where they lie. */
export interface Reading {
  file: number;
  at: number;
  bytes: Buffer;
}

/** What one side says of a script, step by step. */
export interface Answer {
  seen: Seen[];
  /** Those of steps that read nothing are `undefined`. */
  readings: (Reading | undefined)[];
}

/** Regions in the order in which all sides list them. */
export function inOrder(regions: RegionRow[]): RegionRow[] {
  return regions.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3]);
}
