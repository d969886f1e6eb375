/** A buffer over a file that a manager knows: what every reader here reads through. */
import { invalidType } from '../arguments.js';
import {
  MapClosedError,
  type PathOrFd,
  SlidingWindowMapBuffer,
  StaticWindowMapManager,
  type WindowCursor,
} from '../index.js';

/** Bytes that are brought into memory at one go by who reads in order. */
const AHEAD = 2 ** 20;

/** Opens with the first use, so that a missing file fails there. */
export class FileBytes {
  readonly #cursor: WindowCursor;
  #buffer: SlidingWindowMapBuffer | undefined;
  /** Up to here the bytes are in memory, as far as one can know, for who reads in order. */
  #ready = 0;

  private constructor(cursor: WindowCursor) {
    this.#cursor = cursor;
  }

  /** @throws TypeError for what is no manager or no file · MapClosedError when the manager is closed */
  static of(manager: StaticWindowMapManager, file: PathOrFd): FileBytes {
    checkManager(manager);
    return new FileBytes(manager.makeCursor(file));
  }

  /** A second reader of the same file, also where its name stands for another one by now. */
  clone(): FileBytes {
    this.#open();
    return new FileBytes(this.#cursor.clone());
  }

  /** @throws Error of the system · NotMappableError · BudgetExceededError · MapClosedError */
  #open(): SlidingWindowMapBuffer {
    if (this.#cursor.closed) throw new MapClosedError('this reader of the file is closed');
    if (this.#buffer === undefined) {
      this.#buffer = new SlidingWindowMapBuffer(this.#cursor);
      this.#cursor.unuseRegion();
    }
    return this.#buffer;
  }

  /** Bytes in the file, when it was looked at last. @throws when it cannot be opened */
  get length(): number {
    return this.#open().length;
  }

  /** Runs a call on the bytes. Between calls no window is in use: who waits takes no room. */
  use<T>(call: (bytes: SlidingWindowMapBuffer) => T): T {
    const bytes = this.#open();
    try {
      return call(bytes);
    } finally {
      this.#cursor.unuseRegion();
    }
  }

  /** Looks at the file again: one that grew, was cut, or replaced has its new length and bytes. */
  refresh(): void {
    const bytes = this.#open();
    this.#cursor.refresh();
    bytes.beginAccess();
    this.#cursor.unuseRegion();
  }

  /**
   * Fills `target` with the bytes from `position`, which the file has, for who reads in order:
   * pages are brought into memory on another thread, and the last window stays in use.
   */
  async readOn(target: Uint8Array, position: number): Promise<void> {
    const bytes = this.#open();
    const end = position + target.length;
    for (let at = position; at < end; ) {
      const window = bytes.windowAt(at);
      if (at >= this.#ready) {
        this.#ready = Math.min(at + AHEAD, window.begin + window.bytes.length);
        await bytes.prefetch(at, this.#ready - at);
      }
      at += bytes.copy(target, at - position, at, Math.min(this.#ready, end));
    }
  }

  /** A descriptor of the file, for as long as a call on it takes. */
  descriptor(): { readonly fd: number; release(): void } {
    this.#open();
    return this.#cursor.managedFile.file.borrow();
  }

  close(): void {
    this.#cursor.close();
  }
}

/** @throws TypeError `ERR_INVALID_ARG_TYPE` for what is no manager of this copy of the package */
export function checkManager(manager: unknown): void {
  if (manager instanceof StaticWindowMapManager) return;
  throw invalidType('manager', 'a StaticWindowMapManager or SlidingWindowMapManager', manager);
}
