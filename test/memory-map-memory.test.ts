/** What a map can do beside holding bytes: flushing, advice, moving, residency, reading ahead. */

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  MADV_HWPOISON,
  MADV_SEQUENTIAL,
  MADV_SOFT_OFFLINE,
  MapClosedError,
  MemoryMap,
  type MemoryMapOptions,
  MS_ASYNC,
  MS_INVALIDATE,
  MS_SYNC,
  PAGE_SIZE,
  SlidingWindowMapManager,
} from 'smmap';
import { FLUSH, native } from '#src/native.js';
import { contentByte, contentBytes, tempDir, writeContent, writeIslands } from './support/files.js';
import { withoutPrivileges } from './support/unprivileged.js';

const PAGES = 9;
const SIZE = PAGES * PAGE_SIZE - 77;
const dir = tempDir();
const linux = { skip: process.platform !== 'linux' && 'Linux alone has it' };
let made = 0;

function newFile(size = SIZE): string {
  const path = join(dir, `file-${++made}`);
  writeContent(path, size);
  return path;
}

/** Puts another function in the place of one of the addon's while `body` runs. */
function replacing<Name extends keyof typeof native>(
  name: Name,
  fake: (real: (typeof native)[Name]) => (typeof native)[Name],
  body: () => void,
): void {
  const real = native[name];
  native[name] = fake(real);
  try {
    body();
  } finally {
    native[name] = real;
  }
}

/** Offsets and lengths of the mapping that a call of the addon on a range was given. */
function asked(name: 'flush' | 'advise', body: () => void): number[][] {
  const ranges: number[][] = [];
  const note = (_handle: unknown, offset: number, length: number, number: number) => {
    ranges.push([offset, offset + length, number]);
  };
  replacing(name, () => note, body);
  return ranges;
}

describe('flush', () => {
  const whole = { access: 'write' } as const;

  test('rounds the range to pages, whatever the map’s own offset', () => {
    const path = newFile();
    using map = MemoryMap.open(path, whole);
    using shifted = MemoryMap.open(path, { ...whole, offset: PAGE_SIZE + 10 });
    const { sync } = FLUSH;
    const cases: [MemoryMap, [number?, number?], number[]][] = [
      [map, [], [0, SIZE, sync]],
      [map, [0], [0, SIZE, sync]],
      [map, [1], [0, SIZE, sync]],
      [map, [PAGE_SIZE + 1, 1], [PAGE_SIZE, PAGE_SIZE + 2, sync]],
      [map, [SIZE - 1, 1], [8 * PAGE_SIZE, SIZE, sync]],
      [shifted, [PAGE_SIZE, 5], [PAGE_SIZE, PAGE_SIZE + 15, sync]],
    ];
    for (const [each, given, wanted] of cases) {
      assert.deepEqual(
        asked('flush', () => each.flush(...given)),
        [wanted],
        `${given}`,
      );
    }
    assert.deepEqual(
      asked('flush', () => map.flush(SIZE)),
      [],
    );
  });

  test('does as its flags say', { skip: process.platform === 'win32' && 'no flags there' }, () => {
    using map = MemoryMap.open(newFile(), whole);
    const [sync, async, invalidate] = [MS_SYNC, MS_ASYNC, MS_INVALIDATE] as [
      number,
      number,
      number,
    ];
    const cases: [object, number][] = [
      [{}, FLUSH.sync],
      [{ async: false }, FLUSH.sync],
      [{ async: true }, FLUSH.async],
      [{ flags: 0 }, FLUSH.sync],
      [{ flags: sync }, FLUSH.sync],
      [{ flags: async }, FLUSH.async],
      [{ flags: sync | invalidate }, FLUSH.syncInvalidate],
      [{ flags: async | invalidate }, FLUSH.asyncInvalidate],
    ];
    for (const [options, kind] of cases) {
      assert.equal(asked('flush', () => map.flush(0, 10, options))[0]?.[2], kind);
      map.flush(0, 10, options);
    }
    for (const options of [{ flags: sync | async }, { flags: 64 }, { async: true, flags: sync }]) {
      assert.throws(() => map.flush(0, 10, options), { code: 'ERR_INVALID_ARG_VALUE' });
    }
  });

  test('checks its range and does nothing where stores reach no file', async () => {
    const path = newFile();
    const maps = [
      MemoryMap.open(path),
      MemoryMap.open(path, { access: 'copy' }),
      MemoryMap.anonymous(SIZE, { access: 'copy' }),
    ];
    for (const map of maps) {
      assert.deepEqual(
        asked('flush', () => map.flush()),
        [],
      );
      await map.flushAsync();
      assert.throws(() => map.flush(0, SIZE + 1), { code: 'ERR_OUT_OF_RANGE' });
      assert.throws(() => map.flush(1, SIZE), { code: 'ERR_OUT_OF_RANGE' });
      assert.throws(() => map.flush(-1), { code: 'ERR_OUT_OF_RANGE' });
      await assert.rejects(map.flushAsync(SIZE + 1), { code: 'ERR_OUT_OF_RANGE' });
      map.close();
    }
  });

  test('off the thread is done though the map is closed meanwhile', async () => {
    const path = newFile();
    const map = MemoryMap.open(path, whole);
    map.set(5, 1);
    const flushed = map.flushAsync();
    map.close();
    await flushed;
    assert.equal(readFileSync(path)[5], 1);
    await assert.rejects(map.flushAsync(), MapClosedError);
  });

  test('tells what the system said, with the file', () => {
    const path = newFile();
    using map = MemoryMap.open(path, whole);
    const fail = () => () => {
      throw Object.assign(new Error(), { errno: -5, syscall: 'msync' });
    };
    replacing('flush', fail, () => {
      assert.throws(() => map.flush(), { code: 'EIO', path, syscall: 'msync' });
    });
  });
});

