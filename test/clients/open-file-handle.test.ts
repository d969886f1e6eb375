/** `openFileHandle`: the same calls on it and on a `FileHandle` of Node's give the same. */

import assert from 'node:assert/strict';
import { renameSync, truncateSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MapFaultError, PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { openFileHandle, type ReadFileHandle } from 'smmap/clients';
import { contentBytes, writeContent } from '../support/files.js';
import { assertNothingLeft, MANAGERS, newFile, SIZE } from '../support/lifetimes.js';

/** The calls that are compared, of the two handles. */
type Handle = Pick<FileHandle, 'read' | 'readv' | 'readFile'>;
type Call = (handle: Handle) => Promise<unknown>;

/** Ours as a FileHandle: its overloads are fewer. */
function asNode(handle: ReadFileHandle): Handle {
  return handle as unknown as Handle;
}

/** Room for `size` bytes inside a larger ArrayBuffer, none of them 0. */
function room(size: number, offset = 8): Uint8Array {
  return new Uint8Array(new ArrayBuffer(offset + size + 8), offset, size).fill(0xee);
}

const size = fc.nat(2 * PAGE_SIZE);
const position = fc.oneof(fc.constantFrom(null, undefined, -1, SIZE, SIZE - 1), fc.nat(SIZE + 10));

/** Room and a part of it: its offset, and how much of the rest. */
const place = fc.tuple(size, fc.nat(), fc.nat()).map(([bytes, at, count]) => {
  const offset = at % (bytes + 1);
  return { bytes, offset, length: count % (bytes - offset + 1) };
});

const reads: fc.Arbitrary<[string, Call]> = fc.oneof(
  fc
    .tuple(place, position)
    .map(([{ bytes, offset, length }, at]): [string, Call] => [
      `read(room(${bytes}), ${offset}, ${length}, ${at})`,
      (handle) => handle.read(room(bytes), offset, length, at ?? null),
    ]),
  fc
    .tuple(place, position)
    .map(([{ bytes, offset, length }, at]): [string, Call] => [
      `read(room(${bytes}), { ${offset}, ${length}, ${at} })`,
      (handle) => handle.read(room(bytes), { offset, length, position: at ?? null }),
    ]),
  fc.tuple(place, position).map(([{ bytes, offset, length }, at]): [string, Call] => [
    `read({ room(${bytes}), ${offset}, ${length}, ${at} })`,
    (handle) =>
      handle.read({
        buffer: room(bytes),
        offset,
        length,
        position: at ?? null,
      }),
  ]),
  size.map((bytes): [string, Call] => [
    `read(room(${bytes}))`,
    (handle) => handle.read(room(bytes)),
  ]),
  fc.constant<[string, Call]>(['read()', (handle) => handle.read()]),
  fc
    .tuple(fc.array(size, { minLength: 1, maxLength: 4 }), position)
    .map(([sizes, at]): [string, Call] => [
      `readv([${sizes}], ${at})`,
      (handle) =>
        handle.readv(
          sizes.map((bytes) => room(bytes)),
          at as number,
        ),
    ]),
);

for (const [kind, make] of Object.entries(MANAGERS)) {
  test(`any reads one after the other, ${kind}`, async () => {
    const manager = make();
    const path = newFile();
    await fc.assert(
      fc.asyncProperty(fc.array(reads, { minLength: 1, maxLength: 8 }), async (script) => {
        const node = await open(path);
        const ours = openFileHandle(manager, path);
        try {
          for (const [name, call] of script) {
            const expected = plain(await call(node));
            assert.deepEqual(plain(await call(asNode(ours))), expected, name);
          }
          assert.deepEqual(await ours.readFile(), await node.readFile());
        } finally {
          await node.close();
          await ours.close();
        }
      }),
      { numRuns: 150 },
    );
    manager.collect();
    assert.equal(manager.stats().leaked, 0);
    assertNothingLeft(manager);
    manager.close();
  });
}

/** A result with its buffers' whole memory, so that a byte beside the place would be seen. */
function plain(result: unknown): unknown {
  const { bytesRead, buffer, buffers } = result as {
    bytesRead: number;
    buffer?: Uint8Array;
    buffers?: Uint8Array[];
  };
  const all = buffers ?? [buffer as Uint8Array];
  return { bytesRead, memory: all.map((bytes) => Buffer.from(bytes.buffer, 0)) };
}

/** What a call gives, or the kind of its refusal. */
async function outcome(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException;
    return { name, code };
  }
}

