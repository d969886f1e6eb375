/** `gitFs`: an `fs` whose packs are mapped. What isomorphic-git makes of it: test/long/clients-git.test.ts. */

import assert from 'node:assert/strict';
import fs, { promises, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { PAGE_SIZE, SlidingWindowMapManager, StaticWindowMapManager } from 'smmap';
import { type GitFs, gitFs } from 'smmap/clients';
import { contentBytes } from '../support/files.js';
import { assertNothingLeft, newFile, SIZE } from '../support/lifetimes.js';
import { mapped } from '../support/proc-maps.js';

const content = contentBytes(0, SIZE);

/** A file whose name is that of a pack. */
function newPack(size = SIZE): string {
  const file = newFile(size);
  const pack = join(dirname(file), 'pack-0123.pack');
  renameSync(file, pack);
  return pack;
}

/** `readFile`, as a caller without types sees it. */
function reading(git: GitFs): (...args: unknown[]) => Promise<unknown> {
  return git.promises.readFile as (...args: unknown[]) => Promise<unknown>;
}

async function packOf(git: GitFs, path: string): Promise<ArrayBuffer> {
  const bytes = await reading(git)(path);
  assert.ok(bytes instanceof ArrayBuffer, 'no ArrayBuffer: isomorphic-git would copy it');
  return bytes;
}

describe('a pack', () => {
  test('is an exact ArrayBuffer, shared by all calls and wrappers of it', async () => {
    using manager = new StaticWindowMapManager();
    using git = gitFs(manager, fs);
    const path = newPack();
    const bytes = await packOf(git, path);
    assert.equal(bytes.byteLength, SIZE);
    assert.ok(Buffer.from(bytes).equals(content));
    assert.equal(await packOf(git, path), bytes);
    assert.equal(await reading(git)(pathToFileURL(path)), bytes);
    assert.equal(await reading(git)(path, {}), bytes);
    assert.equal(await reading(git)(path, { encoding: null }), bytes);
    assert.equal(await reading(git)(path, 'buffer'), bytes);
    assert.equal(manager.numFileHandles, 1);
    assert.equal(manager.mappedMemorySize, SIZE);
    assert.equal(mapped(path).lines, 1);
  });

  test('stays mapped: no need of room takes it away', async () => {
    using manager = new StaticWindowMapManager({ maxMemorySize: 8 * PAGE_SIZE });
    using git = gitFs(manager, fs);
    const bytes = await packOf(git, newPack());
    for (let i = 0; i < 10; i++) manager.makeCursor(newFile()).useRegion().close();
    assert.ok(Buffer.from(bytes).equals(content));
  });

  test('as text is read by the other fs', async () => {
    using manager = new StaticWindowMapManager();
    using git = gitFs(manager, fs);
    const path = newPack();
    assert.equal(await reading(git)(path, 'latin1'), content.toString('latin1'));
    assert.equal(await reading(git)(path, { encoding: 'hex' }), content.toString('hex'));
    assert.equal(manager.numFileHandles, 0);
  });

  test('that was replaced is another one; the bytes of the first stay until release()', async () => {
    using manager = new StaticWindowMapManager({ maxMemorySize: 6 * PAGE_SIZE });
    const git = gitFs(manager, fs);
    const path = newPack();
    const before = await packOf(git, path);
    renameSync(newPack(100), path);
    const after = await packOf(git, path);
    assert.ok(Buffer.from(after).equals(content.subarray(0, 100)));
    assert.equal(await packOf(git, path), after);
    manager.makeCursor(newFile()).useRegion().close(); // somebody else is in need of room
    assert.ok(Buffer.from(before).equals(content));
    git.release();
    assert.deepEqual([before.byteLength, after.byteLength], [SIZE, 100]);
    manager.collect();
    assert.deepEqual([before.byteLength, after.byteLength], [0, 0]);
  });

  test('that was written anew in its place is mapped anew', async () => {
    using manager = new StaticWindowMapManager();
    using git = gitFs(manager, fs);
    const path = newPack();
    await packOf(git, path);
    truncateSync(path, PAGE_SIZE);
    const bytes = await packOf(git, path);
    assert.ok(Buffer.from(bytes).equals(content.subarray(0, PAGE_SIZE)));
  });

  test('whose bytes were taken away by closeUnder is mapped anew', async () => {
    using manager = new StaticWindowMapManager();
    using git = gitFs(manager, fs);
    const path = newPack();
    const before = await packOf(git, path);
    assert.equal(manager.closeUnder(path), 1);
    assert.equal(before.byteLength, 0);
    assert.ok(Buffer.from(await packOf(git, path)).equals(content));
  });
});

describe('a pack for which the manager has no room is mapped by itself', () => {
  const managers = {
    'larger than a window': { windowSize: PAGE_SIZE },
    'larger than a hard limit': { windowSize: 0, maxMemorySize: PAGE_SIZE, hardLimit: true },
  };
  for (const [name, options] of Object.entries(managers)) {
    test(name, async () => {
      const manager = new SlidingWindowMapManager(options);
      const git = gitFs(manager, fs);
      const path = newPack();
      const bytes = await packOf(git, path);
      assert.ok(Buffer.from(bytes).equals(content));
      assert.equal(await packOf(git, path), bytes);
      assert.equal(manager.mappedMemorySize, 0);
      assert.equal(mapped(path).lines, 1);
      git.release();
      assert.equal(bytes.byteLength, 0);
      assertNothingLeft(manager);
      manager.close();
    });
  }
});

test('a pack that a sliding window can hold counts in the budget', async () => {
  using manager = new SlidingWindowMapManager({ windowSize: 8 * PAGE_SIZE });
  using git = gitFs(manager, fs);
  const path = newPack();
  const bytes = await packOf(git, path);
  assert.equal(bytes.byteLength, SIZE);
  assert.deepEqual([manager.mappedMemorySize, manager.collect()], [SIZE, 0]); // it is in use
});

describe('release', () => {
  test('lets every pack go; the wrapper can be used on', async () => {
    const manager = new StaticWindowMapManager();
    const git = gitFs(manager, fs);
    const path = newPack();
    const before = await packOf(git, path);
    git.release();
    git.release();
    manager.collect();
    assert.equal(before.byteLength, 0);
    assertNothingLeft(manager);
    assert.ok(Buffer.from(await packOf(git, path)).equals(content));
    assert.equal(git[Symbol.dispose], git.close);
    git.close();
    manager.collect();
    assert.equal(manager.stats().leaked, 0);
    assertNothingLeft(manager);
    manager.close();
  });

  test('what is read after it is kept again', async () => {
    using manager = new StaticWindowMapManager({ maxMemorySize: 8 * PAGE_SIZE });
    using git = gitFs(manager, fs);
    const path = newPack();
    await packOf(git, path);
    git.release();
    const bytes = await packOf(git, path);
    manager.makeCursor(newFile()).useRegion().close(); // somebody else is in need of room
    assert.ok(Buffer.from(bytes).equals(content));
  });

  test('of a closed manager does no harm; its packs are refused', async () => {
    const manager = new StaticWindowMapManager();
    const git = gitFs(manager, fs);
    const path = newPack();
    const bytes = await packOf(git, path);
    manager.close();
    assert.equal(bytes.byteLength, 0);
    await assert.rejects(packOf(git, path), { code: 'ERR_SMMAP_CLOSED' });
    git.release();
    assertNothingLeft(manager);
  });
});

describe('all else goes to the other fs', () => {
  test('readFile without an argument rejects, which isomorphic-git tries', async () => {
    using manager = new StaticWindowMapManager();
    using git = gitFs(manager, fs);
    await assert.rejects(reading(git)(), { code: 'ERR_INVALID_ARG_TYPE' });
  });

  test('a missing pack, an empty one, a folder: what fs says', async () => {
    using manager = new StaticWindowMapManager();
    using git = gitFs(manager, fs);
    const path = newPack();
    unlinkSync(path);
    await assert.rejects(packOf(git, path), { code: 'ENOENT', path });
    writeFileSync(path, '');
    assert.deepEqual(await reading(git)(path), Buffer.alloc(0));
    unlinkSync(path);
    fs.mkdirSync(path);
    await assert.rejects(packOf(git, path), { code: 'EISDIR' });
  });

  test('other files are read and not mapped', async () => {
    using manager = new StaticWindowMapManager();
    using git = gitFs(manager, fs);
    const path = newFile();
    assert.deepEqual(await reading(git)(path), content);
    assert.equal(manager.numFileHandles, 0);
  });

  test('the functions are bound, and are those that isomorphic-git binds', async () => {
    using manager = new StaticWindowMapManager();
    const path = newFile();
    for (const base of [fs, promises]) {
      const git = gitFs(manager, base);
      assert.ok(Object.getOwnPropertyDescriptor(git, 'promises')?.enumerable);
      assert.deepEqual(
        Object.keys(git.promises).sort(),
        [
          ...['cp', 'lstat', 'mkdir', 'readFile', 'readdir', 'readlink', 'rm', 'rmdir', 'stat'],
          ...['symlink', 'unlink', 'writeFile'],
        ].sort(),
      );
      const { stat, writeFile } = git.promises as unknown as typeof promises;
      await writeFile(path, 'new');
      assert.equal((await stat(path)).size, 3);
    }
    class Own {
      readonly answer = 42;
      async readFile(): Promise<number> {
        return this.answer;
      }
    }
    assert.equal(await reading(gitFs(manager, new Own()))('file'), 42);
  });

  test('what is no fs is refused', () => {
    using manager = new StaticWindowMapManager();
    for (const wrong of [{}, { promises: {} }, { readFile: 7 }]) {
      assert.throws(() => gitFs(manager, wrong), { code: 'ERR_INVALID_ARG_TYPE' });
    }
  });
});
