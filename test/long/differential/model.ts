/** What a script comes to by the rules: those of this package, and any of smmap's faults. */

import { Entry, Refused, Regions, type Standing } from './model-regions.js';
import type { Place, Result, Script, Seen, Step } from './script.js';

/** A name as the model knows it. */
export interface ModelName {
  file: number;
  /** Bytes; `undefined`: there is no such file. */
  size: number | undefined;
}

/** What is seen after each step when these faults, and no others, are there. */
export function predict(
  names: readonly ModelName[],
  { limits, steps }: Script,
  faults: ReadonlySet<string>,
): Seen[] {
  const model = new Model(names, new Regions(limits, faults), faults);
  return steps.map((step) => model.run(step));
}

interface Cursor extends Standing {
  begin: number;
  size: number;
  /** A copy that smmap makes: good for what it stands on and nothing else. */
  crippled: boolean;
}

interface OpenBuffer {
  cursor: Cursor;
  offset: number;
  length: number;
}

class Model {
  readonly #names: readonly ModelName[];
  readonly #regions: Regions;
  readonly #faults: ReadonlySet<string>;
  readonly #cursors = new Map<number, Cursor>();
  readonly #buffers = new Map<number, OpenBuffer>();

  constructor(names: readonly ModelName[], regions: Regions, faults: ReadonlySet<string>) {
    this.#names = names;
    this.#regions = regions;
    this.#faults = faults;
  }

  run(step: Step): Seen {
    let result: Result;
    try {
      result = this.#do(step);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      result = 'refused';
    }
    return { result, ...this.#regions.seen };
  }

  #do(step: Step): Result {
    if (step.do === 'collect') return { count: this.#regions.collect() };
    return 'cursor' in step ? this.#cursorStep(step) : this.#bufferStep(step);
  }

  #cursorStep(step: Extract<Step, { cursor: number }>): Result {
    if (step.do === 'makeCursor') {
      const made = this.#makeCursor(step.name);
      this.#cursors.set(step.cursor, made);
      return this.#placeOf(made);
    }
    if (step.do === 'copy') return this.#copy(step.cursor, step.from);
    const cursor = this.#cursors.get(step.cursor);
    if (cursor === undefined) return null;
    switch (step.do) {
      case 'useRegion':
        this.#use(cursor, step.offset, step.size);
        return this.#placeOf(cursor);
      case 'unuse':
        this.#regions.leave(cursor);
        return this.#placeOf(cursor);
      case 'view':
        if (cursor.region === undefined) throw new Refused();
        return this.#placeOf(cursor);
      case 'read':
        return this.#haveRead(cursor, step.offset, this.#read(cursor, step.offset, step.length));
      case 'close':
        this.#close(cursor);
        this.#cursors.delete(step.cursor);
        return null;
    }
  }