describe('refused are the same arguments', () => {
  const wrong: Record<string, Call> = {
    'a negative offset': (handle) => handle.read(room(5), -1, 1, 0),
    'an offset that is no whole number': (handle) => handle.read(room(5), 0.5, 1, 0),
    'a length beyond the buffer': (handle) => handle.read(room(5), 2, 4, 0),
    'a negative length': (handle) => handle.read(room(5), 0, -1, 0),
    'a string as the buffer': (handle) => handle.read('abc' as never),
    'an array as the buffer': (handle) => handle.read({ buffer: [] as never }),
  };
  for (const [name, call] of Object.entries(wrong)) {
    test(name, async () => {
      using manager = new SlidingWindowMapManager();
      const path = newFile();
      await using node = await open(path);
      await using ours = openFileHandle(manager, path);
      const refusal = await outcome(() => call(node));
      assert.ok((refusal as { code?: string }).code !== undefined);
      assert.deepEqual(await outcome(() => call(asNode(ours))), refusal);
    });
  }
});

test('a position may be a bigint', async () => {
  using manager = new SlidingWindowMapManager();
  await using handle = openFileHandle(manager, newFile());
  await handle.read(room(7), 0, 7, -1n);
  await handle.read(room(10), 0, 10, 1_000n);
  const { buffer } = await handle.read({ buffer: room(5) });
  assert.deepEqual(Buffer.from(buffer), contentBytes(7, 5));
});

test('a position that is none is refused, where Node reads nothing or from elsewhere', async () => {
  using manager = new SlidingWindowMapManager();
  await using handle = openFileHandle(manager, newFile());
  for (const wrong of [-2, 0.5, Number.NaN, -2n, 2n ** 60n]) {
    await assert.rejects(handle.read(room(5), 0, 1, wrong), { code: 'ERR_OUT_OF_RANGE' });
  }
  await assert.rejects(handle.readv([room(5)], -2), { code: 'ERR_OUT_OF_RANGE' });
});

describe('readFile', () => {
  test('reads on from the position, as bytes or as text', async () => {
    using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const path = newFile();
    for (const options of [undefined, null, {}, 'utf8', { encoding: 'hex' }, { encoding: null }]) {
      await using node = await open(path);
      await using ours = openFileHandle(manager, path);
      for (const handle of [node, asNode(ours)]) await handle.read(Buffer.alloc(100));
      const expected = await node.readFile(options as BufferEncoding);
      assert.deepEqual(await ours.readFile(options as BufferEncoding), expected);
      assert.equal((await ours.readFile()).length, 0);
    }
  });

  test('refuses an encoding that is none, and rejects with the reason of an aborted signal', async () => {
    using manager = new SlidingWindowMapManager();
    await using handle = openFileHandle(manager, newFile());
    await assert.rejects(handle.readFile('utf-9' as never), { code: 'ERR_INVALID_ARG_VALUE' });
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(handle.readFile({ signal }), /enough/);
    assert.equal((await handle.readFile()).length, SIZE);
  });
});

