/**
 * Random scripts, by their plans (see `plan.ts`).
 *
 * What is never asked, since smmap answers with wrong bytes, which nothing excuses, or
 * not at all: a step of a slice other than 1, a stop of 0, a slice that begins before
 * the buffer or runs backwards, what lies between a buffer's end and the file's, a
 * sliding manager with windows of 0. Nor what is not in the script's words: views that
 * are kept, files that change, negative offsets. Other tests have these.
 */

import { PAGE_SIZE } from 'smmap';
import { randomFrom } from '../../support/random.js';
import type { ModelName } from './model.js';
import { Dice, makePlan, type Plan } from './plan.js';
import type { Script, Step } from './script.js';

/** Steps in a script. */
export const STEPS = 50;

interface OpenCursor {
  cursor: number;
  name: number;
}

interface OpenBuffer {
  buffer: number;
  name: number;
  offset: number;
  length: number;
  /** Its end is the file's. */
  toTheEnd: boolean;
}

/** The script of a number: the same in every run. */
export function generate(seed: number, names: readonly ModelName[]): Script {
  const dice = new Dice(randomFrom(seed));
  const plan = makePlan(dice, names);
  return { limits: plan.limits, steps: new Author(dice, plan, names).write() };
}

class Author {
  readonly #dice: Dice;
  readonly #plan: Plan;
  readonly #known: readonly ModelName[];
  #cursors: OpenCursor[] = [];
  #buffers: OpenBuffer[] = [];
  /** By file: windows that were asked for since the beginning. */
  readonly #visited = new Map<number, Set<number>>();
  #lastId = 0;

  constructor(dice: Dice, plan: Plan, known: readonly ModelName[]) {
    this.#dice = dice;
    this.#plan = plan;
    this.#known = known;
  }

  write(): Step[] {
    const steps: Step[] = [];
    let begun = 0;
    while (steps.length < STEPS) {
      if (steps.length - begun < this.#plan.restart) {
        steps.push(this.#step());
      } else {
        steps.push(...this.#closeAll());
        begun = steps.length;
      }
    }
    return steps.slice(0, STEPS);
  }

  #closeAll(): Step[] {
    const steps: Step[] = [
      ...this.#cursors.map(({ cursor }) => ({ do: 'close' as const, cursor })),
      ...this.#buffers.map(({ buffer }) => ({ do: 'end' as const, buffer })),
      { do: 'collect' },
    ];
    this.#cursors = [];
    this.#buffers = [];
    this.#visited.clear();
    return steps;
  }

  #step(): Step {
    const { opening, mostOpen } = this.#plan;
    const open = this.#cursors.length + this.#buffers.length;
    const share = this.#dice.random(0, 100);
    if (open === 0 || (share < opening && open < mostOpen)) return this.#open();
    if (share < opening * 1.5) return this.#close();
    if (share < opening * 1.5 + 2) return { do: 'collect' };
    const useBuffer = this.#dice.random(0, open) < this.#buffers.length;
    return useBuffer
      ? this.#readBuffer(this.#dice.one(this.#buffers))
      : this.#useCursor(this.#dice.one(this.#cursors));
  }

  #open(): Step {
    const name = this.#dice.one(this.#plan.names);
    if (this.#dice.chance(35)) return this.#openBuffer(name);
    const cursor = ++this.#lastId;
    this.#cursors.push({ cursor, name });
    return { do: 'makeCursor', cursor, name };
  }

