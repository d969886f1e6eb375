/** A manager's files and windows as plain numbers, to be shown. */
import type { RegionHolder } from './errors.js';
import type { ManagedFile } from './managed-file.js';
import type { FileInfo } from './stats.js';

/** Every file with its windows. */
export function inspect(files: Iterable<ManagedFile>): FileInfo[] {
  return [...files].map(({ file, regions }) => ({
    path: file.name,
    size: file.size,
    windows: [...regions].map(({ ofsBegin: offset, size, users, lastUse }) => {
      return { offset, size, users, lastUse };
    }),
  }));
}

/** Every region in use, the largest first. */
export function holders(files: Iterable<ManagedFile>): RegionHolder[] {
  const held: RegionHolder[] = [];
  for (const { path: file, windows } of inspect(files)) {
    for (const { offset, size, users } of windows) {
      if (users > 0) held.push({ file, offset, size, users });
    }
  }
  return held.sort((a, b) => b.size - a.size);
}
