/** A buffer as its contract describes it: which windows it goes through, and what they show. */

import assert from 'node:assert/strict';
import type { SlidingWindowMapBuffer, WindowCursor } from 'smmap';
import { CursorModel } from './cursor.js';
import type { Entry } from './entry.js';
import { Refusal } from './refusal.js';
import type { RegionModel } from './region.js';

/** Bytes that are read ahead in one step. */
const MOST_AT_ONCE = 2 ** 20;

/** A window that the buffer has before it: indices of the buffer. */
interface Here {
  region: RegionModel;
  generation: number;
  begin: number;
  end: number;
}

export class BufferModel {
  cursor: CursorModel | undefined;
  /** Offset into the file of index 0. */
  offset = 0;
  length = 0;
  #here: Here | undefined;

  constructor(readonly real: SlidingWindowMapBuffer) {}

  /** What it read through may no longer be the file's. */
  forget(): void {
    this.#here = undefined;
  }

  begin(cursor: CursorModel | undefined, offset: number, size: number): boolean {
    const next = cursor ?? this.cursor;
    const associated = next !== undefined && (next.manager !== undefined || next.closed);
    if (associated) {
      next.flow.trace.take('used', 'the buffer maps at once');
      next.use(offset, 0, false);
    }
    this.#detach();
    this.cursor = next;
    if (next === undefined || !associated) return false;
    const fileSize = next.leased().entry.size;
    if (next.region === undefined) return offset === 0 && fileSize === 0;
    next.readers.add(this);
    this.offset = offset;
    this.length = Math.min(size, fileSize - offset);
    return true;
  }

  end(): void {
    this.#detach();
    this.cursor?.unuse();
  }

