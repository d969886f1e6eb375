/** This package, asked the same. */

import {
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  SmmapError,
  StaticWindowMapManager,
  type WindowCursor,
} from 'smmap';
import {
  type Answer,
  inOrder,
  type Limits,
  type Name,
  type Place,
  type Reading,
  type Result,
  type Script,
  type Seen,
  type Step,
} from './script.js';

/** A name as a manager takes it: the path, or an open descriptor. */
export interface Key extends Name {
  key: string | number;
}

interface KnownBuffer {
  buffer: SlidingWindowMapBuffer;
  cursor: WindowCursor;
  file: number;
  /** Where it begins in the file. */
  offset: number;
}

/** What this package answers to a script. */
export function askOurs(keys: readonly Key[], { limits, steps }: Script): Answer {
  const world = new World(keys, limits);
  const answer: Answer = { seen: [], readings: [] };
  try {
    for (const step of steps) {
      answer.seen.push(world.run(step));
      answer.readings.push(world.reading);
    }
  } finally {
    world.close();
  }
  return answer;
}

/** One manager with its cursors and buffers. */
class World {
  reading: Reading | undefined;
  readonly #keys: readonly Key[];
  readonly #files: Map<string | number, number>;
  readonly #manager: StaticWindowMapManager;
  readonly #cursors = new Map<number, { cursor: WindowCursor; file: number }>();
  readonly #buffers = new Map<number, KnownBuffer>();

  constructor(keys: readonly Key[], { windowSize, maxMemorySize, maxOpenHandles }: Limits) {
    this.#keys = keys;
    this.#files = new Map(keys.map(({ key, file }) => [key, file]));
    const Manager = windowSize > 0 ? SlidingWindowMapManager : StaticWindowMapManager;
    this.#manager = new Manager({
      directReads: 'never', // smmap always maps
      windowSize,
      maxMemorySize,
      maxOpenHandles: maxOpenHandles || Number.POSITIVE_INFINITY,
    });
  }

  close(): void {
    this.#manager.close();
  }

  /** What there is to see after the step. What it read is in `reading`. */
  run(step: Step): Seen {
    this.reading = undefined;
    let result: Result;
    try {
      result = this.#do(step);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      result = 'refused';
    }
    const manager = this.#manager;
    const regions = manager.inspect().flatMap(({ path, windows }) => {
      const file = this.#files.get(path) as number;
      return windows.map(({ offset, size, users }) => [file, offset, size, users] as const);
    });
    const { numFileHandles, numOpenFiles, mappedMemorySize } = manager;
    const counts = [numFileHandles, numOpenFiles, mappedMemorySize] as const;
    return { result, regions: inOrder(regions), counts };
  }

  #do(step: Step): Result {
    if (step.do === 'collect') return { count: this.#manager.collect() };
    return 'cursor' in step ? this.#cursorStep(step) : this.#bufferStep(step);
  }

  #cursorStep(step: Extract<Step, { cursor: number }>): Result {
    if (step.do === 'makeCursor') return this.#makeCursor(step);
    if (step.do === 'copy') return this.#copy(step);
    const known = this.#cursors.get(step.cursor);
    if (known === undefined) return null;
    const { cursor, file } = known;
    switch (step.do) {
      case 'useRegion':
        return placeOf(cursor.useRegion(step.offset, step.size));
      case 'unuse':
        cursor.unuseRegion();
        return placeOf(cursor);
      case 'view':
        return this.#haveRead(cursor, file, cursor.ofsBegin, Buffer.from(cursor.buffer()));
      case 'read':
        return this.#haveRead(cursor, file, step.offset, readAll(cursor, step));
      case 'close':
        cursor.close();
        this.#cursors.delete(step.cursor);
        return null;
    }
  }

  #makeCursor({ cursor, name }: Extract<Step, { do: 'makeCursor' }>): Result {
    const { key, file } = this.#keys[name] as Key;
    const made = this.#manager.makeCursor(key);
    this.#cursors.set(cursor, { cursor: made, file });
    return placeOf(made);
  }

  #copy({ cursor, from }: Extract<Step, { do: 'copy' }>): Result {
    const rhs = this.#cursors.get(from);
    if (rhs === undefined) return null;
    const known = this.#cursors.get(cursor)?.cursor;
    known?.assign(rhs.cursor);
    const made = known ?? rhs.cursor.clone();
    this.#cursors.set(cursor, { cursor: made, file: rhs.file });
    return placeOf(made);
  }

  #bufferStep(step: Extract<Step, { buffer: number }>): Result {
    if (step.do === 'open') return this.#open(step);
    const known = this.#buffers.get(step.buffer);
    if (known === undefined) return null;
    const { buffer, cursor, file } = known;
    if (step.do === 'end') {
      cursor.close();
      this.#buffers.delete(step.buffer);
      return null;
    }
    if (step.do === 'slice') {
      const bytes = buffer.slice(step.start, step.stop);
      return this.#haveRead(cursor, file, offsetOf(known, step.start), bytes);
    }
    const byte = buffer.at(step.index);
    if (byte === undefined) return 'refused';
    return this.#haveRead(cursor, file, offsetOf(known, step.index), Buffer.of(byte));
  }

  #open({ buffer, name, offset, size }: Extract<Step, { do: 'open' }>): Result {
    const { key, file } = this.#keys[name] as Key;
    const cursor = this.#manager.makeCursor(key);
    try {
      const made = new SlidingWindowMapBuffer(cursor, offset, size || Number.POSITIVE_INFINITY);
      this.#buffers.set(buffer, { buffer: made, cursor, file, offset });
      return { ...placeOf(cursor), at: null, length: made.length };
    } catch (error) {
      cursor.close();
      throw error;
    }
  }

  #haveRead(cursor: WindowCursor, file: number, at: number, bytes: Buffer): Place {
    this.reading = { file, at, bytes };
    return { ...placeOf(cursor), at, length: bytes.length };
  }
}

/** The offset into the file of an index. */
function offsetOf({ buffer, offset }: KnownBuffer, index: number): number {
  return offset + (index < 0 ? buffer.length : 0) + index;
}

function readAll(cursor: WindowCursor, step: { offset: number; length: number }): Buffer {
  const parts: Buffer[] = [];
  const end = step.offset + step.length;
  let at = step.offset;
  while (at < end && cursor.useRegion(at, end - at).isValid) {
    parts.push(Buffer.from(cursor.buffer()));
    at = cursor.ofsEnd;
  }
  return Buffer.concat(parts);
}

function placeOf(cursor: WindowCursor): Place {
  const { region } = cursor;
  return {
    at: region === undefined ? null : cursor.ofsBegin,
    length: cursor.size,
    region: region === undefined ? null : [region.ofsBegin, region.ofsEnd],
  };
}

/** Refusing is an answer; anything without a code is a mistake in here. */
function isRefusal(error: unknown): boolean {
  return error instanceof SmmapError || typeof (error as { code?: unknown }).code === 'string';
}
