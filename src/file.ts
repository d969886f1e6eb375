/** What a file is: identity, size, descriptor. */
import { constants, readSync } from 'node:fs';
import { outOfRange } from './arguments.js';
import {
  type DescriptorHolder,
  descriptorClosed,
  descriptorOpened,
  descriptorUsed,
  keepToShare,
  withDescriptors,
} from './descriptors.js';
import { FileChangedError, NotMappableError } from './errors.js';
import { identityOfFields } from './identity.js';
import {
  type DescriptorHandle,
  errnoOf,
  explain,
  isSystemFailure,
  KIND,
  native,
} from './native.js';
import type { Ordered } from './order.js';
import { PAGE_SIZE } from './page.js';
import { nameOf, type Source } from './source.js';

const { O_NOFOLLOW = 0 } = constants; // Windows has none

/** A file as the system sees it now. */
interface Status {
  /**
   * Device, inode and time of birth: two names with the same are one file. The time,
   * where the file system keeps it, tells a new file with a used inode from the old.
   */
  readonly identity: string;
  /** Bytes. */
  readonly size: number;
  readonly kind: number;
}

/** Device, inode, size, time of birth, kind. */
const fields = new BigInt64Array(5);

function statusFromFields(): Status {
  return { identity: identityOfFields(fields), size: Number(fields[2]), kind: Number(fields[4]) };
}

/** Runs a call of the addon; its failure leaves with the file's name. */
function asked<T>(source: Source, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw explain(error, 'path' in source ? source.path.toString() : undefined);
  }
}

function statusOf(source: Source): Status {
  asked(source, () =>
    'fd' in source
      ? native.statusOfNumber(source.fd, fields)
      : native.statusOfPath(source.name, fields),
  );
  return statusFromFields();
}

/** An open descriptor together with what it is open on: the descriptor is what is checked. */
function openSource(
  source: Source,
  flags: number,
  writable: boolean,
): { descriptor: DescriptorHandle; status: Status } {
  const open = () =>
    'fd' in source
      ? native.duplicate(source.fd, writable)
      : native.open(source.name, writable, flags);
  const descriptor = withDescriptors(() => asked(source, open));
  try {
    asked(source, () => native.status(descriptor, fields));
  } catch (error) {
    native.closeDescriptor(descriptor);
    throw error;
  }
  return { descriptor, status: statusFromFields() };
}

/** @throws Error `EISDIR`; NotMappableError for what is no regular file */
function checkKind(status: Status, source: Source): void {
  if (status.kind === KIND.regular) return;
  const name = nameOf(source);
  if (status.kind === KIND.directory) {
    const error = Object.assign(new Error(''), { errno: errnoOf('EISDIR'), syscall: 'mmap' });
    throw explain(error, 'path' in source ? String(name) : undefined);
  }
  throw new NotMappableError(
    `${name} is a pipe, a socket or a device; only regular files can be mapped: read it as a stream`,
  );
}

/**
 * A file that claims no size may still have content (`/proc`): that cannot be mapped.
 * @returns its status, which is another one when somebody has written to it meanwhile
 */
function checkEmpty(descriptor: DescriptorHandle, source: Source, status: Status): Status {
  let got: number;
  try {
    got = readSync(native.descriptorNumber(descriptor), Buffer.alloc(1), 0, 1, 0);
  } catch (error) {
    // Opened for writing only: that is for the user to hear, as it is.
    if ((error as NodeJS.ErrnoException).code === 'EBADF') throw error;
    got = 1; // what cannot even be read is no empty file
  }
  if (got === 0) return status;
  asked(source, () => native.status(descriptor, fields));
  const now = statusFromFields();
  if (now.size === 0) {
    throw new NotMappableError(
      `${nameOf(source)} claims no size and has content, as files under /proc do: read it as a stream`,
    );
  }
  return now;
}

/** One file of the file system, open while it is needed. */
export class MappedFile implements DescriptorHolder {
  readonly identity: string;
  /** The name under which it was first met; for messages and for opening it again. */
  readonly source: Source;
  /** Every path under which it was met. */
  readonly paths = new Set<string>();
  /** Bytes, when it was last looked at. */
  size: number;
  /** @internal */
  newer: Ordered | undefined = undefined;
  /** @internal */
  older: Ordered | undefined = undefined;
  /** Those with which it was opened. */
  readonly #flags: number;
  readonly #writable: boolean;
  /** A number that the user gave may stand for anything by now: only a path can be opened again. */
  readonly #canReopen: boolean;
  #descriptor: DescriptorHandle | undefined;
  /** That of the descriptor. */
  #number: number | undefined;

