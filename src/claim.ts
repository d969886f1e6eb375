/** A cursor's claim on a file: which file, under which name, and whether it still has it. */
import { invalidState } from './arguments.js';
import { InvalidCursorError, MapClosedError } from './errors.js';
import type { Lease } from './managed-file.js';
import type { RegionPool } from './pool.js';
import type { PathOrFd, Source } from './source.js';

/** @internal What a cursor is made from: a manager's regions and the file as it was named. */
export class Origin {
  constructor(
    readonly pool: RegionPool,
    readonly source: Source,
  ) {}
}

/** What a cursor knows of its file. The file is first touched when it is needed. */
export abstract class FileClaim {
  /** @internal What the manager knows of the cursor, from its first use. */
  protected lease: Lease | undefined = undefined;
  /** @internal Flags for opening the file. */
  protected openWith = 0;
  #origin: Origin | undefined;
  #closed = false;

  /** Without an origin, which only a manager has, it stands for no file; `assign` gives it one. */
  constructor(origin?: Origin) {
    this.#origin = origin instanceof Origin ? origin : undefined;
  }

  /** Whether `close()` was called on it. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether it stands for a file. */
  get isAssociated(): boolean {
    return this.#origin !== undefined && !this.#closed;
  }

  /**
   * Bytes in the file, when it was last looked at.
   * @throws Error of the system · InvalidCursorError without a file · MapClosedError
   */
  get fileSize(): number {
    return this.leased().file.file.size;
  }

  /** The file as it was given to `makeCursor`. @throws InvalidCursorError without a file */
  get pathOrFd(): PathOrFd {
    return this.origin().source.given;
  }

  /**
   * The path.
   * @throws TypeError `ERR_INVALID_STATE` when it was made from a descriptor
   */
  path(): string | Buffer {
    const { source } = this.origin();
    if ('path' in source) return source.path;
    throw invalidState('this cursor was made from a descriptor and has no path: see fd()');
  }

  /**
   * The descriptor's number, which need not be open any more.
   * @throws TypeError `ERR_INVALID_STATE` when it was made from a path
   */
  fd(): number {
    const { source } = this.origin();
    if ('fd' in source) return source.fd;
    throw invalidState('this cursor was made from a path and has no descriptor: see path()');
  }

  /** @internal @throws MapClosedError */
  protected checkOpen(): void {
    if (this.#closed) throw new MapClosedError('the cursor is closed');
    this.#origin?.pool.checkOpen();
    if (this.lease?.file.closed === true) {
      throw new MapClosedError(`${this.lease.file.file.name} was closed by its manager`);
    }
  }

  /** @internal @throws InvalidCursorError without a file */
  protected origin(): Origin {
    if (this.#origin === undefined) {
      throw new InvalidCursorError(
        'the cursor has no file: make it with manager.makeCursor() or assign() one',
      );
    }
    return this.#origin;
  }

  /** @internal The lease; the first call looks at the file. */
  protected leased(): Lease {
    this.checkOpen();
    if (this.lease !== undefined) return this.lease;
    const { pool, source } = this.origin();
    this.lease = pool.admit(this, pool.find(source, this.openWith));
    return this.lease;
  }

  /** @internal Takes the file of another, not yet used. */
  protected takeOrigin(rhs: FileClaim): void {
    this.#origin = rhs.#origin;
    this.openWith = rhs.openWith;
  }

  /** @internal Lets the file go. */
  protected release(): void {
    if (this.lease !== undefined) this.#origin?.pool.dismiss(this.lease);
    this.lease = undefined;
  }

  /** @internal */
  protected markClosed(): void {
    this.#closed = true;
  }
}
