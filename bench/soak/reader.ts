/** What the readers of a soak have at hand: files, chance, and a judge of what was read. */
import {
  type MemoryMap,
  PAGE_SIZE,
  type SlidingWindowMapBuffer,
  type SlidingWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { isSteady, type SoakFiles } from './files.js';

/** A cursor, a buffer or a map that stays open from one operation to the next. */
export interface Kept {
  /** Reads something. */
  read(): void;
  /** After an error, and now and then: looks at the file again. */
  renew(): void;
  close(): void;
}

/** What a reader has at hand. */
export interface Reader {
  readonly files: SoakFiles;
  /** As in `SharedState`. */
  readonly changes: Int32Array;
  readonly mendings: Int32Array;
  /** Both as they were when the operation began. */
  readonly changesBefore: Int32Array;
  readonly mendingsBefore: Int32Array;
  readonly random: (from: number, to: number) => number;
  /** What stays open from one operation to the next. */
  readonly kept: Kept[];
  /** One of the worker's managers. */
  manager(): SlidingWindowMapManager;
  /** Called for what must never be. */
  fail(what: string): void;
}

/** Pages that one call reads at most. */
export const MOST_PAGES = 6;

/** A file that is not written to. */
export function anyFile({ files, random }: Reader): number {
  for (;;) {
    const file = random(0, files.count);
    if (!files.isWritten(file)) return file;
  }
}

/** Some whole pages of `length` bytes. */
export function somePages(
  { random }: Reader,
  length: number,
): { page: number; from: number; to: number } {
  const pages = Math.floor(length / PAGE_SIZE);
  const page = random(0, pages);
  const count = random(1, Math.min(MOST_PAGES, pages - page) + 1);
  return { page, from: page * PAGE_SIZE, to: (page + count) * PAGE_SIZE };
}

/** Looks at a copy that a call gave; `told`: whether it may have zeros for pages that were lost. */
export function judge(
  { files, fail, mendings, mendingsBefore }: Reader,
  file: number,
  page: number,
  bytes: Buffer,
  told = false,
): void {
  const { versions, zeros, torn, wrong } = files.look(file, page, bytes);
  if (wrong !== undefined) fail(wrong);
  // While a file grows it may end inside a page, whose rest is zeros of which nobody has to tell.
  const isMending = !isSteady(mendings, file, mendingsBefore[file] as number);
  if (torn !== undefined && !told && !isMending) fail(torn);
  if (zeros && !told) fail(`file ${file}: zeros at page ${page} of which nobody told`);
  if (versions.size > 1) fail(`file ${file}: versions ${[...versions]} in one read`);
}

/** Looks at what stood in a view: while a file is cut it may show zeros before anybody can tell. */
export function judgeView(
  reader: Reader,
  file: number,
  page: number,
  bytes: Buffer,
  faulted: boolean,
): void {
  const isCut = !isSteady(reader.changes, file, reader.changesBefore[file] as number);
  judge(reader, file, page, bytes, faulted || isCut);
}

/** The ways to copy a stretch. */
const COPIES: readonly ((
  source: SlidingWindowMapBuffer | MemoryMap,
  from: number,
  to: number,
) => Buffer)[] = [
  (source, from, to) => source.slice(from, to),
  (source, from, to) => Buffer.from(source.toString('latin1', from, to), 'latin1'),
  (source, from, to) => {
    const target = Buffer.alloc(to - from, 1);
    source.copy(target, 0, from, to);
    return target;
  },
];

export function copySome(
  reader: Reader,
  source: SlidingWindowMapBuffer | MemoryMap,
  file: number,
): void {
  if (source.length < PAGE_SIZE) return;
  const { page, from, to } = somePages(reader, source.length);
  const copy = COPIES[reader.random(0, COPIES.length + 1)];
  if (copy === undefined) {
    const backwards = source.slice(to - 1, from === 0 ? null : from - 1, -1);
    judgeView(reader, file, page, backwards.reverse(), false); // byte by byte, as from a view
  } else {
    judge(reader, file, page, copy(source, from, to));
  }
}

/** Looks at a cursor's window through its view. */
export function lookThrough(reader: Reader, cursor: WindowCursor, file: number): void {
  if (!cursor.isValid || cursor.size < PAGE_SIZE) return;
  const bytes = Buffer.from(cursor.buffer().subarray(0, MOST_PAGES * PAGE_SIZE));
  judgeView(reader, file, cursor.ofsBegin / PAGE_SIZE, bytes, cursor.faulted);
}
