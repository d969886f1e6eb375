/** One OS mapping and its lifetime. */
import { constants } from 'node:buffer';
import { outOfRange } from './arguments.js';
import { keepGuard } from './fault-guard.js';
import {
  type DescriptorHandle,
  errnoOf,
  explain,
  FLUSH,
  faultEpoch,
  heapLimit,
  type MappingHandle,
  MODE,
  native,
} from './native.js';
import { alignUp, PAGE_SIZE } from './page.js';

/** What stores into a mapping do; see `native/mapping.h`. */
export type Access = keyof typeof MODE;

/** Bytes in one piece of a mapping that is too large for one view. */
const PIECE = 2 ** 30;
/**
 * Bytes in the first view of a larger mapping, when no more are asked for: V8 takes every
 * 64 MiB that are exposed for a reason to collect garbage. Whoever reads on gets the whole.
 */
const FIRST_VIEW = 2 ** 24;

/** Handles that hold no mapping now: making one costs as much as a mapping. */
const spareHandles: MappingHandle[] = [];
const MOST_SPARE_HANDLES = 64;

/**
 * Bytes exposed to JavaScript that idle regions may add to, as a part of the heap limit.
 * V8 counts what ArrayBuffers hold, and past about half its heap limit every further one costs a
 * full garbage collection: 3 ms on an empty heap, 75 ms and more on a full one.
 */
const MOST_EXPOSED_OF_HEAP = 1 / 4;

/** Losses found in this thread without a fault. */
let losses = 0;

/** Changes whenever a page was found lost: by a fault anywhere in the process, or without one in this thread. */
export function faultStamp(): number {
  return (faultEpoch[0] as number) + losses;
}

/** Bytes of a mapping in one view. */
export interface Piece {
  readonly bytes: Buffer;
  /** Offset in the mapping of `bytes[0]`. */
  readonly begin: number;
}

/** A range of a file in memory, from `open` to `close`. */
export class Mapping {
  /** Offset into the file in bytes, a multiple of the granularity. */
  readonly offset: number;
  /** Bytes, 1 or more. */
  readonly length: number;
  /** What stores into it do. */
  readonly access: Access;
  #handle: MappingHandle | undefined;
  #pieces: Map<number, Buffer> | undefined;
  #whole: Buffer | undefined;
  #first: Piece | undefined;
  #everExposed = false;
  #losses = 0;
  #epochSeen = faultEpoch[0];
  #faults = 0;

  private constructor(handle: MappingHandle, offset: number, length: number, access: Access) {
    this.#handle = handle;
    this.offset = offset;
    this.length = length;
    this.access = access;
  }

