/** Steps that read through buffers. The buffer of a cursor has the cursor's number. */

import assert from 'node:assert/strict';
import { SlidingWindowMapBuffer } from 'smmap';
import { resolveSlice } from '#src/slice.js';
import { BufferModel } from './buffer.js';
import { command } from './command.js';
import { Refusal } from './refusal.js';
import type { World } from './world.js';

const has = (world: World, slot: number) => world.buffers[slot] !== undefined;
const at = (world: World, slot: number) => world.buffers[slot] as BufferModel;

/** A new buffer over a cursor, or `beginAccess` of the one that there is. */
export const begin = command(
  'begin',
  (world, slot: number, _offset: number, _size: number) => world.cursors[slot] !== undefined,
  async (world, slot, offset, size) => {
    world.buffers[slot] ??= new BufferModel(new SlidingWindowMapBuffer());
    const { real } = at(world, slot);
    const cursor = world.cursors[slot];
    await world.step(
      () => real.beginAccess(cursor?.real, offset, size || Number.POSITIVE_INFINITY),
      () => at(world, slot).begin(cursor, offset, size || Number.POSITIVE_INFINITY),
    );
    assert.equal(real.length, at(world, slot).length, 'length');
  },
);

export const end = command(
  'end',
  (world, slot: number) => has(world, slot),
  (world, slot) =>
    world.step(
      () => at(world, slot).real.endAccess(),
      () => at(world, slot).end(),
    ),
);

/** One byte; a negative index counts from the end. */
export const byteAt = command(
  'byteAt',
  (world, slot: number, _index: number) => has(world, slot),
  (world, slot, index) =>
    world.step(
      () => at(world, slot).real.at(index) ?? 'none',
      () => {
        const buffer = at(world, slot);
        const place = index < 0 ? index + buffer.length : index;
        if (place < 0 || place >= buffer.length) return 'none';
        return buffer.peek(buffer.place(place, 1), place, place + 1)[0];
      },
    ),
);

/** Four bytes as a number. */
export const number = command(
  'number',
  (world, slot: number, _index: number) => has(world, slot),
  (world, slot, index) =>
    world.step(
      () => at(world, slot).real.readUInt32LE(index),
      () => {
        const buffer = at(world, slot);
        if (index + 4 > buffer.length) throw new Refusal('ERR_OUT_OF_RANGE');
        const window = buffer.place(index, 4);
        const bytes =
          index + 4 <= window.end
            ? buffer.peek(window, index, index + 4)
            : buffer.copy(index, index + 4);
        return bytes.readUInt32LE();
      },
    ),
);

/** A copy by Python's rules. */
export const slice = command(
  'slice',
  (world, slot: number, _from: number | undefined, _to: number | undefined, _step: number) =>
    has(world, slot),
  (world, slot, from, to, step) =>
    world.step(
      () => at(world, slot).real.slice(from, to, step),
      () => {
        const buffer = at(world, slot);
        const { start, count } = resolveSlice(buffer.length, from, to, step);
        if (step === 1) return buffer.slice(start, start + count);
        const copy = Buffer.alloc(count);
        for (let filled = 0; filled < count; ) {
          const window = buffer.windowAt(start + filled * step);
          for (; filled < count; filled++) {
            const index = start + filled * step;
            if (index < window.begin || index >= window.end) break;
            copy[filled] = buffer.peek(window, index, index + 1)[0] as number;
          }
          buffer.read(window, 0, 0);
        }
        return copy;
      },
    ),
);

/** A view where one window holds the bytes, read at once. */
export const subarray = command(
  'subarray',
  (world, slot: number, _from: number | undefined, _to: number | undefined) => has(world, slot),
  (world, slot, from, to) =>
    world.step(
      () => Buffer.from(at(world, slot).real.subarray(from, to)),
      () => {
        const buffer = at(world, slot);
        const { start, count } = resolveSlice(buffer.length, from, to);
        if (count === 0) return Buffer.alloc(0);
        const window = buffer.windowAt(start);
        if (start + count <= window.end) return buffer.peek(window, start, start + count);
        return buffer.copy(start, start + count);
      },
    ),
);

/** All bytes, window by window. */
export const chunks = command(
  'chunks',
  (world, slot: number) => has(world, slot),
  (world, slot) =>
    world.step(
      () => Buffer.concat([...copies(at(world, slot).real.chunks())]),
      () => at(world, slot).copy(0, at(world, slot).length),
    ),
);

/** A chunk is good until the next step. */
function* copies(chunks: Iterable<Buffer>): Generator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

/** Calls that go through windows as they like, beside what plain bytes answer. */
const SCANS = {
  indexOf: (bytes: Buffer | SlidingWindowMapBuffer, needle: Buffer) => bytes.indexOf(needle),
  lastIndexOf: (bytes: Buffer | SlidingWindowMapBuffer, needle: Buffer) =>
    bytes.lastIndexOf(needle),
  includes: (bytes: Buffer | SlidingWindowMapBuffer, needle: Buffer) => bytes.includes(needle),
  lines: (bytes: Buffer | SlidingWindowMapBuffer) =>
    bytes instanceof SlidingWindowMapBuffer ? [...bytes.lines()].length : linesOf(bytes),
} as const;

function linesOf(bytes: Buffer): number {
  const newlines = bytes.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
  return newlines + (bytes.length === 0 || bytes.at(-1) === 10 ? 0 : 1);
}

/** A search for a stretch of the file, or a walk over its lines. */
export const scan = command(
  'scan',
  (world, slot: number, _what: keyof typeof SCANS, _place: number, _length: number) =>
    has(world, slot),
  (world, slot, what, place, length) => {
    const file = at(world, slot).cursor?.lease?.entry.file;
    const needle = Buffer.from(file?.bytes.subarray(place, place + length) ?? []);
    return world.step(
      () => SCANS[what](at(world, slot).real, needle),
      () => {
        const bytes = at(world, slot).scan();
        return bytes && SCANS[what](bytes, needle);
      },
    );
  },
);

/** A copy read from the file itself, on another thread. */
export const readAsync = command(
  'readAsync',
  (world, slot: number, _index: number, _length: number) => has(world, slot),
  (world, slot, index, length) =>
    world.step(
      () => at(world, slot).real.readAsync(index, length),
      () => at(world, slot).readAsync(index, length),
    ),
);

export const prefetchBuffer = command(
  'prefetchBuffer',
  (world, slot: number, _index: number, _length: number) => has(world, slot),
  (world, slot, index, length) =>
    world.step(
      () => at(world, slot).real.prefetch(index, length),
      () => at(world, slot).prefetch(index, length),
    ),
);
