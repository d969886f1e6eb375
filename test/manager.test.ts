import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MapClosedError, PAGE_SIZE, SlidingWindowMapManager, StaticWindowMapManager } from 'smmap';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { mapped } from './support/proc-maps.js';

const WINDOW = 4 * PAGE_SIZE;
const GiB = 2 ** 30;
const dir = tempDir();
const path = join(dir, 'manager.bin');
writeContent(path, 10 * WINDOW);

describe('what a manager is made with', () => {
  test('the limits of a sliding manager when none are given', () => {
    using manager = new SlidingWindowMapManager();
    assert.equal(manager.maxMappedMemorySize, 8 * GiB);
    assert.equal(manager.maxFileHandles, Infinity);
    assert.equal(manager.windowSize, GiB);
  });

  test('the limits of a static manager when none are given', () => {
    using manager = new StaticWindowMapManager();
    assert.equal(manager.maxMappedMemorySize, 8 * GiB);
    assert.equal(manager.maxFileHandles, Infinity);
    assert.equal(manager.windowSize, 0);
  });

  test('the limits that are given', () => {
    const options = { windowSize: WINDOW, maxMemorySize: 12345 * PAGE_SIZE, maxOpenHandles: 7 };
    for (const Manager of [SlidingWindowMapManager, StaticWindowMapManager]) {
      using manager = new Manager(options);
      assert.equal(manager.maxMappedMemorySize, 12345 * PAGE_SIZE);
      assert.equal(manager.maxFileHandles, 7);
    }
    using manager = new SlidingWindowMapManager(options);
    assert.equal(manager.windowSize, WINDOW);
  });

  test('the defaults of Python by their numbers', () => {
    using manager = new SlidingWindowMapManager({
      windowSize: -1,
      maxMemorySize: 0,
      maxOpenHandles: Infinity,
    });
    assert.equal(manager.windowSize, GiB);
    assert.equal(manager.maxMappedMemorySize, 8 * GiB);
    using unlimited = new SlidingWindowMapManager({ maxMemorySize: Infinity });
    assert.equal(unlimited.maxMappedMemorySize, Infinity);
    assert.equal(unlimited.makeCursor(path).useRegion().isValid, true);
  });

  test('the automatic window is at most an eighth of the memory', () => {
    using manager = new SlidingWindowMapManager({ maxMemorySize: 64 * 2 ** 20 });
    assert.equal(manager.windowSize, 8 * 2 ** 20);
  });

  test('a window is rounded up to whole granules', () => {
    for (const [given, windowSize] of [
      [1, PAGE_SIZE],
      [PAGE_SIZE, PAGE_SIZE],
      [PAGE_SIZE + 1, 2 * PAGE_SIZE],
    ] as const) {
      using manager = new SlidingWindowMapManager({ windowSize: given });
      assert.equal(manager.windowSize, windowSize);
      manager.makeCursor(path).useRegion();
      assert.equal(mapped(path).bytes, windowSize);
    }
  });

  test('window 0 is the whole file', () => {
    using manager = new SlidingWindowMapManager({ windowSize: 0 });
    assert.equal(manager.windowSize, 0);
    const cursor = manager.makeCursor(path).useRegion(WINDOW + 5);
    assert.equal(cursor.ofsEnd, 10 * WINDOW);
    assert.equal(mapped(path).bytes, 10 * WINDOW);
  });
});

describe('the books', () => {
  test('nothing at first, then what is mapped, then nothing', () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW });
    const figures = () => [
      manager.numFileHandles,
      manager.numOpenFiles,
      manager.mappedMemorySize,
      mapped(dir).bytes,
    ];
    assert.deepEqual(figures(), [0, 0, 0, 0]);
    const cursor = manager.makeCursor(path);
    assert.deepEqual(figures(), [0, 0, 0, 0]);
    cursor.useRegion(0);
    assert.deepEqual(figures(), [1, 1, WINDOW, WINDOW]);
    cursor.useRegion(WINDOW);
    assert.deepEqual(figures(), [2, 1, 2 * WINDOW, 2 * WINDOW]);
    cursor.unuseRegion();
    assert.deepEqual(figures(), [2, 1, 2 * WINDOW, 2 * WINDOW]);
    assert.equal(manager.collect(), 2);
    assert.deepEqual(figures(), [0, 0, 0, 0]);
  });

  test('collect frees what is idle and leaves what is in use', () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW });
    const pinned = manager.makeCursor(path).useRegion(0);
    const cursor = manager.makeCursor(path);
    for (let k = 1; k < 10; k++) cursor.useRegion(k * WINDOW);
    cursor.unuseRegion();
    assert.equal(manager.collect(), 9);
    assert.equal(manager.collect(), 0);
    assert.equal(mapped(path).bytes, WINDOW);
    assert.deepEqual(pinned.buffer(), contentBytes(0, WINDOW));
  });

  test('stats count hits, misses, maps, unmaps and the peak', () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW });
    const cursor = manager.makeCursor(path);
    for (const k of [0, 1, 2, 0, 1]) cursor.useRegion(k * WINDOW);
    const peak = mapped(path).bytes;
    assert.equal(manager.stats().mappedBytes, peak);
    cursor.close();
    manager.collect();
    const stats = manager.stats();
    assert.equal(stats.hits, 2);
    assert.equal(stats.misses, 3);
    assert.equal(stats.maps, 3);
    assert.equal(stats.unmaps, 3);
    assert.equal(stats.regions, 0);
    assert.equal(stats.files, 0);
    assert.equal(stats.mappedBytes, 0);
    assert.equal(stats.peakMappedBytes, peak);
    manager.makeCursor(path).useRegion(0).close();
    assert.equal(manager.stats().peakMappedBytes, peak);
    for (const name of ['evictions', 'retries', 'faults', 'leaked'] as const) {
      assert.equal(typeof stats[name], 'number', name);
    }
    for (const count of Object.values(stats.evictionsBy)) assert.equal(typeof count, 'number');
  });

  test('inspect shows every file with its windows', () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW });
    const cursor = manager.makeCursor(path);
    cursor.useRegion(3 * WINDOW);
    cursor.useRegion(WINDOW);
    const [file, ...others] = manager.inspect();
    assert.deepEqual(others, []);
    assert.equal(file?.path, path);
    assert.equal(file?.size, 10 * WINDOW);
    assert.deepEqual(
      file?.windows.map(({ offset, size, users }) => ({ offset, size, users })),
      [
        { offset: WINDOW, size: WINDOW, users: 1 },
        { offset: 3 * WINDOW, size: WINDOW, users: 0 },
      ],
    );
  });

  test('fifty files read and collected leave no entry and no descriptor', () => {
    const descriptors = readdirSync('/proc/self/fd').length;
    using manager = new SlidingWindowMapManager();
    const many = join(dir, 'many');
    mkdirSync(many);
    for (let i = 0; i < 50; i++) {
      const name = join(many, `${i}`);
      writeContent(name, 100 + i);
      using cursor = manager.makeCursor(name).useRegion();
      assert.deepEqual(cursor.buffer(), contentBytes(0, 100 + i));
    }
    assert.equal(manager.numOpenFiles, 50);
    assert.equal(manager.collect(), 50);
    assert.equal(mapped(many).bytes, 0);
    assert.deepEqual(manager.inspect(), []);
    assert.equal(readdirSync('/proc/self/fd').length, descriptors);
  });
});