describe('madvise', () => {
  test('touches every page of the range, or only whole ones where bytes go', linux, () => {
    const path = newFile();
    using map = MemoryMap.open(path, { access: 'copy' });
    using shifted = MemoryMap.open(path, { access: 'copy', offset: 10 });
    const [page, end] = [PAGE_SIZE, PAGES * PAGE_SIZE];
    const cases: [MemoryMap, 'random' | 'dontneed', [number?, number?], number[] | undefined][] = [
      [map, 'random', [], [0, end]],
      [map, 'random', [1, 1], [0, page]],
      [map, 'random', [page - 1, 2], [0, 2 * page]],
      [map, 'random', [page, 1e9], [page, end]],
      [map, 'dontneed', [], [0, end]],
      [map, 'dontneed', [1], [page, end]],
      [map, 'dontneed', [0, page - 1], undefined],
      [map, 'dontneed', [0, page], [0, page]],
      [map, 'dontneed', [1, 3 * page], [page, 3 * page]],
      [map, 'dontneed', [page, 2 * page - 1], [page, 2 * page]],
      [shifted, 'dontneed', [], [0, end]],
      [shifted, 'dontneed', [0, page], [0, page]],
      [shifted, 'random', [page - 10, 1], [page, 2 * page]],
    ];
    for (const [each, advice, given, wanted] of cases) {
      const ranges = asked('advise', () => each.madvise(advice, ...given));
      assert.deepEqual(ranges[0]?.slice(0, 2), wanted, `${advice} ${given}`);
    }
  });

  test('dontneed brings the file’s bytes back, and only where it was said', linux, () => {
    using map = MemoryMap.open(newFile(), { access: 'copy' });
    map.setSlice(Buffer.alloc(SIZE, 1));
    map.madvise('dontneed', PAGE_SIZE + 1, 2 * PAGE_SIZE);
    for (let i = 0; i < SIZE; i++) {
      const fresh = i >= 2 * PAGE_SIZE && i < 3 * PAGE_SIZE;
      assert.equal(map.get(i), fresh ? contentByte(i) : 1, `${i}`);
    }
  });

  test('takes every name and number of the system', linux, () => {
    const names = [
      ...['normal', 'random', 'sequential', 'willneed', 'dontneed', 'dontfork', 'dofork'],
      ...['dontdump', 'dodump', 'cold', 'pageout', 'populate-read', 'populate-write'],
    ] as const;
    using map = MemoryMap.anonymous(SIZE, { access: 'copy' });
    for (const name of names) map.madvise(name);
    map.madvise('free');
    map.madvise(MADV_SEQUENTIAL as number, 5, 10);
  });

  test('refuses what it does not know, and what takes memory out of use', linux, () => {
    using map = MemoryMap.open(newFile(), { access: 'write' });
    const refused = ['', 'NORMAL', 'willNeed', -1, 999, 102, MADV_HWPOISON, MADV_SOFT_OFFLINE];
    for (const advice of refused) {
      assert.throws(
        () => map.madvise(advice as number),
        { code: 'ERR_INVALID_ARG_VALUE' },
        `${advice}`,
      );
    }
    assert.throws(() => map.madvise(undefined as never), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => map.madvise('free'), { code: 'EINVAL' }); // not memory of its own
    assert.throws(() => map.madvise('normal', SIZE), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => map.madvise('normal', -1), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => map.madvise('normal', 0, -1), { code: 'ERR_OUT_OF_RANGE' });
    using reader = MemoryMap.open(newFile());
    assert.throws(() => reader.madvise('populate-write'), { code: 'ERR_SMMAP_READ_ONLY' });
    assert.throws(() => reader.madvise('remove'), { code: 'ERR_SMMAP_READ_ONLY' });
  });
});