describe('stat', () => {
  test('says what that of a FileHandle says, with bigint too', async () => {
    using manager = new SlidingWindowMapManager();
    const path = newFile();
    await using node = await open(path);
    await using ours = openFileHandle(manager, path);
    assert.deepEqual(await ours.stat(), await node.stat());
    assert.deepEqual(await ours.stat({ bigint: true }), await node.stat({ bigint: true }));
    assert.equal(typeof (await ours.stat({ bigint: true })).size, 'bigint');
  });

  test('is of the file that was opened, as it is now', async () => {
    using manager = new SlidingWindowMapManager();
    const path = newFile();
    await using node = await open(path);
    await using ours = openFileHandle(manager, path);
    await ours.read();
    writeContent(`${path}-2`, 7);
    truncateSync(path, 3 * PAGE_SIZE);
    renameSync(`${path}-2`, path);
    assert.equal((await ours.stat()).ino, (await node.stat()).ino);
    assert.equal((await ours.stat()).size, 3 * PAGE_SIZE);
  });
});

describe('the file', () => {
  test('that is missing fails with the first use', async () => {
    using manager = new SlidingWindowMapManager();
    const path = `${newFile()}-missing`;
    await using handle = await openFileHandle(manager, path);
    for (const use of [
      () => handle.read(),
      () => handle.readFile(),
      () => handle.stat(),
      async () => handle.readLines(),
      async () => handle.createReadStream(),
      async () => handle.readableWebStream(),
    ]) {
      await assert.rejects(use(), { code: 'ENOENT', path });
    }
  });

  test('that is replaced stays the one that was opened', async () => {
    using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const path = newFile();
    await using handle = openFileHandle(manager, path);
    await handle.read(Buffer.alloc(10));
    renameSync(newFile(20), path);
    manager.collect();
    assert.deepEqual(await handle.readFile(), contentBytes(10, SIZE - 10));
  });

  test('that is cut is a MapFaultError, never zeros', async () => {
    using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const path = newFile();
    await using handle = openFileHandle(manager, path);
    await handle.read();
    truncateSync(path, PAGE_SIZE);
    await assert.rejects(handle.read(Buffer.alloc(10), 0, 10, 3 * PAGE_SIZE), MapFaultError);
  });

  test('that is empty is at its end', async () => {
    using manager = new SlidingWindowMapManager();
    await using handle = openFileHandle(manager, newFile(0));
    assert.equal((await handle.read()).bytesRead, 0);
    assert.equal((await handle.stat()).size, 0);
    assert.equal(await handle.readFile('utf8'), '');
  });
});

describe('closing', () => {
  test('lets everything go; again does nothing; use is refused', async () => {
    const manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const handle = openFileHandle(manager, newFile());
    await handle.readFile();
    await handle.stat();
    await handle.close();
    await handle.close();
    await handle[Symbol.asyncDispose]();
    handle[Symbol.dispose]();
    await assert.rejects(handle.read(), { code: 'ERR_SMMAP_CLOSED' });
    await assert.rejects(handle.readv([Buffer.alloc(1)]), { code: 'ERR_SMMAP_CLOSED' });
    await assert.rejects(handle.readFile(), { code: 'ERR_SMMAP_CLOSED' });
    await assert.rejects(handle.stat(), { code: 'ERR_SMMAP_CLOSED' });
    manager.collect();
    assertNothingLeft(manager);
    manager.close();
  });

  test('is what await using does', async () => {
    const manager = new SlidingWindowMapManager();
    let kept: ReadFileHandle;
    {
      await using handle = openFileHandle(manager, newFile());
      kept = handle;
      await handle.read();
    }
    await assert.rejects(kept.read(), { code: 'ERR_SMMAP_CLOSED' });
    manager.collect();
    assertNothingLeft(manager);
    manager.close();
  });
});

test('twenty open handles within a hard limit of one window', async () => {
  using manager = new SlidingWindowMapManager({
    windowSize: PAGE_SIZE,
    maxMemorySize: PAGE_SIZE,
    hardLimit: true,
  });
  const handles = Array.from({ length: 20 }, () => openFileHandle(manager, newFile()));
  for (const handle of handles) assert.equal((await handle.stat()).size, SIZE);
  for (const handle of handles) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(SIZE));
    assert.equal(bytesRead, SIZE);
    assert.deepEqual(buffer, contentBytes(0, SIZE));
  }
  for (const handle of handles) await handle.close();
});
