/** A buffer over a file that a manager knows: what every reader here reads through. */
import { SlidingWindowMapBuffer } from '../buffer.js';
import type { WindowCursor } from '../cursor.js';
import { MapClosedError } from '../errors.js';
import type { StaticWindowMapManager } from '../manager.js';
import type { PathOrFd } from '../source.js';

/** Opens with the first use, so that a missing file fails there. */
export class FileBytes {
  readonly #manager: StaticWindowMapManager;
  readonly #file: PathOrFd;
  #buffer: SlidingWindowMapBuffer | undefined;
  #closed = false;

  constructor(manager: StaticWindowMapManager, file: PathOrFd) {
    this.#manager = manager;
    this.#file = file;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * The bytes of the file.
   * @throws Error of the system · NotMappableError · BudgetExceededError · MapClosedError
   */
  open(): SlidingWindowMapBuffer {
    if (this.#closed) throw new MapClosedError('it is closed');
    if (this.#buffer !== undefined) return this.#buffer;
    const cursor = this.#manager.makeCursor(this.#file);
    try {
      this.#buffer = new SlidingWindowMapBuffer(cursor);
    } catch (error) {
      cursor.close();
      throw error;
    }
    return this.#buffer;
  }

  /** The same, looked at again: a file that grew, or was cut, has its new length. */
  again(): SlidingWindowMapBuffer {
    const buffer = this.open();
    buffer.cursor?.refresh();
    buffer.beginAccess();
    return buffer;
  }

  /** A descriptor of the file, for as long as a call on it takes. */
  descriptor(): { readonly fd: number; [Symbol.dispose](): void } {
    const { cursor } = this.open();
    return (cursor as WindowCursor).managedFile.file.borrow();
  }

  close(): void {
    this.#closed = true;
    this.#buffer?.cursor?.close();
    this.#buffer = undefined;
  }
}