describe('move', () => {
  test('is what Buffer.copyWithin is, at any offset', () => {
    const path = newFile();
    fc.assert(
      fc.property(fc.nat(SIZE - 10), fc.nat(SIZE - 10), fc.nat(SIZE), (dest, src, want) => {
        const count = Math.min(want, SIZE - 10 - Math.max(dest, src));
        using map = MemoryMap.open(path, { access: 'copy', offset: 10 });
        map.move(dest, src, count);
        const wanted = contentBytes(10, SIZE - 10).copyWithin(dest, src, src + count);
        return map.bytes.equals(wanted);
      }),
      { numRuns: 50 },
    );
  });

  test('stays inside', () => {
    using map = MemoryMap.anonymous(100);
    for (const [dest, src, count] of [
      [0, 0, 101],
      [100, 0, 1],
      [0, 100, 1],
      [-1, 0, 1],
      [0, 0, -1],
    ]) {
      assert.throws(() => map.move(dest as number, src as number, count as number), {
        code: 'ERR_OUT_OF_RANGE',
      });
    }
    map.move(100, 100, 0);
  });
});

describe('residency', linux, () => {
  test('says page by page what is in memory', () => {
    const path = join(dir, 'sparse');
    writeIslands(path, SIZE, []);
    using map = MemoryMap.open(path, { offset: 10 });
    map.madvise('pageout');
    assert.deepEqual([...(map.residency() as Uint8Array)], [0, 0]);
    map.get(PAGE_SIZE * 3 - 10); // no reading ahead in a hole
    map.madvise('random');
    const bits = map.residency() as Uint8Array;
    assert.equal((bits[0] as number) & 0b1000, 0b1000);
    map.madvise('populate-read');
    assert.deepEqual([...(map.residency() as Uint8Array)], [0xff, 1]);
    assert.equal(map.residentBytes, SIZE - 10);
  });

  test('is not told of a file of somebody else', () => {
    const path = newFile();
    const fd = openSync(path, 'r');
    withoutPrivileges(() => {
      using map = new MemoryMap(fd, 0, { access: 'read' });
      using untracked = new MemoryMap(fd, 0, { access: 'read', trackFd: false });
      using own = MemoryMap.anonymous(10);
      const wanted = process.getuid?.() === 0 ? undefined : SIZE;
      assert.equal(map.residentBytes, wanted);
      assert.equal(untracked.residentBytes, wanted);
      assert.equal(map.residency() === undefined, wanted === undefined);
      assert.equal(own.residentBytes, 0);
    });
    closeSync(fd);
  });
});

describe('lock', linux, () => {
  /** Bytes that the kernel says are locked. */
  function locked(): number {
    const [, kib] = /VmLck:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return Number(kib) * 1024;
  }

  test('keeps all pages, and leaves those of a file to the file', () => {
    const path = newFile();
    using map = MemoryMap.open(path);
    const before = locked();
    map.lock();
    assert.equal(locked() - before, PAGES * PAGE_SIZE);
    assert.equal(map.residentBytes, SIZE);
    writeFileSync(path, Buffer.alloc(SIZE, 1), { flag: 'r+' });
    assert.ok(
      map.bytes.every((byte) => byte === 1),
      'what is written later is seen',
    );
    map.unlock();
    assert.equal(locked(), before);
    map.lock();
    map.close();
    assert.equal(locked(), before);
  });

  test('names the limit in its error', () => {
    using map = MemoryMap.open(newFile());
    const fail = () => () => {
      throw Object.assign(new Error(), { errno: -12, syscall: 'mlock' });
    };
    replacing('lock', fail, () => {
      assert.throws(() => map.lock(), {
        code: 'ENOMEM',
        message: /ulimit -l is .*the map has 36864/,
      });
    });
  });
});