  #bufferStep(step: Extract<Step, { buffer: number }>): Result {
    if (step.do === 'open') return this.#open(step);
    const buffer = this.#buffers.get(step.buffer);
    if (buffer === undefined) return null;
    if (step.do === 'end') {
      this.#close(buffer.cursor);
      this.#buffers.delete(step.buffer);
      return null;
    }
    if (step.do === 'slice') return this.#slice(buffer, step.start, step.stop);
    return this.#byte(buffer, step.index);
  }

  #makeCursor(name: number): Cursor {
    const { file, size } = this.#names[name] as ModelName;
    const key = this.#faults.has('18') ? `name ${name}` : `file ${file}`;
    const { entries } = this.#regions;
    const entry = entries.get(key) ?? new Entry(key, file, size);
    entries.set(key, entry);
    entry.cursors++;
    return { entry, region: undefined, begin: 0, size: 0, crippled: false };
  }

  #copy(to: number, from: number): Result {
    const rhs = this.#cursors.get(from);
    if (rhs === undefined) return null;
    const old = this.#cursors.get(to);
    if (old !== undefined) this.#close(old);
    const made: Cursor = { ...rhs, region: undefined };
    if (this.#faults.has('19')) made.crippled = true;
    else made.entry.cursors++;
    if (rhs.region !== undefined) this.#regions.join(made, rhs.region);
    this.#cursors.set(to, made);
    return this.#placeOf(made);
  }

  #use(cursor: Cursor, offset: number, asked: number): void {
    const fileSize = cursor.entry.size;
    if (cursor.crippled || fileSize === undefined) throw new Refused();
    const size = Math.min(asked || fileSize, this.#regions.window || fileSize);
    if (cursor.region?.includes(offset) !== true) {
      if (offset >= fileSize) {
        this.#regions.leave(cursor);
        return;
      }
      this.#regions.enter(cursor, offset, size);
    }
    cursor.begin = offset;
    cursor.size = Math.min(size, (cursor.region?.end ?? 0) - offset);
  }

  /** How many bytes are read before the file ends. */
  #read(cursor: Cursor, offset: number, length: number): number {
    let at = offset;
    while (at < offset + length) {
      this.#use(cursor, at, offset + length - at);
      if (cursor.region === undefined) break;
      at += cursor.size;
    }
    return at - offset;
  }

  #close(cursor: Cursor): void {
    this.#regions.leave(cursor);
    if (cursor.crippled) return;
    const { entry } = cursor;
    entry.cursors--;
    const unused = entry.cursors === 0 || this.#faults.has('20');
    if (entry.regions.length === 0 && unused) this.#regions.entries.delete(entry.key);
  }

  #open({ buffer, name, offset, size }: Extract<Step, { do: 'open' }>): Result {
    const cursor = this.#makeCursor(name);
    try {
      const length = this.#begin(cursor, offset, size || Number.POSITIVE_INFINITY);
      this.#buffers.set(buffer, { cursor, offset, length });
      return { ...this.#placeOf(cursor), at: null, length };
    } catch (error) {
      this.#close(cursor);
      throw error;
    }
  }

  #begin(cursor: Cursor, offset: number, size: number): number {
    this.#use(cursor, offset, size);
    const fileSize = cursor.entry.size as number;
    const empty = fileSize === 0 && offset === 0 && !this.#faults.has('32');
    if (cursor.region === undefined && !empty) throw new Refused();
    if (this.#faults.has('3') && size <= fileSize) return size;
    return Math.min(size, fileSize - offset);
  }

  #slice({ cursor, offset, length }: OpenBuffer, start: number, stop: number): Result {
    const from = start < 0 ? start + length : start;
    const to = stop < 0 ? stop + length : stop;
    this.#checkUsable(cursor);
    const wanted = (this.#faults.has('10') ? to : Math.min(to, length)) - from;
    const got = this.#read(cursor, offset + from, wanted);
    if (got < wanted) throw new Refused();
    return this.#haveRead(cursor, offset + from, got);
  }

  #byte({ cursor, offset, length }: OpenBuffer, index: number): Result {
    const from = index < 0 ? index + length : index;
    this.#checkUsable(cursor);
    if (from >= length && !this.#faults.has('6')) throw new Refused();
    if (this.#read(cursor, offset + from, 1) < 1) throw new Refused();
    return this.#haveRead(cursor, offset + from, 1);
  }

  /** A buffer whose cursor lost its region is of no use; that of an empty file never had one. */
  #checkUsable({ region, entry }: Cursor): void {
    if (region === undefined && entry.size !== 0) throw new Refused();
  }

  #haveRead(cursor: Cursor, at: number, length: number): Place {
    return { ...this.#placeOf(cursor), at, length };
  }

  #placeOf({ region, begin, size }: Cursor): Place {
    if (region !== undefined)
      return { at: begin, length: size, region: [region.begin, region.end] };
    return { at: null, length: this.#faults.has('33') ? size : 0, region: null };
  }
}