  #detach(): void {
    this.offset = 0;
    this.length = 0;
    this.forget();
    this.cursor?.readers.delete(this);
  }

  /** Follows the next window that the buffer went to, if it did. */
  window(): Here | undefined {
    const { cursor } = this;
    const used = cursor?.flow.trace.takeIf('used');
    if (cursor === undefined || used === undefined) return undefined;
    assert.equal(used.cursor, cursor.real, 'the buffer used another cursor than its own');
    const index = used.offset - this.offset;
    assert.ok(index >= 0 && index < this.length, `a window at ${index} was asked for`);
    cursor.use(used.offset, 0, false);
    const { region } = cursor;
    if (region === undefined) throw this.#cut(used.offset);
    region.real = used.region;
    const begin = Math.max(region.from - this.offset, 0);
    const end = Math.min(region.end - this.offset, this.length);
    this.#here = { region, generation: region.generation, begin, end };
    return this.#here;
  }

  /** As {@link window}, where the buffer must go to a window that holds `index`. */
  windowAt(index: number): Here {
    const window = this.window();
    assert.ok(window, `no window was asked for at ${index}`);
    assert.ok(window.begin <= index && index < window.end, `a window without ${index}`);
    return window;
  }

  /** The file ends before a byte that the length promised. */
  #cut(offset: number): Refusal {
    const entry = this.cursor?.lease?.entry;
    if (entry === undefined) throw new Error('a buffer without a file reads');
    const { flow } = this.cursor as CursorModel;
    flow.look(entry);
    const size = this.offset + this.length - offset;
    return new Refusal('ERR_SMMAP_FAULT', { file: entry.name, offset, size });
  }

  /** The window for one value of `size` bytes: a new one, or the one that it has. */
  place(index: number, size: number): Here {
    const window = this.window();
    if (window !== undefined) return window;
    const here = this.#here;
    assert.ok(here, `index ${index} was read without a window`);
    assert.equal(here.generation, here.region.generation, 'read through views that are empty');
    assert.ok(here.begin <= index && index + size <= here.end, 'read outside of the window');
    return here;
  }

  /** Bytes of one window, zeros for lost ones. */
  peek({ region }: Here, from: number, to: number): Buffer {
    return region.read(this.offset + from, this.offset + to);
  }

  /** Bytes of one window; a lost page is refused. */
  read(window: Here, from: number, to: number): Buffer {
    const bytes = this.peek(window, from, to);
    this.cursor?.manager?.verify(window.region);
    return bytes;
  }

  /** A copy as `slice` makes it: out of the window that it has, if the cursor still stands there. */
  slice(from: number, to: number): Buffer {
    const here = this.#here;
    const { trace } = this.cursor?.flow ?? {};
    if (from === to || here === undefined || trace?.next('used') !== undefined) {
      return this.copy(from, to);
    }
    assert.equal(here.generation, here.region.generation, 'read through views that are empty');
    assert.ok(here.begin <= from && to <= here.end, 'read outside of the window');
    assert.equal(here.region, this.cursor?.region, 'nobody would hear of a lost page');
    return this.read(here, from, to);
  }

  /** A copy across windows. */
  copy(from: number, to: number): Buffer {
    const pieces: Buffer[] = [];
    for (let at = from; at < to; ) {
      const window = this.windowAt(at);
      const end = Math.min(to, window.end);
      pieces.push(this.read(window, at, end));
      at = end;
    }
    return Buffer.concat(pieces);
  }

  /**
   * What a call finds that goes through windows as it likes; `undefined` where stores
   * that live in some window make that depend on the way.
   */
  scan(): Buffer | undefined {
    const { cursor } = this;
    if (cursor === undefined) return Buffer.alloc(0);
    let own = false;
    let window: Here | undefined;
    do {
      // Which pages were read since the last window only the faults tell.
      const { region } = cursor;
      const used = cursor.flow.trace.next('used');
      region?.notice(used?.faults ?? region.real?.faults ?? 0);
      if (window !== undefined) cursor.manager?.verify(window.region);
      window = this.window();
      own ||= window?.region.hasOwnPages ?? false;
    } while (window !== undefined);
    const { entry } = cursor.lease ?? {};
    if (entry === undefined) return Buffer.alloc(this.length); // of which nothing was read
    return own ? undefined : entry.file.bytes.subarray(this.offset, this.offset + this.length);
  }

  /** A copy of the file's own bytes, as they are now; of the windows', where those keep stores. */
  readAsync(index: number, length: number): Buffer {
    if (index > this.length) throw new Refusal('ERR_OUT_OF_RANGE');
    const size = Math.min(length, this.length - index);
    const { cursor } = this;
    if (cursor === undefined || size === 0) return Buffer.alloc(0);
    if (cursor.manager?.plan.access === 'copy') {
      const own = new CursorModel(this.#usedNext(cursor), cursor.flow);
      own.assign(cursor);
      try {
        this.#bringIn(own, this.offset + index, this.offset + index + size);
        own.unuse();
        return this.slice(index, index + size);
      } finally {
        own.close();
      }
    }
    const { entry } = cursor.leased();
    const { flow } = cursor;
    const { got } = flow.onDescriptor(entry, () =>
      flow.trace.take('readNow', 'what is in memory is read at once'),
    );
    const position = this.offset + index;
    this.#readFile(entry, position + got, size - got);
    return entry.file.bytes.subarray(position, position + size);
  }

  /** Bytes of the file are read on another thread, through a descriptor of its own. */
  #readFile(entry: Entry, position: number, size: number): void {
    const { flow } = this.cursor as CursorModel;
    if (size > 0) {
      flow.use(entry);
      flow.close(flow.open(entry.source, entry));
    }
    const end = entry.file.size;
    if (position + size > end) throw this.#cut(Math.max(position, end));
  }

  /** Goes through all windows of a part, on a cursor of its own; reads what they have no room for. */
  prefetch(index: number, length: number): void {
    if (index > this.length) throw new Refusal('ERR_OUT_OF_RANGE');
    const end = this.offset + Math.min(index + length, this.length);
    const begin = this.offset + index;
    const { cursor } = this;
    if (cursor === undefined || begin >= end) return;
    cursor.leased();
    const own = new CursorModel(this.#usedNext(cursor), cursor.flow);
    own.assign(cursor);
    try {
      this.#bringIn(own, begin, end);
    } finally {
      own.close();
    }
  }

  /** The real cursor that goes with a copy of one. */
  #usedNext(cursor: CursorModel): WindowCursor {
    return cursor.flow.trace.next('used')?.cursor ?? cursor.real;
  }

  #bringIn(cursor: CursorModel, begin: number, end: number): void {
    const { entry } = cursor.leased();
    const { trace } = cursor.flow;
    for (let at = begin; at < end; ) {
      if (cursor.hasRoom(at)) {
        assert.equal(trace.take('used', 'prefetch of a window').offset, at);
        cursor.use(at, end - at, false);
        if (cursor.region === undefined) throw this.#cut(at);
        cursor.prefetch();
        at = cursor.begin + cursor.size;
      } else {
        const size = Math.min(end - at, MOST_AT_ONCE);
        this.#readFile(entry, at, size);
        at += size;
      }
    }
  }
}
