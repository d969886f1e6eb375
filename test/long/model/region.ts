/** A region as memory shows it: pages of the file, pages of its own, pages that were lost. */

import { type MapRegion, PAGE_SIZE } from 'smmap';
import type { MappingHandle } from '#src/native.js';
import type { CutListener } from './disk.js';
import type { Entry } from './entry.js';
import type { Lease } from './lease.js';

export type Access = 'read' | 'write' | 'copy';

export const pageUp = (bytes: number): number => Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
export const pageDown = (bytes: number): number => bytes - (bytes % PAGE_SIZE);

/** The file and the place in it. No two files of a script have the same descriptor. */
export const nameOf = ({ file }: Entry, begin: number): string => `${file.fd}:${begin}`;

/** A mapped range of a file. Offsets are offsets into the file. */
export class RegionModel implements CutListener {
  readonly users = new Set<Lease>();
  /** How often a cursor came onto it of its own. */
  entries = 0;
  /** When it was last entered or left. */
  lastUse = 0;
  retired = false;
  mapped = true;
  /** Whether somebody was told of a fault. */
  told = false;
  /** Pages lost: by touching one, or found by a prefetch. */
  faults = 0;
  /** Grows whenever every view of it becomes empty. */
  generation = 0;
  /** The region of the manager, as soon as a cursor showed it. */
  real: MapRegion | undefined;
  /** From here on lost pages were replaced by zeros. */
  #zerosFrom = Number.POSITIVE_INFINITY;
  #touched = 0;
  #shown = 0;
  readonly #own = new Map<number, Buffer>();

  constructor(
    readonly entry: Entry,
    readonly begin: number,
    readonly end: number,
    readonly handle: MappingHandle,
    readonly access: Access,
    /** First byte that is read in it; what lies before is read in another. */
    readonly from = begin,
  ) {
    entry.file.regions.add(this);
  }

  get name(): string {
    return nameOf(this.entry, this.begin);
  }

  get size(): number {
    return this.end - this.begin;
  }

  /** Whole pages. */
  get extent(): number {
    return pageUp(this.size);
  }

  /** Bytes of it that the system still shows as the file's. */
  get extentOfFile(): number {
    return Math.min(this.#zerosFrom, this.begin + this.extent) - this.begin;
  }

  serves(offset: number): boolean {
    return offset >= this.from && offset < this.end;
  }

  /**
   * Whether it holds stores that live nowhere else. Zeros in the place of lost pages
   * count as such: the system does not tell them apart.
   */
  get mustStay(): boolean {
    return this.access === 'copy' && this.hasOwnPages;
  }

  /** Whether stores in it make its bytes differ from the file's. */
  get hasOwnPages(): boolean {
    return this.#own.size > 0 || this.#zerosFrom !== Number.POSITIVE_INFINITY;
  }

  /** The file was cut: its pages go, also those that were stored into. */
  cut(size: number): void {
    for (const page of this.#own.keys()) {
      if (page >= pageUp(size) && page < this.#zerosFrom) this.#own.delete(page);
    }
  }

  /** Whether a page between two offsets cannot be had. */
  lacks(begin: number, end: number): boolean {
    const lost = pageUp(this.entry.file.size);
    return Math.max(pageDown(begin), lost) < Math.min(end, this.#zerosFrom);
  }

  /** Memory between two offsets is read or written: a lost page is noticed. */
  touch(begin: number, end: number): void {
    if (begin >= end || !this.lacks(begin, end)) return;
    this.#zerosFrom = Math.max(pageUp(this.entry.file.size), this.begin);
    for (const page of this.#own.keys()) if (page >= this.#zerosFrom) this.#own.delete(page);
    this.#touched++;
    this.faults++;
  }

  /** So many faults were seen: more than are known must come from a lost page. */
  notice(faults: number): void {
    if (faults > this.faults) this.touch(this.begin, this.end);
  }

  /** What memory shows between two offsets. */
  read(begin: number, end: number): Buffer {
    this.touch(begin, end);
    const { bytes } = this.entry.file;
    if (!this.hasOwnPages) return Buffer.from(bytes.subarray(begin, end));
    const copy = Buffer.alloc(end - begin);
    for (let page = pageDown(begin); page < end; page += PAGE_SIZE) {
      const from = Math.max(begin, page);
      const to = Math.min(end, page + PAGE_SIZE);
      const own = this.#own.get(page);
      if (own !== undefined) own.copy(copy, from - begin, from - page, to - page);
      else if (page < this.#zerosFrom) bytes.copy(copy, from - begin, from, to);
    }
    return copy;
  }

  /** A byte is stored through a view. */
  store(offset: number, byte: number): void {
    this.touch(offset, offset + 1);
    const page = pageDown(offset);
    const { bytes } = this.entry.file;
    if (this.access === 'write' && page < this.#zerosFrom) {
      bytes[offset] = byte;
      return;
    }
    let own = this.#own.get(page);
    if (own === undefined) {
      own = Buffer.alloc(PAGE_SIZE);
      if (page < this.#zerosFrom) bytes.copy(own, 0, page, page + PAGE_SIZE);
      this.#own.set(page, own);
    }
    own[offset - page] = byte;
  }

  /** A prefetch found a lost page without touching it. */
  noteLoss(): void {
    this.faults++;
  }

  /** The event loop turns: what faulted loses its views. */
  turn(): void {
    if (this.#shown === this.#touched) return;
    this.#shown = this.#touched;
    this.generation++;
  }

  unmapped(): void {
    this.mapped = false;
    this.generation++;
    this.entry.file.regions.delete(this);
  }

  toString(): string {
    return `${this.entry.name} ${this.begin}+${this.size}`;
  }
}
