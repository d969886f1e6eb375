/** A few files with a few names, changed on the disk and in memory alike. */

import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { PAGE_SIZE } from 'smmap';
import { contentBytes } from '../../support/files.js';

/** Bytes in the largest file. */
export const CAPACITY = 24 * PAGE_SIZE;
/** Different contents; each depends on the position too. */
export const VERSIONS = 12;

const contents: Buffer[] = [];

/** The bytes of a version between two offsets. */
function content(version: number, begin: number, end: number): Buffer {
  contents[version] ??= contentBytes(version * 2 ** 33, CAPACITY);
  return contents[version].subarray(begin, end);
}

/** Whoever must know that a file was cut. */
export interface CutListener {
  cut(size: number): void;
}

/** A file, whatever its names are. */
export class FileModel {
  /** What it holds; zeros beyond its size. */
  readonly bytes: Buffer = Buffer.alloc(CAPACITY);
  size = 0;
  readonly regions = new Set<CutListener>();
  /** Held open by the test to the end, so that no other file of a script gets its inode. */
  readonly fd: number;

  constructor(path: string, size: number, version: number) {
    this.fd = openSync(path, 'wx+');
    this.write(0, size, version);
  }

  /** Writes a version's bytes between two offsets; the file grows as need be. */
  write(begin: number, end: number, version: number): void {
    const bytes = content(version, begin, end);
    if (bytes.length === 0) return;
    writeSync(this.fd, bytes, 0, bytes.length, begin);
    bytes.copy(this.bytes, begin);
    this.size = Math.max(this.size, end);
  }

  /** Cuts it, or makes it longer by zeros. */
  resize(size: number): void {
    ftruncateSync(this.fd, size);
    this.resized(size);
  }

  /** It has another size by now. */
  resized(size: number): void {
    if (size < this.size) {
      this.bytes.fill(0, size, this.size);
      for (const region of this.regions) region.cut(size);
    }
    this.size = size;
  }

  /** What the system says it holds. */
  onDisk(): Buffer {
    return readFileSync(`/proc/self/fd/${this.fd}`);
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** A name of the disk, by number. */
export type Slot = number;

/** The files of one script, in a folder of their own. */
export class Disk {
  readonly dir: string;
  readonly files: FileModel[] = [];
  readonly #names = new Map<Slot, FileModel>();
  #spare = 0;

  constructor(dir: string) {
    this.dir = dir;
    mkdirSync(dir);
  }

  path(slot: Slot): string {
    return join(this.dir, `name-${slot}`);
  }

  /** The file that a name stands for. */
  named(slot: Slot): FileModel | undefined {
    return this.#names.get(slot);
  }

  /** Makes a new file under a name, in the place of the one that had it. */
  replace(slot: Slot, size: number, version: number): FileModel {
    const path = join(this.dir, `spare-${++this.#spare}`);
    const file = new FileModel(path, size, version);
    this.files.push(file);
    renameSync(path, this.path(slot));
    this.#names.set(slot, file);
    return file;
  }

  /** Gives the file of one name to another name, which lets go of its own. */
  rename(from: Slot, to: Slot): void {
    const file = this.#names.get(from);
    // Renaming between two names of one file does nothing (rename(2)).
    if (file === undefined || file === this.#names.get(to)) return;
    renameSync(this.path(from), this.path(to));
    this.#names.delete(from);
    this.#names.set(to, file);
  }

  /** A second name for a file. */
  link(from: Slot, to: Slot): void {
    const file = this.#names.get(from);
    if (file === undefined || from === to) return;
    this.unlink(to);
    linkSync(this.path(from), this.path(to));
    this.#names.set(to, file);
  }

  unlink(slot: Slot): void {
    if (this.#names.delete(slot)) unlinkSync(this.path(slot));
  }

  close(): void {
    for (const file of this.files) file.close();
    rmSync(this.dir, { recursive: true });
  }
}