  /**
   * Maps a range.
   * @param length bytes, at least 1
   * @param reserved whether it may be one of the mappings kept back for those that have few
   * @param pinned whether its views stay when it is forgotten, also where room is needed
   * @returns `undefined` when the process is at its ceiling
   * @throws Error of the system; `errno` tells which, it is not yet explained
   */
  static open(
    descriptor: DescriptorHandle,
    offset: number,
    length: number,
    access: Access,
    reserved: boolean,
    pinned: boolean,
  ): Mapping | undefined {
    return Mapping.#into(offset, length, access, (handle) =>
      native.map(handle, descriptor, offset, length, MODE[access], reserved, pinned),
    );
  }

  /**
   * As {@link open}, with what mmap(2) knows beside.
   * @param descriptor `null`: memory of no file, zeros at first
   * @param flags of mmap(2), beside those that `access` stands for
   * @param name under which other processes find it; Windows
   */
  static openLike(
    descriptor: DescriptorHandle | null,
    offset: number,
    length: number,
    access: Access,
    flags: number,
    name: Buffer | null,
  ): Mapping | undefined {
    return Mapping.#into(offset, length, access, (handle) =>
      native.mapLike(handle, descriptor, offset, length, MODE[access], flags, name),
    );
  }

  static #into(
    offset: number,
    length: number,
    access: Access,
    map: (handle: MappingHandle) => boolean,
  ): Mapping | undefined {
    keepGuard();
    heapLimit(); // the addon is told of it before there is a mapping
    const handle = spareHandles.pop() ?? native.handle();
    let mapped = false;
    try {
      mapped = map(handle);
    } finally {
      if (!mapped) spareHandles.push(handle);
    }
    return mapped ? new Mapping(handle, offset, length, access) : undefined;
  }

  /** Bytes the system has mapped for it: whole pages. */
  get extent(): number {
    return alignUp(this.length, PAGE_SIZE);
  }

  get closed(): boolean {
    return this.#handle === undefined;
  }

  /**
   * Faults survived in it so far; 0 means that every page could be had.
   * Costs one load while nothing faults anywhere in the process.
   */
  get faults(): number {
    if (this.#epochSeen !== faultEpoch[0] && this.#handle !== undefined) {
      this.#epochSeen = faultEpoch[0];
      this.#faults = native.faults(this.#handle);
    }
    return this.#faults + this.#losses;
  }

  /**
   * The bytes from `begin` to `end`, offsets in the mapping, without a copy.
   * @throws RangeError `ERR_OUT_OF_RANGE` when they are more than one view can hold
   */
  bytes(begin = 0, end = this.length): Buffer {
    const first = this.#firstView(begin, end);
    if (first !== undefined) return first.bytes.subarray(begin - first.begin, end - first.begin);
    const whole = this.#wholeView();
    if (whole !== undefined) {
      return begin === 0 && end === this.length ? whole : whole.subarray(begin, end);
    }
    if (end - begin > constants.MAX_LENGTH) {
      throw outOfRange(
        'size',
        `at most ${constants.MAX_LENGTH} bytes, what one view can hold`,
        end - begin,
      );
    }
    const piece = alignToPiece(begin);
    // Those of a second row lie over the seams of the first. A view stays until the mapping is closed: few are made.
    const other = alignToPiece(begin + PIECE / 2) - PIECE / 2;
    for (const start of [piece, other]) {
      if (start < 0 || end > start + PIECE) continue;
      return this.#piece(start).subarray(begin - start, end - start);
    }
    const page = begin - (begin % PAGE_SIZE);
    if (end - page > constants.MAX_LENGTH) return this.#view(begin, end - begin);
    return this.#view(page, end - page).subarray(begin - page); // memory of a view begins with a page
  }

  /** The largest view without a copy that holds the byte at `offset`, 0 ≤ offset < length. */
  pieceAt(offset: number): Piece {
    const first = this.#firstView(offset, offset + 1);
    if (first !== undefined) return first;
    const whole = this.#wholeView();
    if (whole !== undefined) return { bytes: whole, begin: 0 };
    const begin = alignToPiece(offset);
    return { bytes: this.#piece(begin), begin };
  }

  /** Notes a page that could not be had, found without touching it. */
  noteLoss(): void {
    this.#losses = 1;
    losses++;
  }

  /** Brings pages into memory, off this thread. Offsets in the mapping; `begin` a multiple of the page. */
  populate(begin: number, length: number): Promise<void> {
    return native.populate(this.#open(), begin, length);
  }

  /**
   * Whether it holds stores that would be lost with it: one that is private and
   * was written to. Where the system cannot say, one that was handed out.
   */
  hasPrivateStores(): boolean {
    if (this.access !== 'copy' || !this.#everExposed || this.#handle === undefined) return false;
    return native.hasPrivatePages(this.#handle);
  }

  /**
   * Brings what was stored between two offsets in the mapping to the device.
   * Nothing happens where stores do not reach the file.
   * @param kind one of `FLUSH`
   * @param file the mapped file, where the system needs it for that
   * @throws Error of the system; `errno` tells which, it is not yet explained
   */
  flush(
    begin: number,
    end: number,
    kind: number = FLUSH.sync,
    file: DescriptorHandle | null = null,
  ): void {
    if (this.access !== 'write') return;
    const first = begin - (begin % PAGE_SIZE);
    native.flush(this.#open(), first, end - first, kind, file);
  }

  /** As {@link flush}, off this thread; the memory stays until it is done. */
  async flushAsync(begin: number, end: number, file: DescriptorHandle | null): Promise<void> {
    if (this.access !== 'write') return;
    const first = begin - (begin % PAGE_SIZE);
    await native.flushAsync(this.#open(), first, end - first, file);
  }

  /** Tells the kernel how pages will be used; `advice` is its own number. Offsets are whole pages. */
  advise(begin: number, end: number, advice: number): void {
    native.advise(this.#open(), begin, end - begin, advice);
  }

  /** Keeps all of its pages in memory. */
  lock(): void {
    native.lock(this.#open(), 0, this.length);
  }

  /** Ends {@link lock}. */
  unlock(): void {
    native.unlock(this.#open(), 0, this.length);
  }

  /** A bit for each page, the lowest first: whether it is in memory. */
  residency(): Uint8Array {
    const bits = new Uint8Array(Math.ceil(this.length / PAGE_SIZE / 8));
    native.residency(this.#open(), 0, this.length, bits);
    return bits;
  }

  /** Copies bytes inside it; the two ranges may overlap. */
  move(to: number, from: number, length: number): void {
    native.move(this.#open(), to, from, length);
  }

  /** Names memory of no file for those who look at the process from outside. */
  setName(name: Buffer): void {
    native.setName(this.#open(), name);
  }

  /**
   * Empties every view.
   * @throws Error `EBUSY` as {@link close}
   */
  detach(): void {
    if (this.#handle === undefined) return;
    if (!native.detach(this.#handle)) throw busy();
    this.#forgetViews();
  }

  /**
   * Empties every view and unmaps; again does nothing.
   * @throws Error `EBUSY` when the engine is using a view at this moment (Bun, during an
   * asynchronous read into it): nothing was unmapped, try again later
   */
  close(): void {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#faults = native.faults(handle);
    if (!native.close(handle)) throw busy();
    this.#handle = undefined;
    this.#forgetViews();
    if (spareHandles.length < MOST_SPARE_HANDLES) spareHandles.push(handle);
  }

  /** Empties every view when JavaScript holds too many bytes at once; the next use makes new ones. */
  hideWhenCrowded(): void {
    if (
      !this.#everExposed ||
      this.#handle === undefined ||
      native.exposed() <= heapLimit() * MOST_EXPOSED_OF_HEAP
    )
      return;
    native.detach(this.#handle);
    this.#forgetViews();
  }

  #forgetViews(): void {
    this.#first = undefined;
    this.#whole = undefined;
    this.#pieces = undefined;
  }

  #open(): MappingHandle {
    if (this.#handle === undefined) throw new Error('a closed mapping was used');
    return this.#handle;
  }

  /** A small view that holds the range, as long as no other part was asked for. */
  #firstView(begin: number, end: number): Piece | undefined {
    if (this.length <= FIRST_VIEW || this.#whole !== undefined) return undefined;
    if (this.#first === undefined || this.#first.bytes.length === 0) {
      const start = begin - (begin % FIRST_VIEW);
      if (end > start + FIRST_VIEW) return undefined;
      const bytes = this.#view(start, Math.min(FIRST_VIEW, this.length - start));
      this.#first = { bytes, begin: start };
    }
    const { bytes, begin: start } = this.#first;
    return begin >= start && end <= start + bytes.length ? this.#first : undefined;
  }

  #wholeView(): Buffer | undefined {
    // A view whose ArrayBuffer was transferred away is empty, and made anew.
    if (this.#whole !== undefined && this.#whole.length > 0) return this.#whole;
    if (this.length > constants.MAX_LENGTH) return undefined;
    this.#whole = this.#view(0, this.length);
    return this.#whole;
  }

  #piece(begin: number): Buffer {
    this.#pieces ??= new Map();
    let piece = this.#pieces.get(begin);
    if (piece === undefined || piece.length === 0) {
      piece = this.#view(begin, Math.min(PIECE, this.length - begin));
      this.#pieces.set(begin, piece);
    }
    return piece;
  }

  #view(begin: number, length: number): Buffer {
    const buffer = native.view(this.#open(), begin, length);
    if (buffer === undefined) {
      throw outOfRange('size', 'what this JavaScript engine lets one ArrayBuffer hold', length);
    }
    this.#everExposed = true;
    return Buffer.from(buffer);
  }
}

function alignToPiece(offset: number): number {
  return offset - (offset % PIECE);
}

function busy(): unknown {
  const error = Object.assign(new Error(''), { errno: errnoOf('EBUSY'), syscall: 'munmap' });
  return explain(error, undefined, 'a view of the mapping is in use by an operation');
}
