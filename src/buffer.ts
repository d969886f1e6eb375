/** A file, or part of one, as if it were one array of bytes: the windows move behind it. */
import { integer, integerOrAll, invalidType, outOfRange } from './arguments.js';
import type { ByteWindow } from './byte-source.js';
import { WindowCursor, type WindowReader } from './cursor.js';
import { InvalidCursorError, MapFaultError } from './errors.js';
import type { ManagedFile } from './managed-file.js';
import { type PrefetchOptions, signalOf } from './prefetch.js';
import { readFileAt, readWithoutWaiting } from './read-async.js';
import { NOTHING, ReadableBytes } from './readable-bytes.js';
import type { MapRegion } from './region.js';

/** Bytes that are read in one step where a window has no room. */
const READ_AHEAD = 2 ** 20;

/** How often the cursor is moved to the same place, where listeners move it away. */
const MOST_MOVES = 4;

/**
 * Reads a range of a file by index, through the windows of its cursor. Index 0 is
 * the first byte at the offset the access began with.
 */
export class SlidingWindowMapBuffer extends ReadableBytes implements WindowReader {
  #cursor: WindowCursor | undefined;
  /** Offset into the file of index 0. */
  #offset = 0;
  #length = 0;
  /** The region that `here` lies in. */
  #region: MapRegion | undefined;

  /**
   * @param cursor the cursor to read through, which the buffer moves; none: call `beginAccess` before use
   * @param offset first byte, an offset into the file
   * @param size bytes; `Infinity`, or more than there are: to the end of the file
   * @param flags flags for opening the file, as for `cursor.useRegion`
   * @throws InvalidCursorError when the cursor has no file · MapClosedError when it is closed
   * @throws RangeError `ERR_OUT_OF_RANGE` when the offset lies past the end
   * @throws Error of the system · NotMappableError · MapClosedError · MapFaultError · BudgetExceededError
   */
  constructor(
    cursor?: WindowCursor | null,
    offset = 0,
    size: number = Number.POSITIVE_INFINITY,
    flags = 0,
  ) {
    super();
    if (cursor === undefined || cursor === null) {
      rangeOf(offset, size);
      return;
    }
    if (this.beginAccess(cursor, offset, size, flags)) return;
    if (!cursor.isAssociated) {
      throw new InvalidCursorError('the cursor has no file: make it with manager.makeCursor()');
    }
    throw outOfRange('offset', `less than the file's size (${cursor.fileSize})`, offset);
  }

  /**
   * Begins to read, or begins anew. Without arguments: the whole file of the cursor it has.
   * @returns whether it can be read; false without a cursor that has a file, or with an
   * offset past the end. Then it is as after `endAccess`
   * @throws as the constructor, those two cases aside
   */
  beginAccess(
    cursor?: WindowCursor | null,
    offset = 0,
    size: number = Number.POSITIVE_INFINITY,
    flags = 0,
  ): boolean {
    const [begin, most] = rangeOf(offset, size);
    const next = cursor ?? this.#cursor;
    if (next !== undefined && !(next instanceof WindowCursor)) {
      throw invalidType('cursor', 'a WindowCursor', next);
    }
    const associated = next?.isAssociated === true || next?.closed === true; // a closed one says so itself
    // First: when it throws, nothing has changed.
    const fileSize = associated ? next.useRegion(begin, 0, flags).fileSize : 0;
    this.#forget();
    this.#cursor?.removeReader(this);
    this.#cursor = next;
    if (next === undefined || !associated) return false;
    if (begin >= fileSize) return begin === 0 && fileSize === 0;
    next.addReader(this);
    this.#offset = begin;
    this.#length = Math.min(most, fileSize - begin);
    return true;
  }

  /** Ends reading: the cursor leaves its region, `length` is 0. May be called at any time. */
  endAccess(): void {
    this.#forget();
    this.#cursor?.removeReader(this);
    this.#cursor?.unuseRegion();
  }