  private constructor(
    source: Source,
    descriptor: DescriptorHandle,
    status: Status,
    flags: number,
    writable: boolean,
  ) {
    this.source = source;
    this.#flags = flags;
    this.identity = status.identity;
    this.size = status.size;
    this.#writable = writable;
    this.#canReopen = 'path' in source;
    this.#hold(descriptor);
    this.met(source);
  }

  /**
   * The file that `source` stands for now. `known` is asked first, by identity,
   * so that two names of one file share one entry; its size is brought up to date.
   * @throws Error of the system (`ENOENT`, `EACCES`, `EBADF`, `EISDIR`, …)
   * @throws NotMappableError
   */
  static find(
    source: Source,
    flags: number,
    writable: boolean,
    known: (identity: string) => MappedFile | undefined,
  ): MappedFile {
    const before = statusOf(source);
    checkKind(before, source); // before it is opened: opening a device can do things
    const file = known(before.identity);
    // To ask for the status follows a link: whether there is one is for the opening to say.
    if (file !== undefined && (flags & O_NOFOLLOW) === 0) {
      file.size = before.size;
      file.met(source);
      return file;
    }
    const { descriptor, status: opened } = openSource(source, flags, writable);
    const met = known(opened.identity); // the name may have changed hands in between
    let status = opened;
    try {
      checkKind(opened, source);
      if (opened.size === 0) status = checkEmpty(descriptor, source, opened);
    } catch (error) {
      native.closeDescriptor(descriptor);
      throw error;
    }
    if (met === undefined) return new MappedFile(source, descriptor, status, flags, writable);
    native.closeDescriptor(descriptor);
    met.size = status.size;
    met.met(source);
    return met;
  }

  /** The name for messages. */
  get name(): string | number {
    return nameOf(this.source);
  }

  /** The path, where it was named by one. */
  get path(): string | undefined {
    return 'path' in this.source ? this.source.path.toString() : undefined;
  }

  /** Whether it has a descriptor now. */
  get isOpen(): boolean {
    return this.#descriptor !== undefined;
  }

  /** Notes another name of the same file. */
  met(source: Source): void {
    if ('path' in source) this.paths.add(source.text);
  }

