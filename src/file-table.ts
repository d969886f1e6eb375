/** The files of one manager, known by what they are. */
import { realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { MappedFile } from './file.js';
import { ManagedFile } from './managed-file.js';
import type { Source } from './source.js';

/** Files by identity. An entry stays while it has a region or a cursor. */
export class FileTable {
  readonly #entries = new Map<string, ManagedFile>();
  readonly #windowSize: number;
  readonly #writable: boolean;

  /** @param writable whether files are opened for writing too */
  constructor(windowSize: number, writable: boolean) {
    this.#windowSize = windowSize;
    this.#writable = writable;
  }

  get size(): number {
    return this.#entries.size;
  }

  [Symbol.iterator](): IterableIterator<ManagedFile> {
    return this.#entries.values();
  }

  /**
   * The entry of the file that `source` stands for now.
   * @throws Error of the system · NotMappableError
   */
  find(source: Source, flags: number): ManagedFile {
    const known = (identity: string) => this.#entries.get(identity)?.file;
    const file = MappedFile.find(source, flags, this.#writable, known);
    let entry = this.#entries.get(file.identity);
    if (entry === undefined) {
      entry = new ManagedFile(file, source, this.#windowSize);
      this.#entries.set(file.identity, entry);
    }
    return entry;
  }

  /** The entry of a file that has a region. */
  entryOf(file: MappedFile): ManagedFile {
    return this.#entries.get(file.identity) as ManagedFile; // an entry with a region is never dropped
  }

  /** Forgets an entry that has neither a region nor a cursor. */
  tidy(entry: ManagedFile): void {
    if (entry.regions.length > 0 || entry.leases.length > 0) return;
    this.drop(entry);
  }

  /** Forgets an entry: the next cursor for its file gets a new one. */
  drop(entry: ManagedFile): void {
    if (this.#entries.get(entry.file.identity) === entry) {
      this.#entries.delete(entry.file.identity);
    }
    entry.file.closeDescriptor();
  }

  /** Entries of files at or below a path; those named only by a descriptor have none. */
  under(basePath: string): ManagedFile[] {
    const bases = [resolve(basePath), realPath(basePath)];
    return [...this.#entries.values()].filter(({ file }) =>
      [...file.paths]
        .flatMap((path) => [path, realPath(path)])
        .some((path) => bases.some((base) => isWithin(base, path))),
    );
  }
}

/** Without links, as far as the path still exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function isWithin(base: string, path: string): boolean {
  const way = relative(base, path);
  return way === '' || (!isAbsolute(way) && way !== '..' && !/^\.\.[/\\]/.test(way));
}