  #openBuffer(name: number): Step {
    const buffer = ++this.#lastId;
    const fileSize = this.#sizeOf(name);
    const offset = this.#dice.chance(70) ? 0 : this.#newOffset(name);
    const size = this.#dice.chance(80) ? 0 : this.#dice.random(1, fileSize + 2);
    const end = Math.min(fileSize, size === 0 ? fileSize : offset + size);
    const length = Math.max(0, end - offset);
    this.#buffers.push({ buffer, name, offset, length, toTheEnd: end === fileSize });
    return { do: 'open', buffer, name, offset, size };
  }

  #close(): Step {
    const index = this.#dice.random(0, this.#cursors.length + this.#buffers.length);
    const [cursor] = this.#cursors.splice(index, 1);
    if (cursor !== undefined) return { do: 'close', cursor: cursor.cursor };
    const [{ buffer }] = this.#buffers.splice(index - this.#cursors.length, 1) as [OpenBuffer];
    return { do: 'end', buffer };
  }

  #useCursor(open: OpenCursor): Step {
    const { cursor, name } = open;
    const share = this.#dice.random(0, 100);
    if (share < 4) return { do: 'unuse', cursor };
    if (share < 5) return this.#copy(open);
    if (share < 20) return { do: 'view', cursor };
    if (share < 23) return { do: 'useRegion', cursor, offset: this.#pastTheEnd(name), size: 0 };
    const offset = this.#knownOffset(name);
    if (offset !== undefined && share < 42) {
      return { do: 'read', cursor, offset, length: this.#reach(name, offset) };
    }
    if (offset !== undefined && share < 60) {
      return { do: 'useRegion', cursor, offset, size: this.#size(name) };
    }
    const whole = this.#plan.manner === 'grid' || this.#dice.chance(30);
    const size = whole ? 0 : this.#size(name);
    return { do: 'useRegion', cursor, offset: this.#newOffset(name), size };
  }

  #copy({ cursor: from, name }: OpenCursor): Step {
    const other = this.#dice.one(this.#cursors);
    if (other.cursor !== from && this.#dice.chance(50)) {
      other.name = name;
      return { do: 'copy', cursor: other.cursor, from };
    }
    const cursor = ++this.#lastId;
    this.#cursors.push({ cursor, name });
    return { do: 'copy', cursor, from };
  }

  #readBuffer(open: OpenBuffer): Step {
    const { buffer, name, offset, length } = open;
    const past = length === 0 || (open.toTheEnd && this.#dice.chance(2));
    const known = this.#knownOffset(name) ?? 0;
    const start = Math.min(Math.max(known - offset, 0), Math.max(length - 1, 0));
    if (length === 0 || this.#dice.chance(40)) {
      const index = past ? length + this.#dice.random(0, 3) : start;
      return { do: 'byte', buffer, index: this.#fromEnd(open, index) };
    }
    const reach = Math.max(1, this.#reach(name, offset + start));
    const stop = past ? length + this.#dice.random(1, 20) : Math.min(start + reach, length);
    return {
      do: 'slice',
      buffer,
      start: this.#fromEnd(open, start),
      stop: this.#fromEnd(open, stop),
    };
  }

  /** An index as it is, or counted from the end. With an offset, smmap does not know its end. */
  #fromEnd({ offset, length }: OpenBuffer, index: number): number {
    return offset === 0 && index < length && this.#dice.chance(25) ? index - length : index;
  }

  #pastTheEnd(name: number): number {
    return this.#sizeOf(name) + this.#dice.random(0, 3);
  }

  /** An offset where nothing may be mapped. */
  #newOffset(name: number): number {
    const fileSize = this.#sizeOf(name);
    if (this.#plan.manner !== 'grid') return this.#anywhere(0, fileSize);
    const { windowSize } = this.#plan.limits;
    const cell = this.#dice.random(0, Math.ceil(fileSize / windowSize) || 1);
    this.#visitedOf(name).add(cell);
    return cell * windowSize;
  }

  /** An offset that was asked for before, where that matters. */
  #knownOffset(name: number): number | undefined {
    const fileSize = this.#sizeOf(name);
    if (this.#plan.manner !== 'grid') return this.#anywhere(0, fileSize);
    const visited = [...this.#visitedOf(name)];
    if (visited.length === 0) return undefined;
    const { windowSize } = this.#plan.limits;
    const begin = this.#dice.one(visited) * windowSize;
    return this.#anywhere(begin, Math.min(begin + windowSize, fileSize));
  }

  /** How many bytes to read from an offset: a few, or over some windows. */
  #reach(name: number, offset: number): number {
    const length = this.#dice.chance(60) ? this.#dice.random(0, 200) : this.#size(name);
    if (this.#plan.manner !== 'grid') return length;
    const { windowSize } = this.#plan.limits;
    const end = Math.min(offset + length, this.#sizeOf(name));
    for (let cell = Math.floor(offset / windowSize); cell * windowSize < end; cell++) {
      this.#visitedOf(name).add(cell);
    }
    return length;
  }

  #visitedOf(name: number): Set<number> {
    const { file } = this.#known[name] as ModelName;
    const visited = this.#visited.get(file) ?? new Set();
    this.#visited.set(file, visited);
    return visited;
  }

  #sizeOf(name: number): number {
    return this.#known[name]?.size ?? 0;
  }

  /** An offset in a range, often where something begins or ends. */
  #anywhere(begin: number, end: number): number {
    const last = Math.max(begin, end - 1);
    const offset = this.#dice.random(begin, last + 1);
    const edge = offset - (offset % PAGE_SIZE) + this.#dice.random(-1, 2);
    const chosen = this.#dice.one([offset, offset, begin, last, edge]);
    return Math.min(Math.max(chosen, begin), last);
  }

  /** Bytes to ask for; 0 is all. */
  #size(name: number): number {
    const some = this.#dice.random(1, 3 * PAGE_SIZE);
    const most = this.#dice.random(1, this.#sizeOf(name) + 2);
    return this.#dice.one([0, 1, PAGE_SIZE, some, most]);
  }
}