  /**
   * Its descriptor, opened again when it was let go.
   * @throws FileChangedError when its name stands for another file by now
   */
  descriptor(): DescriptorHandle {
    if (this.#descriptor !== undefined) {
      if (this.#canReopen) descriptorUsed(this);
      return this.#descriptor;
    }
    const { descriptor, status } = this.#reopen();
    if (status.identity !== this.identity) {
      native.closeDescriptor(descriptor);
      throw this.#replaced();
    }
    this.#hold(descriptor);
    return descriptor;
  }

  /**
   * Runs a call on the descriptor. One that a server no longer knows (`ESTALE`) is
   * let go and the file opened again by its path, once.
   * @throws FileChangedError when its name stands for another file by now
   */
  onDescriptor<T>(call: (descriptor: DescriptorHandle) => T): T {
    try {
      return call(this.descriptor());
    } catch (error) {
      if (!this.letGoIfStale(error)) throw error;
      return call(this.descriptor());
    }
  }

  /** Lets go of a descriptor that a server no longer knows, as `error` says; false: it says something else, or no other can be had. */
  letGoIfStale(error: unknown): boolean {
    const stale = isSystemFailure(error) && error.errno === errnoOf('ESTALE');
    if (!stale || !this.#canReopen) return false;
    this.closeDescriptor();
    return true;
  }

  #reopen(): { descriptor: DescriptorHandle; status: Status } {
    try {
      return openSource(this.source, this.#flags, this.#writable);
    } catch (error) {
      const code = isSystemFailure(error) ? error.code : undefined;
      const isLink = code === 'ELOOP' && (this.#flags & O_NOFOLLOW) !== 0;
      throw isLink || code === 'ENOENT' ? this.#replaced(error) : error;
    }
  }

  #replaced(cause?: unknown): FileChangedError {
    const message = `${this.name} was replaced or removed while its descriptor was let go; refresh() of a cursor looks again, a map is to be opened anew`;
    return new FileChangedError(message, cause === undefined ? undefined : { cause });
  }

  #hold(descriptor: DescriptorHandle): void {
    this.#descriptor = descriptor;
    this.#number = native.descriptorNumber(descriptor);
    if (this.#canReopen) descriptorOpened(this);
    keepToShare();
  }

  /** Its size in bytes at this moment; {@link size} stays what it was. */
  sizeNow(): number {
    asked(this.source, () => this.onDescriptor((descriptor) => native.status(descriptor, fields)));
    return statusFromFields().size;
  }

  /** Whether it ends before the page that holds `offset`; false where it cannot be asked at once. */
  endsBefore(offset: number): boolean {
    if (this.#descriptor === undefined) return false; // let go: to open it again could fail, or be another file
    try {
      return native.size(this.#descriptor) <= offset - (offset % PAGE_SIZE);
    } catch (error) {
      if (isSystemFailure(error)) return false;
      throw error;
    }
  }

  /**
   * Makes it longer, every new block allocated.
   * @param size bytes, at least as many as it has
   * @throws RangeError `ERR_OUT_OF_RANGE` · Error of the system (`ENOSPC`: the file is as it was)
   */
  extend(size: number): void {
    const old = this.sizeNow();
    if (size < old) throw outOfRange('size', `at least the file's size (${old})`, size);
    const descriptor = this.descriptor();
    asked(this.source, () => native.extend(descriptor, old, size));
    this.size = size;
  }

  /**
   * Makes it shorter.
   * @param size bytes, at most as many as it has
   * @throws Error of the system: the file is as it was
   */
  truncate(size: number): void {
    asked(this.source, () => native.truncate(this.descriptor(), size));
    this.size = size;
  }

  /** Reads into a part of `into`; returns how many bytes, fewer at the end and when something failed. */
  read(into: Uint8Array, start: number, length: number, position: number): number {
    this.descriptor(); // opened again where it was let go
    return native.read(this.#number as number, into, start, length, position);
  }

  /** Reads what can be had without waiting for the device; returns how many bytes, 0 when something failed. */
  readNow(into: Buffer, position: number): number {
    return this.onDescriptor((descriptor) => native.readNow(descriptor, into, position));
  }

  /** Whether the system says to this process which of its pages are in memory. */
  tellsResidency(): boolean {
    return this.isReachable() && asked(this.source, () => native.tellsResidency(this.descriptor()));
  }

  /** Whether it can be asked: its descriptor was not let go, or its name still stands for it. */
  isReachable(): boolean {
    try {
      this.descriptor();
      return true;
    } catch (error) {
      if (error instanceof FileChangedError) return false;
      throw error;
    }
  }

  /** What bringing stores to the device needs beside the mapping: on Linux nothing. */
  descriptorToSync(): DescriptorHandle | null {
    return process.platform === 'linux' ? null : this.descriptor();
  }

  /** Runs what needs the descriptor, which is not let go meanwhile. */
  #keeping<T>(call: () => T): T {
    if (this.#canReopen) descriptorClosed(this);
    try {
      return call();
    } finally {
      if (this.#canReopen) descriptorOpened(this);
    }
  }

  /** A second descriptor of the same open file, for as long as an operation on it takes. */
  borrow(): { readonly fd: number; release(): void } {
    const own = native.descriptorNumber(this.descriptor());
    const borrowed = this.#keeping(() =>
      withDescriptors(() => asked(this.source, () => native.duplicate(own, false))),
    );
    return {
      fd: native.descriptorNumber(borrowed),
      release: () => native.closeDescriptor(borrowed),
    };
  }

  /** Lets the descriptor go; it is opened again when needed. */
  closeDescriptor(): void {
    if (this.#descriptor === undefined) return;
    native.closeDescriptor(this.#descriptor);
    this.#descriptor = undefined;
    this.#number = undefined;
    if (this.#canReopen) descriptorClosed(this);
  }
}

/** Size in bytes of the file that `source` stands for, without opening it. */
export function sizeOf(source: Source): number {
  const status = statusOf(source);
  checkKind(status, source);
  return status.size;
}
