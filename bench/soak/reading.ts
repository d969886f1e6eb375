/** What readers of a soak do: everything that reads is tried, and what it gives is looked at. */
import { MemoryMap, PAGE_SIZE, SlidingWindowMapBuffer } from 'smmap';
import { isSteady } from './files.js';
import { keepSome, readKept } from './kept.js';
import {
  anyFile,
  copySome,
  judge,
  judgeView,
  lookThrough,
  MOST_PAGES,
  type Reader,
  somePages,
} from './reader.js';

/** Cursors, buffers and maps that a worker keeps. */
const MOST_KEPT = 60;

function bufferOn(reader: Reader, file: number): SlidingWindowMapBuffer {
  return new SlidingWindowMapBuffer(reader.manager().makeCursor(reader.files.path(file)));
}

/** Closes a buffer with its cursor. */
function done(buffer: SlidingWindowMapBuffer): void {
  buffer.close();
  buffer.cursor?.close();
}

/** Runs what uses a buffer. */
function withBuffer<T>(buffer: SlidingWindowMapBuffer, use: () => T): T {
  try {
    return use();
  } finally {
    done(buffer);
  }
}

/** The operations by name. */
export const READS: Readonly<Record<string, (reader: Reader) => void | Promise<void>>> = {
  window(reader) {
    const file = anyFile(reader);
    using cursor = reader.manager().makeCursor(reader.files.path(file));
    cursor.useRegion(reader.random(0, reader.files.pages(file)) * PAGE_SIZE);
    lookThrough(reader, cursor, file);
  },

  'what was kept'(reader) {
    if (reader.kept.length < MOST_KEPT) keepSome(reader);
    for (let i = 0; i < 8; i++) readKept(reader);
  },

  'forgotten cursor'(reader) {
    const file = anyFile(reader);
    const cursor = reader.manager().makeCursor(reader.files.path(file));
    lookThrough(reader, cursor.useRegion(), file);
  },

  copies(reader) {
    const file = anyFile(reader);
    const buffer = bufferOn(reader, file);
    withBuffer(buffer, () => {
      for (let i = 0; i < 4; i++) copySome(reader, buffer, file);
    });
  },

  chunks(reader) {
    const file = anyFile(reader);
    const buffer = bufferOn(reader, file);
    withBuffer(buffer, () => {
      let before: { page: number; bytes: Buffer } | undefined;
      let page = 0;
      for (const chunk of buffer.chunks()) {
        if (before !== undefined) judgeView(reader, file, before.page, before.bytes, false);
        before = { page, bytes: Buffer.from(chunk.subarray(0, MOST_PAGES * PAGE_SIZE)) };
        page += chunk.length / PAGE_SIZE;
      }
    });
  },

  search(reader) {
    const file = anyFile(reader);
    const buffer = bufferOn(reader, file);
    withBuffer(buffer, () => {
      if (buffer.length < PAGE_SIZE) return;
      const { from } = somePages(reader, buffer.length);
      const wanted = buffer.slice(from, from + 64);
      const found = buffer.indexOf(wanted, from);
      const { changes, changesBefore } = reader;
      if (!isSteady(changes, file, changesBefore[file] as number)) return; // as in `judgeView`
      if (found !== from) reader.fail(`file ${file}: what lies at ${from} was found at ${found}`);
    });
  },

  lines(reader) {
    const file = anyFile(reader);
    const buffer = bufferOn(reader, file);
    withBuffer(buffer, () => {
      let end = -1;
      buffer.forEachLine((start, stop) => {
        if (start !== end + 1)
          reader.fail(`file ${file}: a line at ${start} after one up to ${end}`);
        end = stop;
        return start < MOST_PAGES * PAGE_SIZE;
      });
    });
  },

  async readAsync(reader) {
    const file = anyFile(reader);
    const buffer = bufferOn(reader, file);
    try {
      if (buffer.length < PAGE_SIZE) return;
      const { page, from, to } = somePages(reader, buffer.length);
      judge(reader, file, page, await buffer.readAsync(from, to - from));
    } finally {
      done(buffer);
    }
  },

  async prefetch(reader) {
    const file = anyFile(reader);
    const buffer = bufferOn(reader, file);
    try {
      if (buffer.length < PAGE_SIZE) return;
      const { from, to } = somePages(reader, buffer.length);
      await buffer.prefetch(from, to - from);
      copySome(reader, buffer, file);
    } finally {
      done(buffer);
    }
  },

  map(reader) {
    const file = anyFile(reader);
    using map = MemoryMap.open(reader.files.path(file));
    copySome(reader, map, file);
    if (map.length < PAGE_SIZE) return;
    const { page, from, to } = somePages(reader, map.length);
    const bytes = Buffer.from(map.subarray(from, to));
    judgeView(reader, file, page, bytes, map.faulted);
  },

  'forgotten map'(reader) {
    const file = anyFile(reader);
    copySome(reader, MemoryMap.open(reader.files.path(file)), file);
  },

  'memory of no file'(reader) {
    const pages = reader.random(1, 9);
    using map = MemoryMap.anonymous(pages * PAGE_SIZE, { access: 'copy' });
    map.bytes.fill(9);
    map.resize((pages + 1) * PAGE_SIZE);
    if (map.count(9) !== pages * PAGE_SIZE) reader.fail('memory of no file has other bytes');
  },
};
