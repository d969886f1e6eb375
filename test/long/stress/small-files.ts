/** Very many very small files, each with content of its own. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentBytes, tempDir } from '../../support/files.js';

/** Files in one folder. */
const IN_FOLDER = 1_000;
/** From the beginning of one file's content to that of the next, in what all of it is taken from. */
const STRIDE = 128;

/** Files numbered from 0. */
export class SmallFiles {
  constructor(
    readonly dir: string,
    readonly count: number,
  ) {}

  /** Makes them, in a new folder. */
  static make(count: number): SmallFiles {
    const files = new SmallFiles(tempDir(), count);
    for (let i = 0; i < count; i++) {
      if (i % IN_FOLDER === 0) mkdirSync(files.#folder(i));
      writeFileSync(files.path(i), files.content(i));
    }
    return files;
  }

  #folder(i: number): string {
    return join(this.dir, `${Math.floor(i / IN_FOLDER)}`);
  }

  path(i: number): string {
    return join(this.#folder(i), `${i}`);
  }

  /** What file `i` holds: 1 to 127 bytes, unlike those of any other file. */
  content(i: number): Buffer {
    return contentBytes(i * STRIDE, 1 + (i % (STRIDE - 1)));
  }
}
