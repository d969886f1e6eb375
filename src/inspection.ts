/** A manager's files and windows as plain numbers, to be shown. */
import type { RegionHolder } from './errors.js';
import type { ManagedFile } from './managed-file.js';
import type { MapRegion } from './region.js';
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

/** Every region in use, and every one that must stay for its private stores; the largest first. */
export function holders(files: Iterable<ManagedFile>): RegionHolder[] {
  const held: RegionHolder[] = [];
  for (const { file, regions, leases } of files) {
    const stacks = new Map<MapRegion, string[]>();
    for (const { region, stack } of leases) {
      if (region === undefined || stack === undefined) continue;
      stacks.set(region, [...(stacks.get(region) ?? []), stack]);
    }
    for (const region of regions) {
      const { ofsBegin: offset, size, users } = region;
      const where = stacks.get(region);
      if (users === 0 && region.segment !== undefined) continue; // idle: it could go
      held.push({ file: file.name, offset, size, users, ...(where && { stacks: where }) });
    }
  }
  return held.sort((a, b) => b.size - a.size);
}
