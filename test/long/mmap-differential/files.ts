/** The files of a script, one set for each side, alike at the beginning. */

import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../../support/files.js';

/** Text of lines each of which says where it begins, and in which file. */
export function lines(file: number, size: number): Buffer {
  let text = '';
  while (text.length < size) text += `${file}@${text.length}\n`;
  return Buffer.from(text.slice(0, size));
}

/** The same files twice. */
export class TwoSets {
  readonly theirs: readonly string[];
  readonly ours: readonly string[];

  /** @param count files in a set */
  constructor(count: number) {
    const names = Array.from({ length: count }, (_, file) => `file-${file}`);
    const dir = tempDir();
    for (const side of ['theirs', 'ours']) mkdirSync(join(dir, side));
    this.theirs = names.map((name) => join(dir, 'theirs', name));
    this.ours = names.map((name) => join(dir, 'ours', name));
  }

  /** New files of these sizes. */
  make(sizes: readonly number[]): void {
    for (const [file, size] of sizes.entries()) {
      const content = lines(file, size);
      for (const path of [this.theirs[file], this.ours[file]] as string[]) {
        unlinkIfThere(path);
        writeFileSync(path, content);
      }
    }
  }

  /** The first file that is not alike on both sides. */
  different(): number | undefined {
    const file = this.ours.findIndex((path, file) => {
      return !readFileSync(path).equals(readFileSync(this.theirs[file] as string));
    });
    return file === -1 ? undefined : file;
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
