/**
 * The package's own failures. Misuse of an argument is a plain `TypeError` or
 * `RangeError` with one of Node's codes (see `arguments.ts`); a failing system
 * call is an `Error` with the system's code (see `native.ts`).
 */

/** Base of every failure that is the package's own; `code` is stable across versions. */
export class SmmapError extends Error {
  /** Stable identifier, one of the `ERR_SMMAP_…` codes listed in `docs/errors.md`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /**
   * `ReadOnlyError` must be a `TypeError` and count as an `SmmapError` too;
   * JavaScript has one prototype chain, so the second half is answered here.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this === SmmapError && value instanceof ReadOnlyError) return true;
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/** Something was used after it (or its manager) was closed. Code `ERR_SMMAP_CLOSED`. */
export class MapClosedError extends SmmapError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_SMMAP_CLOSED', message, options);
  }
}

/**
 * A page of the mapping could not be had: the file was cut short, the disk is
 * full, the device or server failed. Code `ERR_SMMAP_FAULT`. `refresh()` on the
 * cursor maps anew.
 */
export class MapFaultError extends SmmapError {
  /** The file as the user named it: path or descriptor number. */
  readonly file: string | number | undefined;
  /** First byte of the affected range, an offset into the file in bytes. */
  readonly offset: number;
  /** Bytes in the affected range. */
  readonly size: number;

  constructor(
    message: string,
    where: { file?: string | number | undefined; offset: number; size: number },
    options?: ErrorOptions,
  ) {
    super('ERR_SMMAP_FAULT', message, options);
    this.file = where.file;
    this.offset = where.offset;
    this.size = where.size;
  }
}

/** One region that keeps a limit from being held. Sizes and offsets in bytes. */
export interface RegionHolder {
  /** The file as it was first named: path or descriptor number. */
  readonly file: string | number;
  /** First byte of the region, an offset into the file. */
  readonly offset: number;
  /** Bytes in the region. */
  readonly size: number;
  /** Cursors on the region; 0: it is kept for what was stored into it (`access: 'copy'`). */
  readonly users: number;
  /** Where they were first used, with the manager's option `debug`. */
  readonly stacks?: readonly string[];
}

/**
 * A limit of the manager or of the process would be passed, and everything
 * mapped is in use. Code `ERR_SMMAP_BUDGET`.
 */
export class BudgetExceededError extends SmmapError {
  /** Who holds what, largest first. */
  readonly holders: readonly RegionHolder[];

  constructor(message: string, holders: readonly RegionHolder[], options?: ErrorOptions) {
    super('ERR_SMMAP_BUDGET', message, options);
    this.holders = holders;
  }
}

/** The name or descriptor now stands for another file than the one in use. Code `ERR_SMMAP_FILE_CHANGED`. */
export class FileChangedError extends SmmapError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_SMMAP_FILE_CHANGED', message, options);
  }
}

/** The cursor cannot do this in its state: it has no file, or no region. Code `ERR_SMMAP_INVALID_CURSOR`. */
export class InvalidCursorError extends SmmapError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_SMMAP_INVALID_CURSOR', message, options);
  }
}

/** The file cannot be mapped: a pipe, socket, device, or one that claims no size. Code `ERR_SMMAP_NOT_MAPPABLE`. */
export class NotMappableError extends SmmapError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_SMMAP_NOT_MAPPABLE', message, options);
  }
}

/** A store into something mapped for reading. Code `ERR_SMMAP_READ_ONLY`; also an `SmmapError`. */
export class ReadOnlyError extends TypeError {
  /** Always `'ERR_SMMAP_READ_ONLY'`. */
  readonly code = 'ERR_SMMAP_READ_ONLY';
}

const classes = {
  SmmapError,
  MapClosedError,
  MapFaultError,
  BudgetExceededError,
  FileChangedError,
  InvalidCursorError,
  NotMappableError,
  ReadOnlyError,
};
for (const [name, { prototype }] of Object.entries(classes)) {
  Object.defineProperty(prototype, 'name', { value: name, configurable: true, writable: true });
}
