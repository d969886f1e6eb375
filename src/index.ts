/// <reference types="node" preserve="true" />
/** Everything that `import 'smmap'` gives. */

export type { Advice } from './advice.js';
export { SlidingWindowMapBuffer } from './buffer.js';
export * from './constants.js';
export { type UseRegionOptions, WindowCursor } from './cursor.js';
export {
  BudgetExceededError,
  FileChangedError,
  InvalidCursorError,
  MapClosedError,
  MapFaultError,
  NotMappableError,
  ReadOnlyError,
  type RegionHolder,
  SmmapError,
} from './errors.js';
export { setFaultGuard } from './fault-guard.js';
export type { Findable } from './file-like-bytes.js';
export type { LinesOptions, SomeLines, TextLinesOptions } from './lines.js';
export { SlidingWindowMapManager, StaticWindowMapManager } from './manager.js';
export type { MapManagerOptions } from './manager-options.js';
export type { MapAccess, MemoryMapOptions, OpenMapOptions } from './map-options.js';
export type { MatchAllOptions } from './match-all.js';
export { type FlushOptions, MemoryMap } from './memory-map.js';
export { type ProcessCounts, processCounts, type SystemError } from './native.js';
export { ALLOCATION_GRANULARITY, alignToMmap, is64Bit, PAGE_SIZE } from './page.js';
export type { PrefetchOptions } from './prefetch.js';
export type { ReadableBytes } from './readable-bytes.js';
export { MapRegion } from './region.js';
export { MapRegionList } from './region-list.js';
export type { SearchValue } from './search.js';
export type { PathOrFd } from './source.js';
export type { EvictionCause, FileInfo, ManagerStats, WindowInfo } from './stats.js';
export { type HasRange, MapWindow } from './window.js';
export type { BytesLike } from './writable-bytes.js';
