/** A file as ranges of bytes. */
import type { PathOrFd, StaticWindowMapManager } from '../index.js';
import { FileBytes } from './file-bytes.js';

/** What hyparquet calls an AsyncBuffer, and others their source of ranges. */
export interface RangeSource {
  /** Bytes in the file, when it was opened. */
  readonly byteLength: number;
  /**
   * A copy of the bytes from `start` to `end`, in memory of their own; bounds as those of
   * `ArrayBuffer.prototype.slice`: negative ones count from the end, those outside are cut.
   * @throws RangeError `ERR_OUT_OF_RANGE` for a fraction or NaN, and where one ArrayBuffer cannot
   * hold the bytes · TypeError `ERR_INVALID_ARG_TYPE` · MapClosedError · MapFaultError · Error of the system
   */
  slice(start?: number, end?: number): ArrayBuffer;
  /** Lets the file go. Again does nothing. */
  close(): void;
  /** Exactly `close()`. */
  [Symbol.dispose](): void;
}

/**
 * The file as ranges, read through the manager's windows. The file is opened now.
 * @throws Error of the system · NotMappableError · BudgetExceededError · MapClosedError
 */
export function ranges(manager: StaticWindowMapManager, path: PathOrFd): RangeSource {
  const file = FileBytes.of(manager, path);
  const byteLength = file.length;
  const close = () => file.close();
  return {
    byteLength,
    slice: (start, end) => file.use((bytes) => bytes.slice(start, end)).buffer as ArrayBuffer,
    close,
    [Symbol.dispose]: close,
  };
}
