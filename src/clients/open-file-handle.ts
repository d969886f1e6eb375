/** A file in the shape of `FileHandle` of `node:fs/promises`, for reading. */
import { type BigIntStats, fstatSync, type StatOptions, type Stats } from 'node:fs';
import type { Interface } from 'node:readline';
import type { ReadableStream } from 'node:stream/web';
import { integer, invalidType, invalidValue } from '../arguments.js';
import type { PathOrFd, StaticWindowMapManager } from '../index.js';
import { FileBytes } from './file-bytes.js';
import {
  type FileReadable,
  FileStream,
  type ReadStreamOptions,
  resolveStreamOptions,
} from './read-stream.js';
import { webStreamOf } from './web-stream.js';

/** What `FileHandle.read` resolves to. */
export interface ReadResult<T extends ArrayBufferView> {
  /** Bytes that were read; 0 at the end of the file. */
  bytesRead: number;
  /** The buffer that was given, or the new one. */
  buffer: T;
}

/** How `read` can be asked with one object. */
export interface ReadOptions<T extends ArrayBufferView = ArrayBufferView> {
  /** Where the bytes go. @default a new Buffer of 16 KiB */
  buffer?: T;
  /** First byte of the buffer that is filled. @default 0 */
  offset?: number | null | undefined;
  /** Bytes at most. @default to the buffer's end */
  length?: number | null | undefined;
  /** First byte that is read, an offset into the file. @default where the last read ended */
  position?: number | bigint | null | undefined;
}

/** Options of {@link ReadFileHandle.createReadStream}, as those of a `FileHandle`. */
export interface HandleStreamOptions extends ReadStreamOptions {
  /** First byte, an offset into the file. @default where the last read ended */
  start?: number;
  /** Closes the handle with the stream. @default true */
  autoClose?: boolean;
}

/** Options of {@link ReadFileHandle.readFile}. */
export interface HandleReadFileOptions<E = BufferEncoding | null | undefined> {
  /** Gives text in the place of bytes. */
  encoding?: E;
  /** Rejects with the signal's reason when it is aborted already. */
  signal?: AbortSignal;
}

/** Bytes that `read` brings a buffer for when none is given, as Node's. */
const BUFFER = 16 * 1024;

/**
 * A file that is read as through `FileHandle`; what writes is missing, and `fd`. It keeps to the
 * file that it opened, and to the length that this had then.
 */
export class ReadFileHandle {
  readonly #path: PathOrFd;
  readonly #file: FileBytes;
  #position = 0;

  /** @internal */
  constructor(manager: StaticWindowMapManager, path: PathOrFd) {
    this.#path = path;
    this.#file = FileBytes.of(manager, path);
  }

