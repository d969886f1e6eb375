/** The files that scripts read: of every size that a page makes interesting, under several names. */

import { openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE_SIZE } from 'smmap';
import { contentBytes, tempDir } from '../../support/files.js';
import type { Known } from './compare.js';
import type { Key } from './ours.js';

/** Bytes: from nothing to 40 pages. */
const SIZES = [
  0,
  1,
  100,
  PAGE_SIZE - 1,
  PAGE_SIZE,
  PAGE_SIZE + 1,
  3 * PAGE_SIZE,
  8 * PAGE_SIZE - 1,
  12 * PAGE_SIZE + 7,
  24 * PAGE_SIZE,
  40 * PAGE_SIZE + 1,
];
/** Files that have a second name, and those that also come as a descriptor. */
const LINKED = [4, 8];
const AS_DESCRIPTOR = [7, 9];
/** Bytes between the beginnings of two files in one endless content: no two are alike anywhere. */
const APART = 2 ** 30;

/** By name: how this package takes it, and what is to be read under it. */
export interface Files {
  keys: readonly Key[];
  known: readonly Known[];
}

/** New files that are gone, with their descriptors, when the process ends. */
export function makeFiles(): Files {
  const dir = tempDir();
  const contents = SIZES.map((size, file) => contentBytes(file * APART, size));
  const paths = contents.map((content, file) => {
    const path = join(dir, `file-${file}`);
    writeFileSync(path, content);
    return path;
  });
  const links = LINKED.map((file) => {
    const path = join(dir, `link-${file}`);
    symlinkSync(paths[file] as string, path);
    return { path, file, byDescriptor: false };
  });
  const names = [
    ...paths.map((path, file) => ({ path, file, byDescriptor: false })),
    ...links,
    ...AS_DESCRIPTOR.map((file) => ({ path: paths[file] as string, file, byDescriptor: true })),
    { path: join(dir, 'missing'), file: SIZES.length, byDescriptor: false },
  ];
  return {
    keys: names.map((name) => {
      return { ...name, key: name.byDescriptor ? openSync(name.path, 'r') : name.path };
    }),
    known: names.map(({ file }) => {
      return { file, size: SIZES[file], content: contents[file] ?? Buffer.alloc(0) };
    }),
  };
}
