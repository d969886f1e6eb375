/** A whole file mapped, as the bytes that other packages take. */
import { MemoryMap, PAGE_SIZE } from '../index.js';

/**
 * A whole file, pinned: no budget unmaps it. Its bytes come in three wrappers, all of the
 * same memory and without a copy. A store into them stays private and never reaches the file.
 * Forgotten, it is unmapped when nothing holds its bytes any more.
 */
export class MappedFile {
  readonly #path: string | URL | Buffer;
  readonly #map: MemoryMap;
  #bytes: Uint8Array<ArrayBuffer> | undefined;

  /** @internal */
  constructor(path: string | URL | Buffer) {
    this.#path = path;
    this.#map = MemoryMap.open(path, { trackFd: false });
  }

  /** Bytes in the file when it was mapped; 0 once it is closed. */
  get length(): number {
    return this.#map.length;
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.#map.closed;
  }

  /**
   * Exactly the file's bytes, from offset 0: for isomorphic-git, hyparquet, pmtiles, geotiff.
   * @throws RangeError `ERR_OUT_OF_RANGE` when one cannot hold them (4 GiB on Node 20)
   * @throws MapClosedError · MapFaultError
   */
  get arrayBuffer(): ArrayBuffer {
    return this.#map.arrayBuffer;
  }

  /** The same as a `Uint8Array`: for apache-arrow, flatgeobuf, zip.js. @throws as {@link arrayBuffer} */
  get bytes(): Uint8Array<ArrayBuffer> {
    const { arrayBuffer } = this;
    // Another ArrayBuffer than before where the first was taken away, as after a lost page.
    if (this.#bytes?.buffer !== arrayBuffer) this.#bytes = new Uint8Array(arrayBuffer);
    return this.#bytes;
  }

  /** The same as a `Buffer`: for mmdb-lib, maxmind, geoip2-node, yauzl. @throws as {@link arrayBuffer} */
  get buffer(): Buffer {
    return this.#map.bytes;
  }

  /** Bytes of address space that it takes: whole pages. */
  get mappedBytes(): number {
    return Math.ceil(this.length / PAGE_SIZE) * PAGE_SIZE;
  }

  /**
   * The file that the path stands for now, mapped anew. This one stays as it is, so that who
   * still reads it can finish: close it then, or forget it.
   * @throws as {@link mapFile}
   */
  reload(): MappedFile {
    return new MappedFile(this.#path);
  }

  /** Unmaps it; every view of its bytes becomes empty. Again does nothing. */
  close(): void {
    this.#map.close();
  }

  /** Exactly `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Maps a whole file for a package that wants all of its bytes at once, without reading it
 * into memory. An empty file has no bytes.
 * @throws Error of the system (`ENOENT`, `EACCES`, `EISDIR`, …) · NotMappableError ·
 * BudgetExceededError at the process's ceiling
 */
export function mapFile(path: string | URL | Buffer): MappedFile {
  return new MappedFile(path);
}
