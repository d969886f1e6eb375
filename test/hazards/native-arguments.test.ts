/** Arguments that nobody should give to the native functions: refused, never a crash. */

import assert from 'node:assert/strict';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { native } from '#src/native.js';
import { contentBytes, tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';
import { randomFrom } from '../support/random.js';

type AnyFunction = (...args: unknown[]) => unknown;

const functions = native as unknown as Readonly<Record<string, AnyFunction>>;
const SIZE = 40_000;

const path = join(tempDir(), 'file.bin');

interface Live {
  handle: ReturnType<typeof native.handle>;
  descriptor: ReturnType<typeof native.open>;
}

/** A handle that holds the whole file, and its descriptor. */
function live(): Live {
  writeContent(path, SIZE);
  const descriptor = native.open(Buffer.from(path), false, 0);
  const handle = native.handle();
  assert.equal(native.map(handle, descriptor, 0, SIZE, 0, false, false), true);
  return { handle, descriptor };
}

/** Values of every kind, good ones among them. */
function values({ handle, descriptor }: Live): unknown[] {
  const closed = native.open(Buffer.from(path), false, 0);
  native.closeDescriptor(closed);
  const detached = new BigInt64Array(5);
  structuredClone(detached, { transfer: [detached.buffer] });
  return [
    ...[undefined, null, true, false, '', 'text', '1', Symbol('s'), 1n, 2n ** 64n],
    ...[0, -0, 1, -1, 0.5, 4096, 8192, SIZE, SIZE - 1, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, 1e300],
    ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_SAFE_INTEGER],
    ...[{}, [], () => 1, new Date(), /r/, new Map(), new Proxy({}, {}), new Proxy(handle, {})],
    ...[Object.create(handle), { ...handle }, Object.create(null), new Number(3), new String('s')],
    ...[{ valueOf: () => 1 }, { [Symbol.toPrimitive]: () => 4096 }, globalThis],
    ...[new ArrayBuffer(40), new SharedArrayBuffer(40), new DataView(new ArrayBuffer(40))],
    ...[new BigInt64Array(5), new BigInt64Array(4), new BigUint64Array(5), detached],
    ...[new Float64Array(7), new Float64Array(6), new Float64Array(0), new Uint8Array(100)],
    ...[Buffer.from(path), Buffer.from(`${path}\0x`), Buffer.alloc(0), Buffer.alloc(5_000, 'x')],
    ...[handle, descriptor, native.handle(), closed],
  ];
}

/** What is called with anything; the rest would change the process for all who follow. */
const NAMES = Object.keys(functions).filter(
  (name) => !['setGuard', 'heapMayGrowTo', 'closeDescriptor'].includes(name),
);

/** Calls with anything; a failure must be an Error, whatever it is. */
function call(name: string, args: unknown[], pending: Promise<unknown>[]): void {
  try {
    const result = functions[name]?.(...args);
    if (result instanceof Promise) pending.push(result.catch(() => undefined));
  } catch (error) {
    assert.ok(error instanceof Error, `${name} threw ${String(error)}`);
  }
}

