/** What every case of smmap's own suite works on: its file size and its limits. */

import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { contentBytes, tempDir, writeContent } from './files.js';

/** Bytes in the file: no multiple of a page or of a window. */
export const SIZE = 1000 * 1000 * 8 + 5195;

/** The file; its bytes depend on their position, where those of smmap's own file are zeros. */
export const path = join(tempDir(), 'suite.bin');
writeContent(path, SIZE);

/** What the file holds. */
export const data = contentBytes(0, SIZE);

/** The limits under which regions have to go. */
export const LIMITS = { maxMemorySize: Math.floor(SIZE / 3), maxOpenHandles: 15 };

/** The window of a manager that gets small mappings only. */
export const SMALL_WINDOW = Math.floor(SIZE / 100);

/** Runs `body` with the path, then with an open descriptor of the file. */
export function forPathAndDescriptor(body: (item: string | number) => void): void {
  body(path);
  const fd = openSync(path, 'r');
  try {
    body(fd);
  } finally {
    closeSync(fd);
  }
}
