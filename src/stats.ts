/** What a manager counts and shows. */
/** Why a region was unmapped before its time. */
export type EvictionCause = 'maxMemorySize' | 'maxOpenHandles' | 'ENOMEM' | 'ceiling';

/** Counters of a manager since it was made, and its state now. Sizes in bytes. */
export interface ManagerStats {
  /** Uses of a region that was mapped already. */
  hits: number;
  /** Uses that had to map. */
  misses: number;
  /** Small reads, of a buffer, that were made without mapping their window. */
  directReads: number;
  /** Regions mapped. */
  maps: number;
  /** Regions unmapped, for whatever reason. */
  unmaps: number;
  /** Regions unmapped to make room. */
  evictions: number;
  /** The same by what they made room for. */
  evictionsBy: Record<EvictionCause, number>;
  /** Mappings tried again after the system had said no. */
  retries: number;
  /** Pages lost and survived, as often as it was noticed. */
  faults: number;
  /** Cursors that were forgotten without `close()` and found. */
  leaked: number;
  /** Times a limit bent because everything mapped was in use. */
  bent: number;
  /** Mapped now. */
  regions: number;
  /** Files known now: with a region or a cursor. */
  files: number;
  /** Whole pages mapped now, as `/proc/self/maps` shows them. */
  mappedBytes: number;
  /** The most that `mappedBytes` has been. */
  peakMappedBytes: number;
}

/** A window as `inspect()` shows it. */
export interface WindowInfo {
  /** First byte, an offset into the file. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  /** Cursors on it. */
  readonly users: number;
  /** When it was last entered or left: a number that only grows. */
  readonly lastUse: number;
}

/** A file as `inspect()` shows it. */
export interface FileInfo {
  /** As it was first named; the number for one that was given as a descriptor. */
  readonly path: string | number;
  /** Bytes, when it was last looked at. */
  readonly size: number;
  /** In the order of their offsets. */
  readonly windows: readonly WindowInfo[];
}

/** Counters at zero. */
export function freshStats(): ManagerStats {
  return {
    hits: 0,
    misses: 0,
    directReads: 0,
    maps: 0,
    unmaps: 0,
    evictions: 0,
    evictionsBy: { maxMemorySize: 0, maxOpenHandles: 0, ENOMEM: 0, ceiling: 0 },
    retries: 0,
    faults: 0,
    leaked: 0,
    bent: 0,
    regions: 0,
    files: 0,
    mappedBytes: 0,
    peakMappedBytes: 0,
  };
}
