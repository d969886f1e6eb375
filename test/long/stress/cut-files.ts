/** Files that are cut short and made long again while others read them: which byte may be seen where. */

import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE_SIZE } from 'smmap';
import { contentByte, contentBytes } from '../../support/files.js';

/** Bytes in a file that is not cut; its last page is not full. */
export const SIZE = 48 * PAGE_SIZE - 100;
export const PAGES = Math.ceil(SIZE / PAGE_SIZE);
/** From the beginning of one file's content to that of the next, in what all of it is taken from. */
const STRIDE = 2 ** 20;
/** Every so many pages is one that may be cut in the middle. */
const TORN_EVERY = 8;

/** Files numbered from 0, each with content of its own. */
export class CutFiles {
  constructor(
    readonly dir: string,
    readonly count: number,
  ) {}

  /** Writes them. */
  make(): void {
    for (let file = 0; file < this.count; file++) {
      const fd = openSync(this.path(file), 'w');
      this.#append(fd, file, 0);
      closeSync(fd);
    }
  }

  path(file: number): string {
    return join(this.dir, `${file}`);
  }

  /** The right byte of an offset into a file. */
  byte(file: number, offset: number): number {
    return contentByte(file * STRIDE + offset);
  }

  /** Cuts a file; what then happens is `meanwhile`; and writes what was cut off again. */
  async cut(file: number, kept: number, meanwhile: () => Promise<void>): Promise<void> {
    const fd = openSync(this.path(file), 'r+');
    try {
      ftruncateSync(fd, kept);
      await meanwhile();
      this.#append(fd, file, kept);
    } finally {
      closeSync(fd);
    }
  }

  #append(fd: number, file: number, from: number): void {
    const bytes = contentBytes(file * STRIDE + from, SIZE - from);
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(fd, bytes, done, bytes.length - done, from + done);
    }
  }
}

/** Whether a cut may go through the middle of the page: such a cut is no fault, and the rest of it reads as zeros. */
export function mayBeTorn(page: number): boolean {
  return page % TORN_EVERY === TORN_EVERY - 1;
}

/** A place to cut at: now nothing is kept, now whole pages, now some of a page that may be torn. */
export function placeToCut(random: (from: number, to: number) => number): number {
  const page = random(0, PAGES);
  return page * PAGE_SIZE + (mayBeTorn(page) ? random(0, PAGE_SIZE - 100) : 0);
}