  #forget(): void {
    this.#offset = 0;
    this.#length = 0;
    this.forgetWindow();
  }

  /** @internal */
  forgetWindow(): void {
    this.here = NOTHING;
    this.hereBegin = 0;
    this.#region = undefined;
  }

  /** The cursor it reads through, the very one that was given. */
  get cursor(): WindowCursor | undefined {
    return this.#cursor;
  }

  /** Bytes that can be read. */
  override get length(): number {
    return this.#length;
  }

  /** @internal */
  override windowAt(index: number): ByteWindow {
    const cursor = this.#cursor;
    if (cursor === undefined || index >= this.#length) throw ended();
    const position = this.#offset + index;
    const region = this.#regionAt(cursor, position);
    if (this.#cursor !== cursor || this.#offset !== position - index || index >= this.#length) {
      throw new InvalidCursorError('a listener began another access while the buffer was read');
    }
    const { bytes, begin } = region.pieceAt(position);
    const skipped = Math.max(this.#offset - begin, 0);
    const reach = this.#offset + this.#length - begin;
    const all = skipped === 0 && bytes.length <= reach;
    this.here = all ? bytes : bytes.subarray(skipped, reach);
    this.hereBegin = begin + skipped - this.#offset;
    this.#region = region;
    return { bytes: this.here, begin: this.hereBegin };
  }

  /** The region that holds an offset. Whoever hears that it was mapped may have moved the cursor on. */
  #regionAt(cursor: WindowCursor, position: number): MapRegion {
    for (let tries = 0; tries < MOST_MOVES; tries++) {
      const { region } = cursor.useRegion(position);
      if (region?.serves(position) === true) return region;
      if (position >= cursor.fileSize) throw this.#losing()(position);
    }
    throw new InvalidCursorError(
      'listeners move the cursor away each time that the buffer is read',
    );
  }

  /** @internal */
  protected override standsHere(): boolean {
    return this.#region !== undefined && this.#cursor?.region === this.#region;
  }

  /** @internal */
  protected override readDirectly(
    index: number,
    into: Uint8Array,
    start: number,
    size: number,
  ): boolean {
    if (this.#cursor === undefined || index + size > this.#length) return false;
    return this.#cursor.readDirectly(this.#offset + index, into, start, size);
  }

  /**
   * What makes the error for bytes that `length` promises now and that cannot be had from an
   * offset on: without a cause the file ends there.
   */
  #losing(): (offset: number, cause?: Error) => MapFaultError {
    const file = this.#cursor?.managedFile.file;
    const end = this.#offset + this.#length;
    return (offset, cause) => {
      const message =
        cause === undefined
          ? `${file?.name} was cut short: it now ends at ${file?.sizeNow()}, before offset ${offset}`
          : `${file?.name} cannot be read at offset ${offset}`;
      const where = { file: file?.name, offset, size: end - offset };
      return new MapFaultError(message, where, cause === undefined ? undefined : { cause });
    };
  }

  /** @internal */
  override verify(): void {
    this.#cursor?.verify();
  }

  /** @internal */
  override lookAgain(index: number): void {
    this.#cursor?.lookAgain(this.#offset + index);
  }

  /**
   * A copy of `length` bytes from `offset`. What the system has in memory is copied at
   * once, the rest read on another thread: the event loop never waits for the device.
   * Fewer at the end of the buffer.
   * @throws RangeError `ERR_OUT_OF_RANGE` · MapFaultError when the file ends before
   * them or they cannot be read · the signal's reason
   */
  async readAsync(offset: number, length: number, options?: PrefetchOptions): Promise<Buffer> {
    const signal = signalOf(options);
    integer('offset', offset, 0, this.#length);
    integer('length', length);
    const position = this.#offset + offset;
    const bytes = Buffer.allocUnsafeSlow(Math.min(length, this.#length - offset));
    if (this.#cursor === undefined || bytes.length === 0) return bytes;
    const lost = this.#losing();
    if (this.#cursor.keepsStores) {
      const cursor = this.#cursor.clone(); // the file would not have the stores
      try {
        await this.#bringIn(cursor, position, position + bytes.length, options);
        this.#copyFrom(cursor, position, bytes, lost);
      } finally {
        cursor.close();
      }
      return bytes;
    }
    const { file } = this.#cursor.managedFile;
    await readWithoutWaiting(file, bytes, position, lost, signal);
    return bytes;
  }

  /** Copies the bytes at a position of a cursor's file, whatever this buffer stands for by now. */
  #copyFrom(
    cursor: WindowCursor,
    position: number,
    bytes: Buffer,
    lost: (position: number) => Error,
  ): void {
    cursor.unuseRegion();
    if (this.#holds(cursor.managedFile, position, bytes.length)) {
      this.copy(bytes, 0, position - this.#offset); // no second window
      return;
    }
    const source = new SlidingWindowMapBuffer();
    try {
      const begun = source.beginAccess(cursor, position, bytes.length);
      const copied = begun ? source.copy(bytes) : 0;
      if (copied < bytes.length) throw lost(position + copied);
    } finally {
      source.close();
    }
  }

  /** Whether these bytes of a file can be read through it now. */
  #holds(file: ManagedFile, position: number, size: number): boolean {
    if (this.#cursor?.isAssociated !== true || this.#cursor.managedFile !== file) return false;
    return position >= this.#offset && position + size <= this.#offset + this.#length;
  }

  /**
   * Brings pages into memory without holding up the event loop, window by window. Where
   * a window would not fit in the manager's limits none is mapped for it: the bytes are read,
   * and stay with the system.
   * @param start index of the first byte
   * @param length bytes; left out: to the end
   * @throws RangeError `ERR_OUT_OF_RANGE` · MapFaultError · MapClosedError when the manager or
   * the file is closed meanwhile · the signal's reason · whatever `cursor.useRegion` throws
   */
  async prefetch(start = 0, length?: number, options?: PrefetchOptions): Promise<void> {
    signalOf(options)?.throwIfAborted();
    integer('start', start, 0, this.#length);
    const end = Math.min(start + integer('length', length ?? this.#length), this.#length);
    if (this.#cursor === undefined || start >= end) return;
    const cursor = this.#cursor.clone(); // the buffer may be read, and move its own, meanwhile
    try {
      await this.#bringIn(cursor, this.#offset + start, this.#offset + end, options);
    } finally {
      cursor.close();
    }
  }

  /** Brings the pages between two offsets into memory; `cursor` is moved over them. */
  async #bringIn(
    cursor: WindowCursor,
    begin: number,
    last: number,
    options: PrefetchOptions | undefined,
  ): Promise<void> {
    const signal = signalOf(options);
    signal?.throwIfAborted();
    const { file } = cursor.managedFile;
    const lost = this.#losing();
    let at = begin;
    let read: Buffer | undefined;
    while (at < last) {
      if (cursor.hasRoom(at)) {
        // A listener may have closed the manager: asking for the size says so.
        if (!cursor.useRegion(at, last - at).isValid && cursor.fileSize <= at) throw lost(at);
        await cursor.prefetch(options);
        at = cursor.ofsEnd;
      } else {
        const size = Math.min(last - at, READ_AHEAD);
        read ??= Buffer.allocUnsafeSlow(size); // the first is the largest
        await readFileAt(file, read.subarray(0, size), at, lost, signal);
        at += size;
      }
    }
  }

  /** Exactly `endAccess()`. */
  close(): void {
    this.endAccess();
  }

  /** Exactly `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function rangeOf(offset: unknown, size: unknown): [offset: number, size: number] {
  return [integer('offset', offset), integerOrAll('size', size)];
}

function ended(): InvalidCursorError {
  return new InvalidCursorError('the buffer is not in use: call beginAccess() first');
}
