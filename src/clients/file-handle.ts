/** The file handle that the GMOD packages take (generic-filehandle2). */
import { integer, invalidValue, outOfRange } from '../arguments.js';
import type { PathOrFd, StaticWindowMapManager } from '../index.js';
import { FileBytes } from './file-bytes.js';

/** What generic-filehandle2 asks of a file. */
export interface GenericFilehandle {
  /** A copy of `length` bytes from `position`; fewer at the end of the file. */
  read(length: number, position: number, options?: object): Promise<Uint8Array<ArrayBuffer>>;
  /** The bytes of the whole file. */
  readFile(options?: BytesOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Its text. */
  readFile(options: BufferEncoding | TextOptions): Promise<string>;
  /** What is known of the file. */
  stat(): Promise<{ size: number }>;
  /** Lets it go. */
  close(): Promise<void>;
}

interface BytesOptions {
  encoding?: undefined;
  signal?: AbortSignal;
}

interface TextOptions {
  encoding: BufferEncoding;
}

/** A file read through a manager's windows: for indexedfasta, bam, tabix, bbi and their like. */
export class FileReader implements GenericFilehandle {
  readonly #file: FileBytes;

  /** @internal */
  constructor(manager: StaticWindowMapManager, path: PathOrFd) {
    this.#file = FileBytes.of(manager, path);
  }

  /**
   * A copy of `length` bytes from `position`, in memory of their own; fewer at the end of the
   * file, none past it. The end is where it was when the file was opened, or looked at last by
   * {@link stat} or {@link readFile}.
   * @param _options what GMOD's own handles take (`signal`, headers); nothing here waits
   * @throws RangeError `ERR_OUT_OF_RANGE` · Error of the system · MapClosedError · MapFaultError
   */
  async read(
    length: number,
    position: number,
    _options?: object,
  ): Promise<Uint8Array<ArrayBuffer>> {
    integer('length', length);
    if (integer('position', position) + length > Number.MAX_SAFE_INTEGER) {
      throw outOfRange('length', 'such that the last offset is a safe integer', length);
    }
    return plain(this.#file.use((bytes) => bytes.slice(position, position + length)));
  }

  /**
   * The bytes of the whole file, as it is now.
   * @throws as {@link read}; RangeError `ERR_OUT_OF_RANGE` when one Buffer cannot hold it
   */
  async readFile(options?: BytesOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Its text. @throws as the other; TypeError `ERR_INVALID_ARG_VALUE` for an unknown encoding */
  async readFile(options: BufferEncoding | TextOptions): Promise<string>;
  async readFile(
    options?: BufferEncoding | BytesOptions | TextOptions,
  ): Promise<string | Uint8Array<ArrayBuffer>> {
    const encoding = typeof options === 'string' ? options : options?.encoding;
    if (encoding !== undefined && !Buffer.isEncoding(encoding)) {
      throw invalidValue('encoding', 'an encoding of Buffer', encoding);
    }
    this.#file.refresh();
    const bytes = this.#file.use((all) => all.slice());
    return encoding === undefined ? plain(bytes) : bytes.toString(encoding);
  }

  /** The file's size now, in bytes. @throws Error of the system · MapClosedError */
  async stat(): Promise<{ size: number }> {
    this.#file.refresh();
    return { size: this.#file.length };
  }

  /** Lets the file go. Again does nothing. */
  async close(): Promise<void> {
    this.#file.close();
  }

  /** Exactly `close()`. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** As no Buffer: its `slice` makes views, where that of a plain array copies. */
function plain(bytes: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
}

/** The file as a GMOD file handle. It is opened with the first use, and a missing one fails there. */
export function fileHandle(manager: StaticWindowMapManager, path: PathOrFd): FileReader {
  return new FileReader(manager, path);
}
