/** A file in the shape of `FileHandle` of `node:fs/promises`, for reading. */
import { type BigIntStats, fstatSync, type StatOptions, type Stats } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { integer, invalidState, invalidType } from '../arguments.js';
import type { StaticWindowMapManager } from '../manager.js';
import type { PathOrFd } from '../source.js';
import { FileBytes } from './file-bytes.js';
import { createReadStream, type ReadStreamOptions } from './read-stream.js';
import { readableWebStream } from './web-stream.js';

/** What `FileHandle.read` resolves to. */
export interface ReadResult<T extends ArrayBufferView> {
  bytesRead: number;
  buffer: T;
}

/** How `read` can be asked with one object. */
export interface ReadOptions<T extends ArrayBufferView> {
  buffer?: T;
  offset?: number | null;
  length?: number | null;
  position?: number | bigint | null;
}

/** Bytes that `read` brings a buffer for when none is given, as Node's. */
const BUFFER = 16 * 1024;

/** A file that is read as through `FileHandle`; everything that writes is missing. */
export class ReadFileHandle {
  readonly #manager: StaticWindowMapManager;
  readonly #path: PathOrFd;
  readonly #file: FileBytes;
  #position = 0;

  /** @internal */
  constructor(manager: StaticWindowMapManager, path: PathOrFd) {
    this.#manager = manager;
    this.#path = path;
    this.#file = new FileBytes(manager, path);
  }

  /**
   * Reads into a buffer; from where the last read ended when `position` is left out, `null` or
   * -1. `bytesRead` 0 is the end of the file.
   * @throws RangeError `ERR_OUT_OF_RANGE` · TypeError `ERR_INVALID_ARG_TYPE` · Error of the
   * system · MapClosedError · MapFaultError
   */
  async read<T extends ArrayBufferView = Buffer>(
    target?: T | ReadOptions<T>,
    offset?: number | null | Omit<ReadOptions<T>, 'buffer'>,
    length?: number | null,
    position?: number | bigint | null,
  ): Promise<ReadResult<T>> {
    const given = ArrayBuffer.isView(target) ? undefined : target;
    const buffer = (ArrayBuffer.isView(target) ? target : given?.buffer) ?? newBuffer<T>();
    if (!ArrayBuffer.isView(buffer)) throw invalidType('buffer', 'a Buffer or a view', buffer);
    const place = given ?? (typeof offset === 'object' && offset !== null ? offset : undefined);
    const at = place === undefined ? (offset as number | null | undefined) : place.offset;
    const count = place === undefined ? length : place.length;
    const from = place === undefined ? position : place.position;
    return { bytesRead: this.#readInto(buffer, at, count, from), buffer };
  }

  #readInto(
    buffer: ArrayBufferView,
    offset: number | null | undefined,
    length: number | null | undefined,
    position: number | bigint | null | undefined,
  ): number {
    const at = integer('offset', offset ?? 0, 0, buffer.byteLength);
    const count = integer('length', length ?? buffer.byteLength - at, 0, buffer.byteLength - at);
    const asked = typeof position === 'bigint' ? Number(position) : (position ?? -1);
    const from = asked === -1 ? this.#position : integer('position', asked);
    const bytes = this.#file.open();
    const room = Buffer.from(buffer.buffer as ArrayBuffer, buffer.byteOffset + at, count);
    const bytesRead = from >= bytes.length ? 0 : bytes.copy(room, 0, from);
    if (asked === -1) this.#position += bytesRead;
    return bytesRead;
  }

  /**
   * Reads into several buffers, one after the other.
   * @throws as {@link read}
   */
  async readv<T extends readonly ArrayBufferView[]>(
    buffers: T,
    position?: number | null,
  ): Promise<{ bytesRead: number; buffers: T }> {
    let total = 0;
    for (const buffer of buffers) {
      const from = typeof position === 'number' ? position + total : null;
      const { bytesRead } = await this.read(buffer, 0, buffer.byteLength, from);
      total += bytesRead;
      if (bytesRead < buffer.byteLength) break;
    }
    return { bytesRead: total, buffers };
  }

  /**
   * What is left from where the last read ended: bytes, or with an encoding text.
   * @throws as {@link read}
   */
  async readFile(): Promise<Buffer>;
  async readFile(options: { encoding?: null } | null): Promise<Buffer>;
  async readFile(options: BufferEncoding | { encoding: BufferEncoding }): Promise<string>;
  async readFile(
    options?: BufferEncoding | { encoding?: BufferEncoding | null } | null,
  ): Promise<Buffer | string> {
    const encoding = typeof options === 'string' ? options : options?.encoding;
    const bytes = this.#file.open().slice(this.#position);
    this.#position += bytes.length;
    return encoding === undefined || encoding === null ? bytes : bytes.toString(encoding);
  }

  /**
   * The lines of the file, as `FileHandle.readLines` gives them.
   * @throws TypeError, RangeError for bad options; errors of the file come from the first step
   */
  readLines(options?: ReadStreamOptions): Interface {
    return createInterface({
      input: this.createReadStream(options),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
  }

  /** A stream of the file, which goes its own way. @throws as `createReadStream` */
  createReadStream(options?: ReadStreamOptions): Readable {
    if (this.#file.closed) throw invalidState('the handle is closed');
    return createReadStream(this.#manager, this.#path, options);
  }

  /** A byte stream of the file, which goes its own way. */
  readableWebStream(): ReadableStream<Uint8Array> {
    if (this.#file.closed) throw invalidState('the handle is closed');
    return readableWebStream(this.#manager, this.#path);
  }

  /** What `fs.stat` says of the file. @throws Error of the system */
  async stat(options?: StatOptions & { bigint?: false }): Promise<Stats>;
  async stat(options: StatOptions & { bigint: true }): Promise<BigIntStats>;
  async stat(options?: StatOptions): Promise<Stats | BigIntStats> {
    using descriptor = this.#file.descriptor();
    return fstatSync(descriptor.fd, options);
  }

  /** Lets the file go. Again does nothing. */
  async close(): Promise<void> {
    this.#file.close();
  }

  /** Exactly `close()`. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  /** Exactly `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#file.close();
  }
}

function newBuffer<T>(): T {
  return Buffer.alloc(BUFFER) as unknown as T;
}

/**
 * The file in the shape of a `FileHandle`, read through the manager's windows; `await` does no
 * harm. It is opened with the first use, and a missing file fails there.
 */
export function openFileHandle(manager: StaticWindowMapManager, path: PathOrFd): ReadFileHandle {
  return new ReadFileHandle(manager, path);
}
