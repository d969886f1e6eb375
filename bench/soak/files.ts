/** The files of a soak: which bytes may stand where, whoever cuts, replaces or writes them meanwhile. */
import {
  closeSync,
  ftruncateSync,
  openSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { PAGE_SIZE } from 'smmap';
import { contentByte } from '../../test/support/files.js';
import { randomFrom } from '../../test/support/random.js';

/** Every so many files is one that is written to through mappings; the others are cut and replaced. */
const WRITTEN_EVERY = 10;
/** Every so many is a large one. */
const LARGE_EVERY = 50;
const LARGE_PAGES = 256;
/** Contents of one file that differ. */
const VERSIONS = 64;
/** From the beginning of one content to that of the next, in what all of them are taken from. */
const STRIDE = LARGE_PAGES * PAGE_SIZE;
/** Bytes at the beginning of each page that say which version it is: 1 or more, so that they are never zeros. */
const HEADER = 4;
/** Bytes of a page that are looked at, beside those. */
const GLANCES = 48;

/** Numbers that all threads of a soak share, each changed by `Atomics` alone. */
export interface SharedState {
  /** `[0]`: not 0 when everybody is to end; `[1]`: operations so far. */
  readonly control: Int32Array;
  /** Of each file who has it for writing: 0, or the number of a worker. */
  readonly owners: Int32Array;
  /** Of each file how often a cut, or its mending, began or was done: odd while it is at work. */
  readonly changes: Int32Array;
  /** The same of mending alone. */
  readonly mendings: Int32Array;
}

/** Whether nobody changed the file in such a way since the number of changes was what it was `before`. */
export function isSteady(changes: Int32Array, file: number, before: number): boolean {
  return before % 2 === 0 && Atomics.load(changes, file) === before;
}

/** Numbers for so many files. */
export function sharedState(count: number): SharedState {
  const ints = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
  return {
    control: ints(2),
    owners: ints(count),
    changes: ints(count),
    mendings: ints(count),
  };
}

/** What was found in some pages. */
export interface Found {
  /** The versions of the pages. */
  readonly versions: ReadonlySet<number>;
  /** Whether a page was all zeros. */
  zeros: boolean;
  /** A page of a version with zeros in it, in words. */
  torn: string | undefined;
  /** What is no version of the file, in words. */
  wrong: string | undefined;
}

/** Files numbered from 0, in whole pages. */
export class SoakFiles {
  readonly #random = randomFrom(7);

  constructor(
    readonly dir: string,
    readonly count: number,
  ) {}

  path(file: number): string {
    return join(this.dir, `${file}`);
  }

  pages(file: number): number {
    return file % LARGE_EVERY === 0 ? LARGE_PAGES : 1 + ((file * 7) % 32);
  }

  size(file: number): number {
    return this.pages(file) * PAGE_SIZE;
  }

  /** Whether it is one of those that are written to through mappings, by one at a time. */
  isWritten(file: number): boolean {
    return file % WRITTEN_EVERY === WRITTEN_EVERY - 1;
  }

  /** The right bytes of some pages. */
  bytes(file: number, version: number, page: number, pages = 1): Buffer {
    const bytes = Buffer.allocUnsafe(pages * PAGE_SIZE);
    const from = startOf(file, version) + page * PAGE_SIZE;
    for (let i = 0; i < bytes.length; i++) bytes[i] = contentByte(from + i);
    for (let at = 0; at < bytes.length; at += PAGE_SIZE) bytes.writeUInt32LE(version, at);
    return bytes;
  }

  /** Makes it, or puts another in its place: a new file under the same name. */
  replace(file: number, version: number): void {
    const path = join(this.dir, `new-${file}`);
    writeFileSync(path, this.bytes(file, version, 0, this.pages(file)));
    renameSync(path, this.path(file));
  }

  /** Keeps so many pages of it. */
  cut(file: number, pages: number): void {
    truncateSync(this.path(file), pages * PAGE_SIZE);
  }

  /** Appends what was cut off, or zeros to a file that is written to. */
  mend(file: number, version: number, pages: number): void {
    const fd = openSync(this.path(file), 'r+');
    try {
      if (this.isWritten(file)) ftruncateSync(fd, this.size(file));
      else this.#append(fd, this.bytes(file, version, pages, this.pages(file) - pages), pages);
    } finally {
      closeSync(fd);
    }
  }

  #append(fd: number, bytes: Buffer, page: number): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(fd, bytes, done, bytes.length - done, page * PAGE_SIZE + done);
    }
  }

  /** Looks at pages of a file: all headers, and some of the bytes of each. */
  look(file: number, page: number, bytes: Buffer): Found {
    const versions = new Set<number>();
    const found: Found = { versions, zeros: false, torn: undefined, wrong: undefined };
    for (let at = 0; at + PAGE_SIZE <= bytes.length; at += PAGE_SIZE) {
      const version = bytes.readUInt32LE(at);
      if (version === 0) found.zeros = true;
      else versions.add(version);
      const from = startOf(file, version) + page * PAGE_SIZE + at;
      for (let i = 0; i < GLANCES; i++) {
        const index = this.#random(HEADER, PAGE_SIZE);
        const wanted = version === 0 ? 0 : contentByte(from + index);
        const byte = bytes[at + index];
        if (byte === wanted) continue;
        const said = `file ${file}, version ${version}: ${byte} instead of ${wanted} at ${page * PAGE_SIZE + at + index}`;
        if (byte === 0) found.torn ??= said;
        else found.wrong ??= said;
      }
    }
    return found;
  }
}

/** Where the content of a version begins in what all of it is taken from. */
function startOf(file: number, version: number): number {
  return (file * VERSIONS + (version % VERSIONS)) * STRIDE;
}
