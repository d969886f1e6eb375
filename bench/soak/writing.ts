/** What writers of a soak do: each stores whole pages into a file that nobody else writes to at that time. */
import { closeSync, openSync, readSync } from 'node:fs';
import { MemoryMap, PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { isSteady, type SharedState } from './files.js';
import type { Reader } from './reader.js';

/** What a writer has at hand. */
export interface Writer extends Reader {
  readonly state: SharedState;
  /** Who it is: 1 or more. */
  readonly number: number;
}

/** Pages that one operation stores at most. */
const MOST_PAGES = 8;

/** Has a file to itself while `write` runs; does nothing when another has it. */
function owning(writer: Writer, write: (file: number) => void): void {
  const { files, state, number, random } = writer;
  let file = random(0, files.count);
  while (!files.isWritten(file)) file = random(0, files.count);
  if (Atomics.compareExchange(state.owners, file, 0, number) !== 0) return;
  try {
    write(file);
  } finally {
    Atomics.store(state.owners, file, 0);
  }
}

/** Pages to store into, in any order. */
function somePages({ files, random }: Writer, file: number): number[] {
  const pages = files.pages(file);
  return Array.from({ length: random(1, MOST_PAGES + 1) }, () => random(0, pages));
}

/** Asserts that the file has what was stored, unless it was cut meanwhile. */
function verify(
  writer: Writer,
  file: number,
  version: number,
  pages: readonly number[],
  changes: number,
): void {
  const { files, state, fail } = writer;
  const fd = openSync(files.path(file), 'r');
  try {
    const bytes = Buffer.alloc(PAGE_SIZE);
    for (const page of pages) {
      const got = readSync(fd, bytes, 0, PAGE_SIZE, page * PAGE_SIZE);
      const isRight = got === PAGE_SIZE && bytes.equals(files.bytes(file, version, page));
      if (isRight || !isSteady(state.changes, file, changes)) continue;
      fail(`file ${file}: page ${page} is not what was stored there`);
    }
  } finally {
    closeSync(fd);
  }
}

/** The operations by name. */
export const WRITES: Readonly<Record<string, (writer: Writer) => void>> = {
  'stores through windows': (writer) =>
    owning(writer, (file) => {
      const { files, state, random } = writer;
      const changes = Atomics.load(state.changes, file);
      const version = random(1, 1_000);
      const stored: number[] = [];
      const manager = new SlidingWindowMapManager({
        access: 'write',
        windowSize: 4 * PAGE_SIZE,
        maxMemorySize: 8 * PAGE_SIZE,
      });
      try {
        using cursor = manager.makeCursor(files.path(file));
        for (const page of somePages(writer, file)) {
          if (cursor.useRegion(page * PAGE_SIZE, PAGE_SIZE).size < PAGE_SIZE) continue; // it is cut
          files.bytes(file, version, page).copy(cursor.buffer());
          stored.push(page);
          if (random(0, 8) === 0) cursor.flush();
        }
      } finally {
        manager.close(); // says whether stores were lost
      }
      verify(writer, file, version, stored, changes);
    }),

  'stores into a map': (writer) =>
    owning(writer, (file) => {
      const { files, state, random } = writer;
      const changes = Atomics.load(state.changes, file);
      const version = random(1, 1_000);
      const stored: number[] = [];
      const map = MemoryMap.open(files.path(file), { access: 'write' });
      try {
        for (const page of somePages(writer, file)) {
          const [from, to] = [page * PAGE_SIZE, (page + 1) * PAGE_SIZE];
          if (to > map.length) continue;
          map.setSlice(files.bytes(file, version, page), from, to);
          stored.push(page);
          if (random(0, 8) === 0) map.flush(from, PAGE_SIZE);
        }
      } finally {
        map.close();
      }
      verify(writer, file, version, stored, changes);
    }),
};
