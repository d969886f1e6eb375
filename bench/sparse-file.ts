/** A file that is large and takes no room on the disk. */
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../test/support/files.js';

/** Makes one of so many bytes, all zero; it goes when the process ends. */
export function sparseFile(bytes: number): string {
  const path = join(tempDir(), 'sparse');
  const fd = openSync(path, 'w');
  ftruncateSync(fd, bytes);
  closeSync(fd);
  return path;
}