describe('off the main thread', () => {
  const accesses: MemoryMapOptions[] = [
    {},
    { access: 'write' },
    { access: 'copy' },
    { offset: 10 },
    { access: 'write', offset: PAGE_SIZE + 1 },
    { trackFd: false },
    { access: 'copy', trackFd: false, offset: 3 },
  ];

  for (const options of accesses) {
    test(`readAsync reads what slice reads: ${JSON.stringify(options)}`, async () => {
      using map = MemoryMap.open(newFile(), options);
      if (!map.readonly) map.writeUInt32BE(0x12345678, PAGE_SIZE - 2);
      const range = fc.tuple(fc.nat(map.length), fc.nat(2 * SIZE));
      await fc.assert(
        fc.asyncProperty(range, async ([offset, length]) => {
          const bytes = await map.readAsync(offset, length);
          assert.ok(bytes.equals(map.slice(offset, offset + length)));
          assert.equal(bytes.byteOffset, 0);
        }),
        { numRuns: 20 },
      );
    });

    test(`what the device must be waited for is read as well: ${JSON.stringify(options)}`, async () => {
      using map = MemoryMap.open(newFile(), options);
      const real = native.readNow;
      try {
        native.readNow = (descriptor, into, position) =>
          real(descriptor, into.subarray(0, 100), position);
        assert.ok((await map.readAsync(5, SIZE)).equals(map.slice(5)));
        native.readNow = () => 0;
        assert.ok((await map.readAsync(5, SIZE)).equals(map.slice(5)));
      } finally {
        native.readNow = real;
      }
    });
  }

  test('prefetch brings in what it is told to', linux, async () => {
    const path = join(dir, 'holes');
    writeIslands(path, 20 * 2 ** 20, []);
    using map = MemoryMap.open(path, { offset: 100 });
    map.madvise('pageout');
    map.madvise('random'); // no reading ahead
    await map.prefetch(PAGE_SIZE, 17 * 2 ** 20);
    const bytes = map.residentBytes as number;
    assert.ok(bytes >= 17 * 2 ** 20 && bytes <= 17 * 2 ** 20 + 2 * PAGE_SIZE, `${bytes}`);
    await map.prefetch();
    assert.equal(map.residentBytes, map.length);
  });

  test('a signal, a close or a resize ends them', async () => {
    const path = newFile(40 * 2 ** 20);
    const map = MemoryMap.open(path, { access: 'write' });
    const reason = new Error('enough');
    await assert.rejects(map.prefetch(0, 10, { signal: AbortSignal.abort(reason) }), reason);
    await assert.rejects(map.readAsync(0, 10, { signal: AbortSignal.abort(reason) }), reason);
    await assert.rejects(map.prefetch(0, 10, { signal: 1 as never }), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
    const first = map.prefetch();
    map.resize(30 * 2 ** 20);
    await assert.rejects(first, MapClosedError);
    const second = map.prefetch();
    map.close();
    await assert.rejects(second, MapClosedError);
    await assert.rejects(map.readAsync(0, 1), MapClosedError);
  });
});

test('a map of a region writes when its manager does, and cannot be closed or resized', () => {
  const path = newFile();
  for (const access of ['read', 'write', 'copy'] as const) {
    using manager = new SlidingWindowMapManager({ access, windowSize: PAGE_SIZE });
    using cursor = manager.makeCursor(path).useRegion(PAGE_SIZE, 10);
    const map = cursor.map();
    assert.deepEqual(
      [map.access, map.readonly, map.offset],
      [access, access === 'read', PAGE_SIZE],
    );
    if (access === 'read') assert.throws(() => map.set(0, 1), { code: 'ERR_SMMAP_READ_ONLY' });
    else map.set(0, contentByte(PAGE_SIZE) ^ 0xff);
    map.flush();
    map.madvise('normal');
    const stored = access === 'read' ? contentByte(PAGE_SIZE) : contentByte(PAGE_SIZE) ^ 0xff;
    assert.equal(map.get(0), stored);
    const inFile = access === 'write' ? stored : contentByte(PAGE_SIZE);
    assert.equal(readFileSync(path)[PAGE_SIZE], inFile);
    assert.throws(() => map.close(), { code: 'ERR_INVALID_STATE' });
    assert.throws(() => map.resize(5), { code: 'ERR_INVALID_STATE' });
    assert.equal(map.size(), SIZE);
    writeContent(path, SIZE);
  }
});
