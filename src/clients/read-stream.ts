/** A file as a stream of Node's. */
import { addAbortSignal, Readable } from 'node:stream';
import {
  integer,
  integerOrAll,
  invalidType,
  invalidValue,
  isSignal,
  knownOptions,
  outOfRange,
} from '../arguments.js';
import type { PathOrFd, StaticWindowMapManager } from '../index.js';
import { FileBytes } from './file-bytes.js';

/** Options of {@link createReadStream}, as those of `fs.createReadStream`. */
export interface ReadStreamOptions {
  /** First byte, an offset into the file. @default 0 */
  start?: number;
  /** Last byte, itself read. @default Infinity */
  end?: number;
  /** Bytes in a chunk, and bytes that are read ahead of who takes them. @default 65536 */
  highWaterMark?: number;
  /** Gives text in the place of bytes. */
  encoding?: BufferEncoding | null;
  /** Destroys the stream with an `AbortError`. */
  signal?: AbortSignal;
}

/** A `Readable` that says how far it is. */
export type FileReadable = Readable & {
  /** Bytes given so far. */
  readonly bytesRead: number;
  /** The file as it was named. */
  readonly path: PathOrFd;
};

const CHUNK = 64 * 1024;

/** @internal Options that were checked. */
export interface ResolvedStreamOptions {
  readonly start: number;
  readonly end: number;
  readonly highWaterMark: number;
  readonly encoding: BufferEncoding | undefined;
  readonly signal: AbortSignal | undefined;
}

/** @internal @throws TypeError, RangeError for options that make no sense */
export function resolveStreamOptions(options: ReadStreamOptions = {}): ResolvedStreamOptions {
  knownOptions(options, ['start', 'end', 'highWaterMark', 'encoding', 'signal']);
  const { start = 0, end = Number.POSITIVE_INFINITY, highWaterMark = CHUNK, signal } = options;
  const encoding = options.encoding ?? undefined;
  integer('start', start);
  integerOrAll('end', end);
  if (start > end) throw outOfRange('start', `at most "end" (${end})`, start);
  integer('highWaterMark', highWaterMark, 1, 2 ** 30);
  if (encoding !== undefined && !Buffer.isEncoding(encoding)) {
    throw invalidValue('encoding', 'an encoding of Buffer', encoding);
  }
  if (signal !== undefined && !isSignal(signal)) {
    throw invalidType('signal', 'an AbortSignal', signal);
  }
  return { start, end, highWaterMark, encoding, signal };
}

/** @internal Reads a range of a file in order, a chunk at a time, and lets the file go at the end. */
export class FileStream extends Readable {
  bytesRead = 0;
  readonly path: PathOrFd;
  readonly #file: FileBytes;
  readonly #options: ResolvedStreamOptions;
  /** One past the last byte, known when the file is open. */
  #end = 0;

  constructor(file: FileBytes, path: PathOrFd, options: ResolvedStreamOptions) {
    const { highWaterMark, encoding, signal } = options;
    super({ highWaterMark, ...(encoding === undefined ? {} : { encoding }) });
    this.path = path;
    this.#file = file;
    this.#options = options;
    if (signal === undefined) return;
    try {
      addAbortSignal(signal, this); // last: it may destroy the stream at once
    } catch (error) {
      this.destroy(); // or it would open the file for nobody
      throw error;
    }
  }

  override _construct(callback: (error?: Error | null) => void): void {
    try {
      this.#end = Math.min(this.#options.end + 1, this.#file.length);
      callback();
    } catch (error) {
      callback(error as Error);
    }
  }

  override _read(): void {
    this.#next().then(
      (bytes) => {
        this.bytesRead += bytes?.length ?? 0;
        this.push(bytes);
      },
      (error) => this.destroy(error),
    );
  }

  async #next(): Promise<Buffer | null> {
    const from = this.#options.start + this.bytesRead;
    const size = Math.min(this.#options.highWaterMark, this.#end - from);
    if (size <= 0) return null;
    const bytes = Buffer.allocUnsafeSlow(size);
    await this.#file.readOn(bytes, from);
    return bytes;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#file.close();
    callback(error);
  }
}

/**
 * A real `Readable` over the manager's windows: chunks are copies, with back-pressure, and
 * pages are brought into memory off the main thread. While it is open one window is in use,
 * the one it reads; the file is let go at the end, and when the stream is destroyed.
 * It gives the bytes that the file had when the stream began.
 * @throws RangeError `ERR_OUT_OF_RANGE` · TypeError for bad options. Errors of the file
 * (`ENOENT`, MapFaultError, …) come as the stream's `error`
 */
export function createReadStream(
  manager: StaticWindowMapManager,
  path: PathOrFd,
  options?: BufferEncoding | ReadStreamOptions,
): FileReadable {
  const given = typeof options === 'string' ? { encoding: options } : options;
  return new FileStream(FileBytes.of(manager, path), path, resolveStreamOptions(given));
}
