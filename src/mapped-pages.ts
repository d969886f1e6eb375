/** The pages under a map: what the kernel is told of them, and says of them. */
import { type Advice, adviceOf } from './advice.js';
import { integer, invalidState, invalidType, outOfRange } from './arguments.js';
import { MapClosedError, ReadOnlyError } from './errors.js';
import type { MapMemory } from './map-memory.js';
import { MappedBytes } from './mapped-bytes.js';
import type { Mapping } from './mapping.js';
import { explaining, isSystemFailure, native } from './native.js';
import { alignUp, PAGE_SIZE } from './page.js';
import { type PrefetchOptions, populateInSteps, signalOf } from './prefetch.js';

/** Bytes in the longest name of memory: 80 with the zero at the end (mm/madvise.c, ANON_VMA_NAME_MAX_LEN). */
const LONGEST_NAME = 79;

/** Bytes in one mapping whose pages can be advised, asked for, locked and brought in. */
export abstract class MappedPages extends MappedBytes {
  /**
   * Tells the kernel how the bytes will be used. What harms no byte is told of every page
   * that the range touches; 'dontneed', 'free' and 'remove' only of pages that lie in it whole.
   * 'remove' makes a hole in the file itself.
   * @param advice a name, or a number of `MADV_*`
   * @param start index of the first byte
   * @param length bytes; left out, or past the end: to the end
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for advice that this system does not know, or that
   * could harm the process · RangeError `ERR_OUT_OF_RANGE` · ReadOnlyError · Error of the
   * system (`EINVAL` where the advice is not for memory of this kind)
   */
  madvise(advice: Advice | number, start = 0, length?: number): void {
    this.verify();
    const known = adviceOf(advice);
    const memory = this.memory;
    if (known.stores && memory.readonly) {
      throw new ReadOnlyError(`"${known.name}" stores, and this is a map for reading`);
    }
    integer('start', start, 0, Math.max(memory.length - 1, 0));
    const end = Math.min(start + integer('length', length ?? memory.length), memory.length);
    const { mapping } = memory;
    if (mapping === undefined || start >= end) return;
    const [first, last] = known.destructive
      ? wholePages(start, end, memory, known.ofFile)
      : touchedPages(start, end, memory.skip);
    if (first >= last) return;
    this.#touching(mapping, () => mapping.advise(first, last, known.number));
    this.verify();
  }

