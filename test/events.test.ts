/** What happens to regions is told, in order, when everything is in order again. */

import assert from 'node:assert/strict';
import { appendFileSync, closeSync, openSync, truncateSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import {
  MapFaultError,
  type MapManagerOptions,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { native } from '#src/native.js';
import { Listener, type Told } from './support/events.js';
import { contentBytes, tempDir, writeContent } from './support/files.js';

const WINDOW = 2 * PAGE_SIZE;
const COUNT = 12;
const dir = tempDir();
const path = join(dir, 'events.bin');
writeContent(path, COUNT * WINDOW);

function sliding(windows = COUNT, options: MapManagerOptions = {}): SlidingWindowMapManager {
  return new SlidingWindowMapManager({
    windowSize: WINDOW,
    maxMemorySize: windows * WINDOW,
    ...options,
  });
}

/** The message for window `k` of the file. */
function on(name: Told['on'], k: number, cause?: string): Told {
  const place = { on: name, file: path, offset: k * WINDOW, size: WINDOW };
  return cause === undefined ? place : { ...place, cause };
}

let filesMade = 0;

function newFile(size: number): string {
  const name = join(dir, `file-${++filesMade}`);
  writeContent(name, size);
  return name;
}

describe('what is told', () => {
  test('a region that is mapped, once; a use of one that is mapped says nothing', () => {
    using manager = sliding();
    using listener = new Listener();
    const cursor = manager.makeCursor(path);
    assert.equal(cursor.fileSize, COUNT * WINDOW);
    cursor.useRegion(3 * WINDOW + 17, 5);
    assert.deepEqual(listener.take(), [on('map', 3)]);
    cursor.useRegion(3 * WINDOW);
    manager.makeCursor(path).useRegion(3 * WINDOW + 1);
    cursor.clone().unuseRegion();
    cursor.buffer();
    assert.deepEqual(listener.take(), []);
  });

  test('file, offset and size are those of the region, whatever its kind', () => {
    const size = 3 * PAGE_SIZE + 5;
    const small = newFile(size);
    {
      using manager = new StaticWindowMapManager();
      using listener = new Listener();
      manager.makeCursor(small).useRegion(100, 5).close();
      manager.collect();
      const place = { file: small, offset: 0, size };
      assert.deepEqual(listener.take(), [
        { on: 'map', ...place },
        { on: 'unmap', ...place },
      ]);
    }
    using manager = sliding();
    using listener = new Listener();
    const fd = openSync(small, 'r');
    using byNumber = manager.makeCursor(fd).useRegion(WINDOW);
    closeSync(fd);
    assert.deepEqual(listener.take(), [
      { on: 'map', file: fd, offset: WINDOW, size: size - WINDOW },
    ]);
    using whole = manager.makeCursor(path).useRegion(WINDOW - 5, 10, { whole: true });
    const { ofsBegin: offset, size: wholeSize } = whole.region ?? assert.fail();
    assert.deepEqual(listener.take(), [{ on: 'map', file: path, offset, size: wholeSize }]);
    assert.equal(byNumber.isValid, true);
  });

  test('a region that is unmapped: by collect, closeUnder and close, of the manager or with its last cursor', () => {
    using manager = sliding();
    using listener = new Listener();
    const cursor = manager.makeCursor(path);
    for (const k of [0, 1, 2]) cursor.useRegion(k * WINDOW);
    listener.take();
    manager.collect();
    assert.deepEqual(listener.take(), [on('unmap', 0), on('unmap', 1)]);
    manager.closeUnder(dir);
    assert.deepEqual(listener.take(), [on('unmap', 2)]);
    manager.makeCursor(path).useRegion(4 * WINDOW);
    listener.take();
    manager.close();
    assert.deepEqual(listener.take(), [on('unmap', 4)]);
  });

  test('a region that was replaced, when its last cursor leaves it', () => {
    const leave: ((cursor: WindowCursor) => void)[] = [
      (cursor) => cursor.unuseRegion(),
      (cursor) => cursor.close(),
      (cursor) => cursor.useRegion(0),
      (cursor) => cursor.assign(cursor.clone().useRegion(0)),
    ];
    for (const leaveIt of leave) {
      const growing = newFile(WINDOW + 10);
      using manager = sliding();
      using other = manager.makeCursor(growing).useRegion(0);
      const old = manager.makeCursor(growing).useRegion(WINDOW);
      appendFileSync(growing, contentBytes(WINDOW + 10, 10));
      using listener = new Listener();
      using fresh = manager.makeCursor(growing).useRegion(WINDOW);
      const replaced = { file: growing, offset: WINDOW, size: 10 };
      assert.deepEqual(listener.take(), [{ on: 'map', ...replaced, size: 20 }]);
      leaveIt(old);
      assert.deepEqual(listener.take(), [{ on: 'unmap', ...replaced }], leaveIt.toString());
      assert.ok(other.isValid && fresh.isValid);
    }
  });

  test('an eviction: the region went, why it went, and what came', () => {
    for (const [options, cause] of [
      [{}, 'maxMemorySize'],
      [{ maxMemorySize: 0, maxOpenHandles: 2 }, 'maxOpenHandles'],
    ] as const) {
      using manager = sliding(2, options);
      using listener = new Listener();
      const cursor = manager.makeCursor(path);
      for (const k of [5, 1, 3]) cursor.useRegion(k * WINDOW);
      assert.deepEqual(listener.take(), [
        on('map', 5),
        on('map', 1),
        on('unmap', 5),
        on('evict', 5, cause),
        on('map', 3),
      ]);
      assert.equal(manager.stats().evictionsBy[cause], 1);
    }
  });

  test('what had to go for a region that could then not be mapped', (t) => {
    using manager = sliding(2);
    const cursor = manager.makeCursor(path);
    for (const k of [0, 1]) cursor.useRegion(k * WINDOW);
    using listener = new Listener();
    failToMap(t, systemError('EIO'));
    assert.throws(() => cursor.useRegion(2 * WINDOW), { code: 'EIO' });
    assert.deepEqual(listener.take(), [on('unmap', 0), on('evict', 0, 'maxMemorySize')]);
    assert.deepEqual(cursor.buffer(), contentBytes(WINDOW, WINDOW));
  });

  test('a region that made room for itself in vain, and is mapped again', (t) => {
    using manager = sliding(1);
    const cursor = manager.makeCursor(path).useRegion(0, 9);
    using listener = new Listener();
    failToMap(t, systemError('EIO'));
    assert.throws(() => cursor.useRegion(2 * WINDOW), { code: 'EIO' });
    assert.deepEqual(listener.take(), [
      on('unmap', 0),
      on('evict', 0, 'maxMemorySize'),
      on('map', 0),
    ]);
    assert.deepEqual(cursor.buffer(), contentBytes(0, 9));
  });

  for (const [cause, failure] of [
    ['ENOMEM', systemError('ENOMEM')],
    ['ceiling', false],
  ] as const) {
    test(`each new try after the system said no: ${cause}`, (t) => {
      using manager = sliding();
      using pinned = manager.makeCursor(path).useRegion(0);
      const cursor = manager.makeCursor(path);
      for (const k of [1, 2, 3]) cursor.useRegion(k * WINDOW);
      cursor.unuseRegion();
      using listener = new Listener();
      failToMap(t, failure, failure);
      cursor.useRegion(4 * WINDOW);
      assert.deepEqual(listener.take(), [
        on('unmap', 1),
        on('evict', 1, cause),
        on('retry', 4, cause),
        on('unmap', 2),
        on('evict', 2, cause),
        on('retry', 4, cause),
        on('map', 4),
      ]);
      assert.equal(manager.stats().retries, 2);
      assert.deepEqual(pinned.buffer(), contentBytes(0, WINDOW));
    });
  }

  /** Calls that meet a lost page; each is told of the first. */
  const MEETING: Readonly<Record<string, (cursor: WindowCursor) => unknown>> = {
    'useRegion on the region it stands on': (cursor) => cursor.useRegion(WINDOW + 3),
    'useRegion of another cursor': (cursor) => {
      using other = cursor.clone();
      other.unuseRegion();
      other.useRegion(WINDOW);
    },
    buffer: (cursor) => cursor.buffer(),
    map: (cursor) => cursor.map(),
    flush: (cursor) => cursor.flush(),
    'region.buffer': (cursor) => cursor.region?.buffer(),
    'slice of a buffer': (cursor) => bufferOver(cursor).slice(0, 5),
    'a loop over a buffer': (cursor) => [...bufferOver(cursor)],
    'indexOf of a buffer': (cursor) => bufferOver(cursor).indexOf('nowhere'),
  };

  for (const [call, meet] of Object.entries(MEETING)) {
    test(`a lost page, when a call meets it first: ${call}`, () => {
      const cut = newFile(2 * WINDOW);
      using manager = sliding();
      const cursor = manager.makeCursor(cut).useRegion(WINDOW);
      const view = cursor.buffer();
      const map = cursor.map();
      using listener = new Listener();
      truncateSync(cut, 0);
      assert.equal(map.at(PAGE_SIZE), 0);
      assert.equal(cursor.faulted, true);
      assert.deepEqual(listener.take(), [], 'nobody met it');
      assert.throws(() => meet(cursor), MapFaultError);
      const place = { file: cut, offset: WINDOW, size: WINDOW };
      assert.deepEqual(listener.take(), [{ on: 'fault', ...place }]);
      assert.throws(() => meet(cursor), MapFaultError);
      assert.throws(() => cursor.buffer(), MapFaultError);
      assert.deepEqual(listener.take(), [], 'it was told already');
      assert.equal(cursor.refresh().isValid, false);
      assert.deepEqual(listener.take(), [{ on: 'unmap', ...place }]);
      assert.equal(view.length, 0);
    });
  }

  test('a lost page that prefetch finds before anybody touches it', async () => {
    const cut = newFile(2 * WINDOW);
    using manager = sliding();
    using cursor = manager.makeCursor(cut).useRegion(WINDOW);
    using listener = new Listener();
    truncateSync(cut, 0);
    await assert.rejects(cursor.prefetch(), MapFaultError);
    assert.deepEqual(listener.take(), [{ on: 'fault', file: cut, offset: WINDOW, size: WINDOW }]);
    await assert.rejects(cursor.prefetch(), MapFaultError);
    assert.deepEqual(listener.take(), []);
  });
});

/** A buffer that begins where the cursor stands. */
function bufferOver(cursor: WindowCursor): SlidingWindowMapBuffer {
  return new SlidingWindowMapBuffer(cursor, WINDOW);
}

/** A failure as the addon throws it. */
function systemError(code: 'EIO' | 'ENOMEM'): Error {
  return Object.assign(new Error(), { errno: -constants.errno[code], syscall: 'mmap' });
}

/** The next calls of `native.map` fail, one each: with an error, or because the ceiling is reached. */
function failToMap(t: TestContext, ...failures: (Error | false)[]): void {
  const real = native.map;
  t.after(() => {
    native.map = real;
  });
  native.map = (...given) => {
    const failure = failures.shift();
    if (failure === undefined) return real(...given);
    if (failure instanceof Error) throw failure;
    return failure;
  };
}
