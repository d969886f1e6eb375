/** Sparse files for a million windows: only here and there one has content. */

import { contentByte, type Stretch, writeIslands } from './files.js';

/** Of so many windows one has content: a prime, so that no budget falls into step with it. */
const BETWEEN = 1009;
/** Bytes of content at the beginning of such a window. */
const ISLAND = 16;

/** A file of equal windows, most of which are holes. Window `k` begins at `k × windowSize`. */
export class IslandFile {
  /** @param windowSize bytes */
  constructor(
    readonly path: string,
    readonly windowSize: number,
    readonly windows: number,
  ) {}

  get size(): number {
    return this.windows * this.windowSize;
  }

  /** Whether window `k` begins with content that depends on its position. */
  isIsland(k: number): boolean {
    return k % BETWEEN === 0;
  }

  /** The right first byte of window `k`. */
  firstByte(k: number): number {
    return this.isIsland(k) ? contentByte(k * this.windowSize) : 0;
  }

  write(): void {
    const islands: Stretch[] = [];
    for (let k = 0; k < this.windows; k += BETWEEN) {
      islands.push({ offset: k * this.windowSize, length: ISLAND });
    }
    writeIslands(this.path, this.size, islands);
  }
}