await hazards(import.meta.url, {
  'each function with too few arguments, and with one wrong at a time': () => {
    const right = live();
    const { handle, descriptor } = right;
    const good: Record<string, unknown[]> = {
      map: [native.handle(), descriptor, 0, SIZE, 0, false],
      view: [handle, 0, 100],
      populate: [handle, 0, 100],
      open: [Buffer.from(path), false, 0],
      duplicate: [0, false],
      status: [descriptor, new BigInt64Array(5)],
      statusOfNumber: [0, new BigInt64Array(5)],
      statusOfPath: [Buffer.from(path), new BigInt64Array(5)],
      counts: [new Float64Array(7)],
      read: [native.descriptorNumber(descriptor), Buffer.alloc(100), 10, 50, 0],
    };
    const wrong = values(right);
    for (const [name, args] of Object.entries(good)) {
      for (let count = 0; count < args.length; count++) {
        assert.throws(() => functions[name]?.(...args.slice(0, count)), Error, name);
        for (const value of wrong) {
          call(name, args.with(count, value), []);
        }
      }
    }
  },

  'any function with anything, again and again': async () => {
    const random = randomFrom(77);
    const pending: Promise<unknown>[] = [];
    for (let round = 0; round < 20; round++) {
      const all = values(live());
      for (let i = 0; i < 3_000; i++) {
        const name = NAMES[random(0, NAMES.length)] as string;
        const args = Array.from({ length: random(0, 7) }, () => all[random(0, all.length)]);
        call(name, args, pending);
      }
      await turn();
    }
    await Promise.all(pending);
    assert.ok(readFileSync(path).equals(contentBytes(0, SIZE)));
    assert.equal(statSync(path).size, SIZE);
  },

  'a path is text or bytes, whole and without NUL': () => {
    live();
    const odd = `${path}-é`;
    writeContent(odd, SIZE);
    const status = new BigInt64Array(5);
    for (const name of [path, odd]) {
      for (const form of [(text: string) => text, (text: string) => Buffer.from(text)]) {
        const long = (bytes: number) => form('/'.repeat(bytes - Buffer.byteLength(name)) + name);
        for (const bytes of [Buffer.byteLength(name), 4091, 4092, 4095]) {
          native.statusOfPath(long(bytes), status);
          assert.equal(status[2], BigInt(SIZE));
        }
        for (const bytes of [4096, 4097, 10_000]) {
          assert.throws(() => native.statusOfPath(long(bytes), status), { errno: -36 }); // ENAMETOOLONG
        }
        assert.throws(() => native.statusOfPath(form(`${name}\0`), status), {
          code: 'ERR_INVALID_ARG_VALUE',
        });
      }
    }
  },

  'a read stays inside its part': () => {
    const { descriptor } = live();
    const fd = native.descriptorNumber(descriptor);
    const into = Buffer.alloc(100, 'x');
    assert.equal(native.read(fd, into, 10, 50, 1_000), 50);
    const wanted = Buffer.alloc(100, 'x');
    contentBytes(1_000, 50).copy(wanted, 10);
    assert.ok(into.equals(wanted));
    for (const [start, length] of [
      [101, 0],
      [100, 1],
      [0, 101],
      [51, 50],
      [2 ** 53 - 1, 1],
    ]) {
      assert.throws(() => native.read(fd, into, start as number, length as number, 0), RangeError);
    }
    assert.ok(into.equals(wanted));
  },

  'an integer is exact or refused': () => {
    const { handle, descriptor } = live();
    const inexact = [0.5, -1, Number.NaN, 2 ** 53, -0.5, Number.POSITIVE_INFINITY, 1e300];
    for (const number of inexact) {
      const refused = { code: 'ERR_OUT_OF_RANGE' };
      assert.throws(() => native.view(handle, number, 1), refused);
      assert.throws(() => native.view(handle, 0, number), refused);
      assert.throws(
        () => native.map(native.handle(), descriptor, number, 1, 0, false, false),
        refused,
      );
      assert.throws(
        () => native.map(native.handle(), descriptor, 0, number, 0, false, false),
        refused,
      );
      assert.throws(() => native.populate(handle, number, 1), refused);
      assert.throws(() => native.statusOfNumber(number, new BigInt64Array(5)), refused);
    }
    assert.throws(
      () => native.duplicate(2 ** 32, false),
      (error) => {
        assert.equal((error as NodeJS.ErrnoException).errno, -9); // EBADF: not wrapped around to 0
        return true;
      },
    );
  },

  'a view or a range outside its mapping is refused': () => {
    const { handle } = live();
    const outside = [
      [0, SIZE + 1],
      [SIZE, 1],
      [SIZE + 1, 1],
      [1, SIZE],
      [2 ** 52, 2 ** 52],
      [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
      [1, Number.MAX_SAFE_INTEGER],
      [0, 0],
    ] as const;
    for (const [offset, length] of outside) {
      assert.throws(() => native.view(handle, offset, length), { code: 'ERR_OUT_OF_RANGE' });
    }
    for (const [offset, length] of [
      [4096 * 10, 1],
      [0, 4096 * 11],
      [2 ** 52, 1],
      [1, 1],
    ] as const) {
      assert.throws(() => native.populate(handle, offset, length), { code: 'ERR_OUT_OF_RANGE' });
    }
  },

  'a handle of another kind, of a copy or of nothing is refused': () => {
    const { handle, descriptor } = live();
    const wrong = [
      descriptor,
      Object.create(handle),
      { ...handle },
      new Proxy(handle, {}),
      {},
      null,
    ];
    for (const value of wrong) {
      for (const name of ['view', 'detach', 'close', 'faults', 'populate']) {
        assert.throws(() => functions[name]?.(value, 0, 1), { code: 'ERR_INVALID_ARG_TYPE' }, name);
      }
    }
    for (const value of [handle, Object.create(descriptor), { ...descriptor }, 3, null]) {
      for (const name of ['closeDescriptor', 'descriptorNumber', 'status', 'size']) {
        const into = new BigInt64Array(5);
        assert.throws(() => functions[name]?.(value, into), { code: 'ERR_INVALID_ARG_TYPE' }, name);
      }
    }
  },

  'numbers are not stored where such numbers cannot lie': () => {
    const { handle } = live();
    const odd = native.view(handle, 1, 4_096) as ArrayBuffer;
    const bytes = Buffer.from('abc');
    const refused = { code: 'ERR_INVALID_ARG_TYPE' };
    assert.throws(() => native.counts(new Float64Array(odd)), refused);
    assert.throws(() => native.statusOfNumber(0, new BigInt64Array(odd)), refused);
    assert.throws(() => native.searchCount(bytes, bytes, 0, new Float64Array(odd)), refused);
    assert.throws(() => native.searchPositions(bytes, 97, 0, 3, new Uint32Array(odd)), refused);
    assert.equal(native.searchFirst(new Uint8Array(odd), contentBytes(50, 9), 0), 49);
  },

  'a handle that holds nothing can be closed again, and nothing else': () => {
    const { handle, descriptor } = live();
    assert.equal(native.close(handle), true);
    assert.equal(native.close(handle), true);
    for (const name of ['view', 'detach', 'faults', 'populate']) {
      assert.throws(() => functions[name]?.(handle, 0, 1), Error, name);
    }
    assert.equal(native.map(handle, descriptor, 0, SIZE, 0, false, false), true);
    assert.throws(() => native.map(handle, descriptor, 0, SIZE, 0, false, false), Error);
    assert.equal(native.close(handle), true);
    native.closeDescriptor(descriptor);
    native.closeDescriptor(descriptor);
    assert.throws(() => native.map(handle, descriptor, 0, SIZE, 0, false, false), Error);
    assert.throws(() => native.descriptorNumber(descriptor), Error);
    assert.equal(mapped(path).lines, 0);
  },

  'a view larger than the engine allows is refused or given, and the mapping lives': () => {
    const large = join(tempDir(), 'large.bin');
    writeFileSync(large, 'x');
    const size = 20 * 2 ** 30;
    truncateSync(large, size);
    const handle = native.handle();
    native.map(handle, native.open(Buffer.from(large), false, 0), 0, size, 0, false, false);
    for (const length of [4 * 2 ** 30 + 1, 6 * 2 ** 30, size]) {
      for (let again = 0; again < 3; again++) {
        const view = native.view(handle, 0, length);
        assert.ok(view === undefined || view.byteLength === length);
        assert.equal(new Uint8Array(native.view(handle, 0, 10) as ArrayBuffer)[0], 120);
      }
    }
    assert.equal(mapped(large).bytes, size);
    assert.equal(native.close(handle), true);
    assert.equal(mapped(large).lines, 0);
  },

  'numbers of watches that nobody has': () => {
    const watch = native.watch({});
    for (const wrong of [watch + 1, 63, 64, 2 ** 32, 2 ** 53 - 1]) {
      assert.throws(() => native.watched(wrong), { code: 'ERR_OUT_OF_RANGE' });
      assert.throws(() => native.unwatch(wrong), { code: 'ERR_OUT_OF_RANGE' });
    }
    native.unwatch(watch);
    assert.throws(() => native.unwatch(watch), { code: 'ERR_OUT_OF_RANGE' });
    const kept = Array.from({ length: 1_000 }, () => ({}));
    const watches = kept.map((object) => native.watch(object));
    assert.equal(new Set(watches).size, kept.length);
    assert.ok(watches.every((each) => native.watched(each) !== undefined));
    for (const each of watches) native.unwatch(each);
    assert.equal(kept.length, 1_000);
  },

  'a path that lies in a mapping whose file was cut short': () => {
    const { handle } = live();
    const bytes = Buffer.from(native.view(handle, 8_192, 4_000) as ArrayBuffer);
    truncateSync(path, 100);
    assert.throws(() => native.open(bytes, false, 0), { code: 'ERR_INVALID_ARG_VALUE' });
    assert.ok(native.faults(handle) > 0);
  },
});
