/** A file as a stream of Node's. */
import { Readable } from 'node:stream';
import { integer, integerOrAll, invalidType, knownOptions, outOfRange } from '../arguments.js';
import type { SlidingWindowMapBuffer } from '../buffer.js';
import type { StaticWindowMapManager } from '../manager.js';
import type { PathOrFd } from '../source.js';
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
  encoding?: BufferEncoding;
  /** Destroys the stream with an `AbortError`. */
  signal?: AbortSignal;
}

const CHUNK = 64 * 1024;
/** Bytes that are brought into memory at one go, off the main thread. */
const AHEAD = 2 ** 20;

/** Reads a range of a file in order, a chunk at a time. */
class FileStream extends Readable {
  /** Bytes given so far. */
  bytesRead = 0;
  /** The file as it was named. */
  readonly path: PathOrFd;
  readonly #file: FileBytes;
  readonly #begin: number;
  readonly #end: number;
  readonly #chunk: number;
  #buffer: SlidingWindowMapBuffer | undefined;
  /** Up to here the bytes are in memory, as far as one can know. */
  #ready = 0;

  constructor(manager: StaticWindowMapManager, path: PathOrFd, options: ReadStreamOptions = {}) {
    knownOptions(options, ['start', 'end', 'highWaterMark', 'encoding', 'signal']);
    const { start = 0, end = Number.POSITIVE_INFINITY, highWaterMark = CHUNK } = options;
    integer('start', start);
    integerOrAll('end', end);
    if (start > end) throw outOfRange('start', `at most "end" (${end})`, start);
    const { encoding, signal } = options;
    if (encoding !== undefined && !Buffer.isEncoding(encoding)) {
      throw invalidType('encoding', 'an encoding of Buffer', encoding);
    }
    super({
      highWaterMark: integer('highWaterMark', highWaterMark, 1, 2 ** 30),
      ...(encoding === undefined ? {} : { encoding }),
      ...(signal === undefined ? {} : { signal }),
    });
    this.path = path;
    this.#file = new FileBytes(manager, path);
    this.#begin = start;
    this.#end = end;
    this.#chunk = highWaterMark;
  }

  override _construct(callback: (error?: Error | null) => void): void {
    try {
      this.#buffer = this.#file.open();
      callback();
    } catch (error) {
      callback(error as Error);
    }
  }

  override _read(): void {
    this.#next().then(
      (bytes) => {
        if (bytes !== undefined) this.bytesRead += bytes.length;
        this.push(bytes ?? null);
      },
      (error) => this.destroy(error),
    );
  }

  async #next(): Promise<Buffer | undefined> {
    const buffer = this.#buffer as SlidingWindowMapBuffer;
    const from = this.#begin + this.bytesRead;
    const to = Math.min(from + this.#chunk, this.#end + 1, buffer.length);
    if (from >= to) return undefined;
    if (to > this.#ready) {
      this.#ready = Math.min(from + Math.max(AHEAD, this.#chunk), this.#end + 1, buffer.length);
      await buffer.prefetch(from, this.#ready - from);
    }
    return buffer.slice(from, to);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#buffer = undefined;
    this.#file.close();
    callback(error);
  }
}

/**
 * A real `Readable` over the manager's windows: chunks are copies, with back-pressure, and
 * pages are brought into memory off the main thread. The window that was read stays the
 * manager's to unmap; the file is let go at the end, and when the stream is destroyed.
 * It gives the bytes that the file had when the stream began.
 * @throws RangeError `ERR_OUT_OF_RANGE` · TypeError for bad options. Errors of the file
 * (`ENOENT`, MapFaultError, …) come as the stream's `error`
 */
export function createReadStream(
  manager: StaticWindowMapManager,
  path: PathOrFd,
  options?: ReadStreamOptions,
): Readable & { readonly bytesRead: number; readonly path: PathOrFd } {
  return new FileStream(manager, path, options);
}