  /**
   * Reads into a buffer; from where the last read ended when `position` is left out, `null` or
   * -1. `bytesRead` 0 is the end of the file.
   * @throws RangeError `ERR_OUT_OF_RANGE` · TypeError `ERR_INVALID_ARG_TYPE` · Error of the
   * system · MapClosedError · MapFaultError
   */
  async read<T extends ArrayBufferView>(
    buffer: T,
    offset?: number | null,
    length?: number | null,
    position?: number | bigint | null,
  ): Promise<ReadResult<T>>;
  /** The same, the place in an object. @throws as the first form */
  async read<T extends ArrayBufferView>(
    buffer: T,
    options: Omit<ReadOptions, 'buffer'> | null,
  ): Promise<ReadResult<T>>;
  /** The same, all in an object, or nothing given. @throws as the first form */
  async read<T extends ArrayBufferView = Buffer>(
    options?: ReadOptions<T> | null,
  ): Promise<ReadResult<T>>;
  async read<T extends ArrayBufferView>(
    target?: T | ReadOptions<T> | null,
    offset?: number | null | Omit<ReadOptions, 'buffer'>,
    length?: number | null,
    position?: number | bigint | null,
  ): Promise<ReadResult<T>> {
    const asked = readOptions(target, offset, length, position);
    return { bytesRead: this.#readInto(asked), buffer: asked.buffer };
  }

  #readInto({
    buffer,
    offset,
    length,
    position,
  }: ReadOptions & { buffer: ArrayBufferView }): number {
    const at = integer('offset', offset ?? 0, 0, buffer.byteLength);
    const count = integer('length', length ?? buffer.byteLength - at, 0, buffer.byteLength - at);
    const room = Buffer.from(buffer.buffer as ArrayBuffer, buffer.byteOffset + at, count);
    const asked = typeof position === 'bigint' ? Number(position) : (position ?? -1);
    const from = asked === -1 ? this.#position : integer('position', asked);
    const bytesRead = this.#file.use((bytes) =>
      from < bytes.length ? bytes.copy(room, 0, from) : 0,
    );
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
    if (!Array.isArray(buffers) || !buffers.every(ArrayBuffer.isView)) {
      throw invalidType('buffers', 'an array of ArrayBufferViews', buffers);
    }
    const from =
      position === undefined || position === null ? -1 : integer('position', position, -1);
    let total = 0;
    for (const buffer of buffers) {
      const next = from === -1 ? -1 : from + total;
      total += this.#readInto({ buffer, position: next });
    }
    return { bytesRead: total, buffers };
  }

  /**
   * What is left from where the last read ended.
   * @throws as {@link read}
   */
  async readFile(options?: HandleReadFileOptions<null | undefined> | null): Promise<Buffer>;
  /** The same as text. @throws as the first form; TypeError for an unknown encoding */
  async readFile(options: BufferEncoding | HandleReadFileOptions<BufferEncoding>): Promise<string>;
  async readFile(
    options?: BufferEncoding | HandleReadFileOptions | null,
  ): Promise<Buffer | string> {
    const { encoding, signal } =
      typeof options === 'string' ? { encoding: options } : (options ?? {});
    signal?.throwIfAborted();
    if (typeof encoding === 'string' && !Buffer.isEncoding(encoding)) {
      throw invalidValue('encoding', 'an encoding of Buffer', encoding);
    }
    const bytes = this.#file.use((all) => all.slice(this.#position));
    this.#position += bytes.length;
    return encoding === undefined || encoding === null ? bytes : bytes.toString(encoding);
  }

  /**
   * The lines from where the last read ended, as `FileHandle.readLines` gives them.
   * @throws as {@link createReadStream}
   */
  readLines(options?: HandleStreamOptions): Interface {
    return process.getBuiltinModule('node:readline').createInterface({
      input: this.createReadStream(options),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
  }

  /**
   * A stream of the file from where the last read ended, or from `start`. It goes its own way:
   * the position of the handle stays.
   * @throws RangeError, TypeError for bad options · Error of the system · MapClosedError
   */
  createReadStream(options: HandleStreamOptions = {}): FileReadable {
    const { autoClose = true, ...rest } = options;
    const given = resolveStreamOptions({ start: this.#position, ...rest });
    const stream = new FileStream(this.#file.clone(), this.#path, given);
    if (autoClose) stream.once('close', () => this.#file.close());
    return stream;
  }

  /**
   * A byte stream of the file from where the last read ended. It goes its own way.
   * @throws Error of the system · MapClosedError
   */
  readableWebStream(): ReadableStream<Uint8Array> {
    return webStreamOf(this.#file.clone(), { start: this.#position });
  }

  /** What `fs.fstat` says of the file. @throws Error of the system · MapClosedError */
  async stat(options?: StatOptions & { bigint?: false }): Promise<Stats>;
  /** The same in bigints. @throws as the first form */
  async stat(options: StatOptions & { bigint: true }): Promise<BigIntStats>;
  async stat(options?: StatOptions): Promise<Stats | BigIntStats> {
    const descriptor = this.#file.descriptor();
    try {
      return fstatSync(descriptor.fd, options);
    } finally {
      descriptor.release();
    }
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

/** The forms in which `read` can be asked, as one. */
function readOptions<T extends ArrayBufferView>(
  target: T | ReadOptions<T> | null | undefined,
  offset: number | null | undefined | Omit<ReadOptions, 'buffer'>,
  length: number | null | undefined,
  position: number | bigint | null | undefined,
): ReadOptions & { buffer: T } {
  if (ArrayBuffer.isView(target)) {
    const place =
      typeof offset === 'object' && offset !== null ? offset : { offset, length, position };
    return { ...place, buffer: target };
  }
  const options = target ?? {};
  if (typeof options !== 'object') throw invalidType('buffer', 'a view or options', options);
  const buffer = options.buffer ?? (Buffer.alloc(BUFFER) as ArrayBufferView as T);
  if (!ArrayBuffer.isView(buffer)) throw invalidType('buffer', 'a Buffer or a view', buffer);
  return { ...options, buffer };
}

/**
 * The file in the shape of a `FileHandle`, read through the manager's windows; `await` does no
 * harm. It is opened with the first use, and a missing file fails there.
 */
export function openFileHandle(manager: StaticWindowMapManager, path: PathOrFd): ReadFileHandle {
  return new ReadFileHandle(manager, path);
}
