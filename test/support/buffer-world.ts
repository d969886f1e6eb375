/** A file, a manager and buffers over it, each beside the plain bytes that it must equal. */

import assert from 'node:assert/strict';
import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { contentByte, tempDir } from './files.js';
import { mapped } from './proc-maps.js';

const dir = tempDir();
let made = 0;

/** Buffers in a world; they share its manager, and so take regions from each other. */
export const SUBJECTS = 3;

/** How a world is made. */
export interface Plan {
  /** Bytes in the file. */
  size: number;
  /** Different bytes in the file: few make searches find much. */
  alphabet: number;
  windowPages: number;
  /** Memory limit, in bytes; not always whole pages. */
  budget: number;
  maxOpenHandles: number;
  isStatic: boolean;
  byDescriptor: boolean;
}

/** Any plan: files up to 20 pages, windows up to 6, budgets below one window and above the file. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  size: fc.oneof(
    fc.integer({ min: 0, max: 20 * PAGE_SIZE }),
    fc.record({ pages: fc.nat(20), past: fc.integer({ min: -3, max: 3 }) }).map(around),
  ),
  alphabet: fc.constantFrom(1, 2, 5, 256),
  windowPages: fc.integer({ min: 1, max: 6 }),
  budget: fc.integer({ min: 1, max: 24 * PAGE_SIZE }),
  maxOpenHandles: fc.constantFrom(1, 2, 3, 7, Number.POSITIVE_INFINITY),
  isStatic: fc.nat(4).map((n) => n === 0),
  byDescriptor: fc.boolean(),
});

function around({ pages, past }: { pages: number; past: number }): number {
  return Math.max(0, pages * PAGE_SIZE + past);
}

/** A buffer and the bytes it stands for. */
export interface Subject {
  readonly buf: SlidingWindowMapBuffer;
  readonly cursor: WindowCursor;
  /** What the buffer must equal; empty while its access is ended. */
  bytes: Buffer;
  /** Offset of its first byte in the file. */
  offset: number;
  /** An iteration in progress, as it is and as it must be. */
  walk: { real: Iterator<unknown>; expected: Iterator<unknown> } | undefined;
}

/** Everything that one run of operations works on. */
export class World {
  readonly data: Buffer;
  /** Bytes that one region can be asked for. */
  readonly largestRegion: number;
  readonly subjects: readonly Subject[];
  /** A cursor of the same manager that no buffer has. */
  readonly loose: WindowCursor;
  readonly #path = join(dir, `${++made}`);
  readonly #manager: SlidingWindowMapManager | StaticWindowMapManager;
  readonly #fd: number;
  readonly #mostMapped: number;

  constructor(plan: Plan) {
    const { size, alphabet, budget, maxOpenHandles } = plan;
    this.data = Buffer.allocUnsafe(size);
    for (let i = 0; i < size; i++) this.data[i] = letter(contentByte(i), alphabet);
    writeFileSync(this.#path, this.data);
    this.#fd = openSync(this.#path, 'r');
    const limits = { maxMemorySize: budget, maxOpenHandles };
    this.#manager = plan.isStatic
      ? new StaticWindowMapManager(limits)
      : new SlidingWindowMapManager({ windowSize: plan.windowPages * PAGE_SIZE, ...limits });
    // Limits bend for what is in use: a region a cursor, one more granule when it overlaps others.
    this.largestRegion = this.#manager.windowSize || size;
    const mostOfOne = wholePages(this.largestRegion) + PAGE_SIZE;
    this.#mostMapped = Math.max(budget, (SUBJECTS + 1) * mostOfOne);
    const item = plan.byDescriptor ? this.#fd : this.#path;
    this.loose = this.#manager.makeCursor(item);
    this.subjects = Array.from({ length: SUBJECTS }, () => {
      const cursor = this.#manager.makeCursor(item);
      const buf = new SlidingWindowMapBuffer(cursor);
      return { buf, cursor, bytes: this.data, offset: 0, walk: undefined };
    });
  }

  /** Unmaps whatever is idle; the counts must agree with the kernel's. */
  collect(): void {
    this.#manager.collect();
    const inUse = new Set([this.loose, ...this.subjects.map(({ cursor }) => cursor)].map(regionOf));
    inUse.delete(undefined);
    assert.equal(this.#manager.numFileHandles, inUse.size);
    const pages = [...inUse].reduce((sum, region) => sum + wholePages(region?.size ?? 0), 0);
    assert.equal(mapped(this.#path).bytes, pages);
  }

  /** Compares the limits and the manager's own figures with the kernel's. */
  checkLimits(): void {
    const { bytes } = mapped(this.#path);
    assert.ok(bytes <= this.#mostMapped, `${bytes} bytes are mapped`);
    assert.equal(this.#manager.stats().mappedBytes, bytes);
  }

  close(): void {
    this.#manager.close();
    closeSync(this.#fd);
    assert.equal(mapped(this.#path).bytes, 0);
    unlinkSync(this.#path);
  }
}

function regionOf(cursor: WindowCursor) {
  return cursor.region ?? undefined;
}

function wholePages(size: number): number {
  return Math.ceil(size / PAGE_SIZE) * PAGE_SIZE;
}

/** One of `alphabet` bytes, among which is the newline. */
function letter(byte: number, alphabet: number): number {
  return alphabet === 256 ? byte : ([97, 10, 98, 0, 255][byte % alphabet] ?? 97);
}