describe('closing by force', () => {
  test('closeUnder unmaps what is used, too, in that folder only', () => {
    using manager = new SlidingWindowMapManager();
    const folders = ['repo', 'repo2', 'repo/inner'].map((name) => join(dir, name));
    const files = folders.map((folder) => {
      mkdirSync(folder);
      const name = join(folder, 'pack');
      writeContent(name, 500);
      return name;
    });
    const [inRepo, inRepo2, inner] = files.map((name) => manager.makeCursor(name).useRegion());
    assert.ok(inRepo && inRepo2 && inner);
    const view = inRepo.buffer();

    assert.equal(manager.closeUnder(join(dir, 'repo')), 2);
    assert.equal(mapped(join(dir, 'repo')).bytes, 0);
    assert.equal(mapped(join(dir, 'repo2')).bytes, PAGE_SIZE);
    assert.equal(view.length, 0);
    assert.throws(() => inRepo.buffer(), MapClosedError);
    assert.throws(() => inner.useRegion(), MapClosedError);
    assert.deepEqual(inRepo2.buffer(), contentBytes(0, 500));
    assert.equal(manager.numFileHandles, 1);

    const again = manager.makeCursor(files[0] as string).useRegion();
    assert.deepEqual(again.buffer(), contentBytes(0, 500));
    assert.equal(manager.closeUnder(join(dir, 'nowhere')), 0);
  });

  test('closeUnder takes a trailing separator and the file itself, and meets descriptors', () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW });
    const folder = join(dir, 'separator');
    mkdirSync(folder);
    const name = join(folder, 'pack');
    writeContent(name, 500);
    const fd = openSync(path, 'r');
    const byDescriptor = manager.makeCursor(fd).useRegion(0, 10);
    closeSync(fd);
    manager.makeCursor(name).useRegion();
    assert.equal(manager.closeUnder(`${folder}/`), 1);
    manager.makeCursor(name).useRegion();
    assert.equal(manager.closeUnder(name), 1);
    assert.equal(mapped(folder).bytes, 0);
    assert.deepEqual(byDescriptor.buffer(), contentBytes(0, 10));
  });

  test('forceMapHandleRemovalWin does nothing but on Windows', {
    skip: process.platform === 'win32',
  }, () => {
    using manager = new SlidingWindowMapManager({ windowSize: WINDOW });
    const cursor = manager.makeCursor(path).useRegion(0, 10);
    assert.equal(manager.forceMapHandleRemovalWin(dir), 0);
    assert.deepEqual(cursor.buffer(), contentBytes(0, 10));
  });

  for (const Manager of [SlidingWindowMapManager, StaticWindowMapManager]) {
    test(`close of a ${Manager.name} unmaps everything, and its cursors say so`, () => {
      const manager = new Manager();
      const used = manager.makeCursor(path).useRegion(0);
      const idle = manager.makeCursor(path);
      const view = used.buffer();
      manager.close();
      manager.close();
      manager[Symbol.dispose]();
      assert.deepEqual(mapped(path), { lines: 0, bytes: 0 });
      assert.deepEqual([manager.numFileHandles, manager.mappedMemorySize], [0, 0]);
      assert.equal(view.length, 0);
      assert.equal(view[0], undefined);
      assert.equal(used.isValid, false);
      assert.throws(() => used.buffer(), MapClosedError);
      assert.throws(() => used.map(), MapClosedError);
      assert.throws(() => used.useRegion(), MapClosedError);
      assert.throws(() => idle.useRegion(), MapClosedError);
      assert.throws(() => manager.makeCursor(path), MapClosedError);
      used.close();
      idle.close();
    });
  }
});
