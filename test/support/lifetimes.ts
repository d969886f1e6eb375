/** Managers and files of which, in the end, nothing may be left. Linux only. */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  PAGE_SIZE,
  SlidingWindowMapManager,
  StaticWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { descriptorsOn } from './descriptors.js';
import { contentBytes, tempDir, writeContent } from './files.js';
import { mapped } from './proc-maps.js';

const WINDOW = 2 * PAGE_SIZE;
/** Bytes in a file. */
export const SIZE = 5 * PAGE_SIZE + 77;
/** Where all files lie. */
export const dir = tempDir();

export type Manager = SlidingWindowMapManager | StaticWindowMapManager;

/** Makes managers of both kinds, with windows of two pages where there are windows. */
export const MANAGERS: Readonly<Record<string, (maxMemorySize?: number) => Manager>> = {
  sliding: (maxMemorySize = 0) =>
    new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize }),
  static: (maxMemorySize = 0) => new StaticWindowMapManager({ maxMemorySize }),
};

let made = 0;

/** A new folder with one file in it. */
export function newFile(size = SIZE): string {
  const folder = join(dir, `folder-${++made}`);
  mkdirSync(folder);
  const path = join(folder, 'file.bin');
  writeContent(path, size);
  return path;
}

/** The folder that holds a file of {@link newFile}, and nothing else. */
export function folderOf(path: string): string {
  return join(path, '..');
}

/** A cursor that has read the file's first and last bytes, and stands at its end. */
export function read(manager: Manager, name: string | number, size = SIZE): WindowCursor {
  const cursor = manager.makeCursor(name);
  for (const offset of [0, size - 10]) {
    assert.deepEqual(cursor.useRegion(offset, 10).buffer(), contentBytes(offset, 10));
  }
  return cursor;
}

/** The manager knows nothing any more, and the system holds nothing for it. */
export function assertNothingLeft(manager: Manager): void {
  const { regions, files, mappedBytes, maps, unmaps } = manager.stats();
  assert.deepEqual({ regions, files, mappedBytes }, { regions: 0, files: 0, mappedBytes: 0 });
  assert.equal(maps, unmaps);
  assert.deepEqual(manager.inspect(), []);
  assert.deepEqual(
    [manager.numFileHandles, manager.numOpenFiles, manager.mappedMemorySize],
    [0, 0, 0],
  );
  assert.deepEqual(mapped(dir), { lines: 0, bytes: 0 });
  assert.equal(descriptorsOn(dir), 0);
}
