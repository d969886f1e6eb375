/** `readableWebStream`: read with the stream's own buffers and with the reader's. */

import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { MapFaultError, PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { readableWebStream, type WebStreamOptions } from 'smmap/clients';
import { contentBytes } from '../support/files.js';
import { assertNothingLeft, MANAGERS, type Manager, newFile, SIZE } from '../support/lifetimes.js';

const WIDE = 3 * 64 * 1024 + 5;

async function allOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Waits for what is under way, and sees that nothing is left of it. */
async function settled(manager: Manager): Promise<void> {
  const users = () =>
    manager.inspect().some(({ windows }) => windows.some(({ users: n }) => n > 0));
  while (users()) await turn();
  manager.collect();
  assert.equal(manager.stats().leaked, 0);
  assertNothingLeft(manager);
  manager.close();
}

const range = fc
  .record({ start: fc.nat(SIZE + 10), length: fc.nat(SIZE + 10) }, { requiredKeys: [] })
  .map(({ start, length }): WebStreamOptions => {
    const from = start === undefined ? {} : { start };
    return length === undefined ? from : { ...from, end: (start ?? 0) + length };
  });

for (const [kind, make] of Object.entries(MANAGERS)) {
  describe(`a web stream, ${kind}`, () => {
    test('gives any range', async () => {
      const manager = make();
      const path = newFile();
      await fc.assert(
        fc.asyncProperty(range, async (given) => {
          const { start = 0, end = Number.POSITIVE_INFINITY } = given;
          const length = Math.max(Math.min(end + 1, SIZE) - start, 0);
          const bytes = await allOf(readableWebStream(manager, path, given));
          assert.deepEqual(bytes, contentBytes(start, length));
        }),
        { numRuns: 100 },
      );
      await settled(manager);
    });

    test('fills the reader’s own buffers', async () => {
      const manager = make();
      const path = newFile();
      const sizes = fc.array(fc.integer({ min: 1, max: 2 * PAGE_SIZE }), { minLength: 1 });
      await fc.assert(
        fc.asyncProperty(sizes, async (asked) => {
          const reader = readableWebStream(manager, path).getReader({ mode: 'byob' });
          let at = 0;
          for (let i = 0; ; i++) {
            const size = asked[i % asked.length] as number;
            const { value, done } = await reader.read(
              new Uint8Array(new ArrayBuffer(size + 7), 3, size),
            );
            if (done) {
              assert.equal(value?.length, 0); // the buffer comes back
              break;
            }
            assert.deepEqual([value.byteOffset, value.buffer.byteLength], [3, size + 7]);
            assert.equal(value.length, Math.min(size, SIZE - at));
            assert.deepEqual(Buffer.from(value), contentBytes(at, value.length));
            at += value.length;
          }
          assert.equal(at, SIZE);
          await reader.closed;
        }),
        { numRuns: 50 },
      );
      await settled(manager);
    });
  });
}

test('a file of several chunks, through a Response', async () => {
  const manager = new SlidingWindowMapManager({ windowSize: 2 * PAGE_SIZE });
  const stream = readableWebStream(manager, newFile(WIDE)) as ReadableStream<Uint8Array>;
  const bytes = await new Response(stream).arrayBuffer();
  assert.ok(Buffer.from(bytes).equals(contentBytes(0, WIDE)));
  await settled(manager);
});

test('two branches of a tee give the same', async () => {
  const manager = new SlidingWindowMapManager({ windowSize: 2 * PAGE_SIZE });
  const [left, right] = readableWebStream(manager, newFile()).tee();
  const [one, other] = await Promise.all([allOf(left), allOf(right)]);
  assert.deepEqual([one, other], [contentBytes(0, SIZE), contentBytes(0, SIZE)]);
  await settled(manager);
});

test('nothing is opened before the first read, and one window at a time is used', async () => {
  const manager = new SlidingWindowMapManager({
    windowSize: PAGE_SIZE,
    maxMemorySize: PAGE_SIZE,
    hardLimit: true,
  });
  const stream = readableWebStream(manager, newFile());
  await turn();
  assert.equal(manager.stats().files, 0);
  assert.deepEqual(await allOf(stream), contentBytes(0, SIZE));
  assert.equal(manager.stats().peakMappedBytes, PAGE_SIZE);
  await settled(manager);
});

describe('cancelled', () => {
  test('half-way, it lets the file go', async () => {
    const manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const reader = readableWebStream(manager, newFile(WIDE)).getReader();
    const { value } = await reader.read();
    assert.deepEqual(Buffer.from(value as Uint8Array), contentBytes(0, 64 * 1024));
    await reader.cancel();
    assert.deepEqual(await reader.read(), { value: undefined, done: true });
    await settled(manager);
  });

  test('while a read is under way', async () => {
    const manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const reader = readableWebStream(manager, newFile(WIDE)).getReader({ mode: 'byob' });
    const reading = reader.read(new Uint8Array(WIDE));
    await reader.cancel();
    assert.equal((await reading).done, true);
    await settled(manager);
  });

  test('before anything was read', async () => {
    const manager = new SlidingWindowMapManager();
    await readableWebStream(manager, newFile()).cancel();
    await settled(manager);
  });
});

describe('what goes wrong', () => {
  test('what makes no sense is refused at once', () => {
    using manager = new SlidingWindowMapManager();
    for (const wrong of [
      { start: -1 },
      { start: 0.5 },
      { start: 5, end: 4 },
      { end: Number.NaN },
    ]) {
      assert.throws(() => readableWebStream(manager, 'file', wrong), { code: 'ERR_OUT_OF_RANGE' });
    }
    assert.throws(() => readableWebStream(manager, 'file', { begin: 5 } as never), {
      code: 'ERR_INVALID_ARG_VALUE',
    });
  });

  test('a missing file rejects the read', async () => {
    using manager = new SlidingWindowMapManager();
    const path = `${newFile()}-missing`;
    await assert.rejects(allOf(readableWebStream(manager, path)), { code: 'ENOENT', path });
    const reader = readableWebStream(manager, path).getReader({ mode: 'byob' });
    await assert.rejects(reader.read(new Uint8Array(8)), { code: 'ENOENT' });
  });

  test('a file that is cut meanwhile rejects the read', async () => {
    const manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const path = newFile();
    const reader = readableWebStream(manager, path).getReader({ mode: 'byob' });
    await reader.read(new Uint8Array(10));
    truncateSync(path, PAGE_SIZE);
    await assert.rejects(async () => {
      for (;;) if ((await reader.read(new Uint8Array(1000))).done) return;
    }, MapFaultError);
    await settled(manager);
  });

  test('an empty file ends', async () => {
    using manager = new SlidingWindowMapManager();
    const path = newFile(0);
    assert.equal((await allOf(readableWebStream(manager, path))).length, 0);
    const reader = readableWebStream(manager, path).getReader({ mode: 'byob' });
    assert.equal((await reader.read(new Uint8Array(8))).done, true);
  });
});
