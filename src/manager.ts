/** The managers: whom a program asks for cursors. */
import { Origin } from './claim.js';
import { WindowCursor } from './cursor.js';
import { announcing } from './events.js';
import { type MapManagerOptions, resolveLimits } from './manager-options.js';
import { RegionPool } from './pool.js';
import { type PathOrFd, pathSource, sourceOf } from './source.js';
import type { FileInfo, ManagerStats } from './stats.js';

/**
 * Maps whole files, one region a file, within limits: what is idle is unmapped when
 * there is need of room. For windows over large files see {@link SlidingWindowMapManager}.
 */
export class StaticWindowMapManager {
  readonly #pool: RegionPool;

  /** @throws TypeError, RangeError for options that make no sense */
  constructor(options?: MapManagerOptions) {
    const limits = resolveLimits(options);
    this.#pool = new RegionPool(new.target.mapsWholeFiles ? { ...limits, windowSize: 0 } : limits);
  }

  /** @internal */
  protected static get mapsWholeFiles(): boolean {
    return true;
  }

  /**
   * A cursor for a file, which is not touched before the cursor is used. A
   * descriptor may be closed after the cursor's first `useRegion`.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` · RangeError `ERR_OUT_OF_RANGE`
   * @throws MapClosedError
   */
  makeCursor(pathOrFd: PathOrFd): WindowCursor {
    this.#pool.checkOpen();
    return new WindowCursor(new Origin(this.#pool, sourceOf(pathOrFd)));
  }

  /** Unmaps every region that no cursor stands on. @returns regions unmapped */
  collect(): number {
    return announcing(() => this.#pool.collect());
  }

  /** Regions mapped now; smmap counts them as handles. */
  get numFileHandles(): number {
    return this.#pool.regionCount;
  }

  /** Files with at least one region mapped now. */
  get numOpenFiles(): number {
    return this.#pool.filesMapped;
  }

  /** Bytes in a window; 0 stands for whole files. */
  get windowSize(): number {
    return this.#pool.limits.windowSize;
  }

  /** Bytes of file mapped now. In whole pages: `stats().mappedBytes`. */
  get mappedMemorySize(): number {
    return this.#pool.mappedMemorySize;
  }

  /** Regions that may be mapped at one time. */
  get maxFileHandles(): number {
    return this.#pool.limits.maxOpenHandles;
  }

  /** Bytes that may be mapped at one time, counted in whole pages. */
  get maxMappedMemorySize(): number {
    return this.#pool.limits.maxMemorySize;
  }

  /** Counters and state, as of now. */
  stats(): ManagerStats {
    return this.#pool.stats();
  }

  /** Every file with its path, size and windows, as of now. */
  inspect(): FileInfo[] {
    return this.#pool.inspect();
  }

  /**
   * Unmaps every region of the files at or below a path, in use or not; their
   * cursors throw `MapClosedError` from then on. New cursors work.
   * @returns regions unmapped
   */
  closeUnder(basePath: string | URL | Buffer): number {
    return announcing(() => this.#pool.closeUnder(pathOf(basePath)));
  }

  /**
   * On Windows {@link closeUnder}, so that the files can be deleted there; elsewhere
   * mapped files can be deleted anyway and nothing happens.
   * @returns regions unmapped; 0 on other systems
   */
  forceMapHandleRemovalWin(basePath: string | URL | Buffer): number {
    const path = pathOf(basePath);
    return process.platform === 'win32' ? this.closeUnder(path) : 0;
  }

  /** Unmaps everything, in use or not; cursors throw `MapClosedError` from then on. Again does nothing. */
  close(): void {
    announcing(() => this.#pool.close());
  }

  /** Exactly `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Maps windows of files within limits, so that files of any size can be read: a
 * cursor moves from window to window, and the windows left longest ago are
 * unmapped when there is need of room.
 */
export class SlidingWindowMapManager extends StaticWindowMapManager {
  /** @internal */
  protected static override get mapsWholeFiles(): boolean {
    return false;
  }
}

function pathOf(basePath: string | URL | Buffer): string {
  return pathSource('basePath', basePath).path.toString();
}