  /** Runs a call that brings pages in; one that cannot be had is noted. */
  #touching(mapping: Mapping, call: () => void, remark?: string): void {
    const { memory } = this;
    try {
      explaining(call, memory.file?.path, remark);
    } catch (error) {
      // The system's word for a page past the end of the file (madvise(2)).
      if (!isSystemFailure(error) || error.code !== 'EFAULT') throw error;
      mapping.noteLoss();
      throw memory.fault(error);
    }
  }

  /**
   * Which pages are in memory: bit `page % 8` of byte `page >> 3`, the lowest first. Page 0
   * is the one that holds index 0. `undefined` where the kernel will not say: for a file
   * that belongs to somebody else and may not be written to, and on Windows.
   * @throws MapClosedError · MapFaultError · Error of the system
   */
  residency(): Uint8Array | undefined {
    this.verify();
    const { mapping, file, tellsResidency } = this.memory;
    if (mapping === undefined) return new Uint8Array(0);
    return tellsResidency ? explaining(() => mapping.residency(), file?.path) : undefined;
  }

  /**
   * Bytes of the map that are in memory; `undefined` where {@link residency} is.
   * @throws MapClosedError · MapFaultError · Error of the system
   */
  get residentBytes(): number | undefined {
    const pages = this.residency();
    if (pages === undefined) return undefined;
    const { skip, length } = this.memory;
    let bytes = 0;
    for (let page = 0; page * PAGE_SIZE < skip + length; page++) {
      if (((pages[page >> 3] as number) & (1 << (page & 7))) === 0) continue;
      const begin = Math.max(page * PAGE_SIZE, skip);
      bytes += Math.min((page + 1) * PAGE_SIZE, skip + length) - begin;
    }
    return bytes;
  }

  /**
   * Keeps all pages in memory until {@link unlock}, `resize()` or `close()`. Pages of a file stay the file's:
   * what others write to it is seen as before.
   * @throws MapClosedError · MapFaultError · Error of the system: `ENOMEM`, `EPERM` and `EAGAIN`
   * name `ulimit -l`
   */
  lock(): void {
    this.verify();
    const { mapping } = this.memory;
    if (mapping === undefined) return;
    const limit = native.lockLimit();
    const allowed = limit === Number.POSITIVE_INFINITY ? 'unlimited' : `${limit} bytes`;
    const remark = `ulimit -l is ${allowed}, the map has ${mapping.extent}`;
    this.#touching(mapping, () => mapping.lock(), remark);
    this.verify();
  }

  /** Lets the kernel take the pages out of memory again. @throws MapClosedError · MapFaultError */
  unlock(): void {
    this.verify();
    const { mapping, file } = this.memory;
    if (mapping !== undefined) explaining(() => mapping.unlock(), file?.path);
  }

  /**
   * Names memory of no file for those who look at the process from outside
   * (`/proc/<pid>/maps`). Linux 5.17 and later.
   * @param name at most 79 bytes, printable, without any of `[ ] \ $` and the backtick
   * @throws RangeError `ERR_OUT_OF_RANGE` · TypeError `ERR_INVALID_STATE` for a map of a file ·
   * Error of the system: `EINVAL` for such a character, or where the kernel has no names
   */
  setName(name: string): void {
    this.verify();
    if (typeof name !== 'string') throw invalidType('name', 'a string', name);
    if (Buffer.byteLength(name) > LONGEST_NAME) {
      throw outOfRange('name', `at most ${LONGEST_NAME} bytes`, name);
    }
    const { mapping, file } = this.memory;
    if (file !== undefined || mapping === undefined) {
      throw invalidState('only memory of no file can be named: a map of a file shows its path');
    }
    explaining(() => mapping.setName(Buffer.from(name)), undefined);
  }

  /**
   * Brings pages into memory without holding up the event loop.
   * @param start index of the first byte
   * @param length bytes; left out, or past the end: to the end
   * @throws RangeError `ERR_OUT_OF_RANGE` · MapClosedError, also when it is closed or resized
   * meanwhile · MapFaultError · the signal's reason
   */
  async prefetch(start = 0, length?: number, options?: PrefetchOptions): Promise<void> {
    signalOf(options)?.throwIfAborted();
    this.verify();
    const memory = this.memory;
    integer('start', start, 0, memory.length);
    const end = Math.min(start + integer('length', length ?? memory.length), memory.length);
    const { mapping, skip } = memory;
    if (mapping === undefined || start >= end) return;
    const pages = {
      populate: (begin: number, to: number) => mapping.populate(begin, to - begin),
      noteLoss: () => mapping.noteLoss(),
      fault: (cause: unknown) => memory.fault(cause),
      verify: () => this.verifySame(mapping),
    };
    await populateInSteps(pages, skip + start, skip + end, options);
  }

  /** @internal @throws MapClosedError when the mapping is no longer the map's */
  protected verifySame(mapping: Mapping): void {
    this.verify();
    if (this.memory.mapping !== mapping) throw this.gone();
  }

  /** @internal The error for a mapping that is no longer the map's. */
  protected gone(): MapClosedError {
    const what = this.closed ? 'closed' : 'resized';
    return new MapClosedError(`the map of ${this.memory.name} was ${what} meanwhile`);
  }
}

/** The pages that a range of a map touches, as offsets in the mapping. */
function touchedPages(start: number, end: number, skip: number): [number, number] {
  const begin = skip + start;
  return [begin - (begin % PAGE_SIZE), alignUp(skip + end, PAGE_SIZE)];
}

/**
 * The pages that lie in it whole. At the edges of the map what shares their page is nobody's,
 * unless it is the file's and the file is meant.
 */
function wholePages(
  start: number,
  end: number,
  { skip, length, offset, file, tracked }: MapMemory,
  ofFile: boolean,
): [number, number] {
  const begin = skip + start;
  const last = skip + end;
  const others = ofFile && file !== undefined;
  const behind = others && !(tracked && file.sizeNow() <= offset + length);
  return [
    start === 0 && !others ? begin - (begin % PAGE_SIZE) : alignUp(begin, PAGE_SIZE),
    end === length && !behind ? alignUp(last, PAGE_SIZE) : last - (last % PAGE_SIZE),
  ];
}
