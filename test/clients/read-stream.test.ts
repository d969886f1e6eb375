/** `createReadStream` against that of `node:fs`. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, createReadStream as nodeStream, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createGunzip, createGzip } from 'node:zlib';
import fc from 'fast-check';
import { MapFaultError, PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { createReadStream, type ReadStreamOptions } from 'smmap/clients';
import { native } from '#src/native.js';
import { contentBytes, writeContent } from '../support/files.js';
import { assertNothingLeft, dir, folderOf, MANAGERS, newFile, SIZE } from '../support/lifetimes.js';
import { mapped } from '../support/proc-maps.js';

const MiB = 2 ** 20;

/** A file of several MiB, for what goes on while it is read. */
const large = join(dir, 'large.bin');
const LARGE = 5 * MiB + 321;
writeContent(large, LARGE);

async function chunksOf(stream: Readable): Promise<(Buffer | string)[]> {
  const chunks: (Buffer | string)[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer | string);
  return chunks;
}

const options = fc
  .record(
    {
      start: fc.nat(SIZE + 10),
      length: fc.nat(SIZE + 10),
      highWaterMark: fc.oneof(fc.integer({ min: 500, max: 2 * SIZE }), fc.constant(PAGE_SIZE)),
      encoding: fc.constantFrom<BufferEncoding>('utf8', 'latin1', 'hex', 'base64', 'utf16le'),
    },
    { requiredKeys: [] },
  )
  .map(({ length, ...rest }): Parameters<typeof nodeStream>[1] & ReadStreamOptions => {
    return length === undefined ? rest : { ...rest, end: (rest.start ?? 0) + length };
  });

for (const [kind, make] of Object.entries(MANAGERS)) {
  test(`any range, chunk size and encoding give the same, ${kind}`, async () => {
    const manager = make();
    const path = newFile();
    await fc.assert(
      fc.asyncProperty(options, async (given) => {
        const stream = createReadStream(manager, path, given);
        const chunks = await chunksOf(stream);
        const expected = await chunksOf(nodeStream(path, given));
        if (given.encoding === undefined) assert.deepEqual(chunks, expected);
        else assert.equal(chunks.join(''), expected.join('')); // where text is cut is nobody's to rely on
        assert.equal(stream.path, path);
        const { start = 0, end = Number.POSITIVE_INFINITY } = given;
        assert.equal(stream.bytesRead, Math.max(Math.min(end + 1, SIZE) - start, 0));
        assert.deepEqual([stream.destroyed, stream.closed], [true, true]);
      }),
      { numRuns: 150 },
    );
    manager.collect();
    manager.close();
    assertNothingLeft(manager);
  });
}

test('the encoding may stand alone', async () => {
  using manager = new SlidingWindowMapManager();
  const path = newFile();
  const [text] = await chunksOf(createReadStream(manager, path, 'hex'));
  assert.equal(text, contentBytes(0, SIZE).toString('hex'));
});

test('what makes no sense is refused at once', () => {
  using manager = new SlidingWindowMapManager();
  for (const wrong of [
    { start: -1 },
    { start: 0.5 },
    { start: 5, end: 4 },
    { end: Number.NaN },
    { highWaterMark: 0 },
    { highWaterMark: 2 ** 30 + 1 },
  ]) {
    assert.throws(() => createReadStream(manager, 'file', wrong), { code: 'ERR_OUT_OF_RANGE' });
  }
  const unknown = { highWatermark: 5 } as ReadStreamOptions;
  assert.throws(() => createReadStream(manager, 'file', unknown), /did you mean "highWaterMark"/);
  assert.throws(() => createReadStream(manager, 'file', 'utf-9' as never), {
    code: 'ERR_INVALID_ARG_VALUE',
  });
  assert.throws(() => createReadStream(manager, {} as never), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('a missing file and a folder are an error event', async () => {
  using manager = new SlidingWindowMapManager();
  const missing = `${newFile()}-missing`;
  await assert.rejects(chunksOf(createReadStream(manager, missing)), {
    code: 'ENOENT',
    path: missing,
  });
  await assert.rejects(chunksOf(createReadStream(manager, dir)), { code: 'EISDIR' });
});

test('an empty file ends', async () => {
  using manager = new SlidingWindowMapManager();
  assert.deepEqual(await chunksOf(createReadStream(manager, newFile(0))), []);
});

describe('piped', () => {
  test('through gzip it is the file, and in sha256 the same as that of node:fs', async () => {
    using manager = new SlidingWindowMapManager({ windowSize: 256 * 1024, maxMemorySize: MiB });
    const hash = createHash('sha256');
    await pipeline(
      createReadStream(manager, large),
      createGzip({ level: 1 }),
      createGunzip(),
      hash,
    );
    const plain = createHash('sha256');
    await pipeline(createReadStream(manager, large), plain);
    const node = createHash('sha256');
    await pipeline(nodeStream(large), node);
    const expected = node.digest('hex');
    assert.deepEqual([hash.digest('hex'), plain.digest('hex')], [expected, expected]);
    assert.ok(manager.stats().peakMappedBytes <= MiB);
  });

  test('to a sink that fails, it is destroyed', async () => {
    const manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const stream = createReadStream(manager, large);
    const sink = new Writable({ write: (_chunk, _encoding, done) => done(new Error('full')) });
    await assert.rejects(pipeline(stream, sink), /full/);
    assert.equal(stream.destroyed, true);
    await settled(manager);
  });
});

/** Waits for what is under way, and sees that nothing is left of it. */
async function settled(manager: SlidingWindowMapManager): Promise<void> {
  const users = () =>
    manager.inspect().some(({ windows }) => windows.some(({ users: n }) => n > 0));
  while (users()) await turn();
  manager.collect();
  assert.equal(manager.stats().leaked, 0);
  assertNothingLeft(manager);
  manager.close();
}

describe('ended early', () => {
  test('destroyed half-way, it lets the file go', async () => {
    const manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const stream = createReadStream(manager, large);
    for await (const chunk of stream) {
      assert.ok((chunk as Buffer).length > 0);
      if (stream.bytesRead >= LARGE / 2) break;
    }
    assert.equal(stream.destroyed, true);
    await settled(manager);
  });

  test('destroyed while pages are being brought in', async () => {
    const manager = new SlidingWindowMapManager({ windowSize: MiB });
    const stream = createReadStream(manager, large);
    stream.resume();
    await once(stream, 'data');
    stream.read();
    stream.destroy();
    await once(stream, 'close');
    await settled(manager);
  });

  test('destroyed before it began', async () => {
    const manager = new SlidingWindowMapManager();
    const stream = createReadStream(manager, large);
    stream.destroy();
    await once(stream, 'close');
    await settled(manager);
  });

  test('aborted half-way, it is an AbortError with the signal’s reason', async () => {
    const manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const abort = new AbortController();
    const stream = createReadStream(manager, large, { signal: abort.signal });
    const reading = (async () => {
      for await (const _ of stream) if (stream.bytesRead >= LARGE / 2) abort.abort('enough');
    })();
    await assert.rejects(reading, { name: 'AbortError', cause: 'enough' });
    assert.ok(stream.bytesRead < LARGE);
    await settled(manager);
  });

  test('aborted before it began', async () => {
    const manager = new SlidingWindowMapManager();
    const stream = createReadStream(manager, large, { signal: AbortSignal.abort() });
    await assert.rejects(chunksOf(stream), { name: 'AbortError' });
    await settled(manager);
  });

  test('the manager closed half-way is an error, not an end', async () => {
    const manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const stream = createReadStream(manager, large);
    const reading = (async () => {
      for await (const _ of stream) if (stream.bytesRead >= LARGE / 2) manager.close();
    })();
    await assert.rejects(reading, { code: 'ERR_SMMAP_CLOSED' });
    assertNothingLeft(manager);
  });
});

test('a hundred streams, read in turns a little at a time, keep within 1 MiB', async () => {
  const manager = new SlidingWindowMapManager({ windowSize: 8 * 1024, maxMemorySize: MiB });
  const streams = Array.from({ length: 100 }, (_, i) =>
    createReadStream(manager, large, { start: i * 50_000, end: i * 50_000 + 49_999 }),
  );
  const iterators = streams.map((stream) => stream.iterator());
  const hashes = streams.map(() => createHash('sha256'));
  let most = 0;
  for (let going = streams.length; going > 0; ) {
    going = 0;
    for (const [i, iterator] of iterators.entries()) {
      const { value, done } = await iterator.next();
      if (done === true) continue;
      going++;
      hashes[i]?.update(value as Buffer);
      most = Math.max(most, mapped(large).bytes);
    }
  }
  for (const [i, hash] of hashes.entries()) {
    const expected = createHash('sha256').update(contentBytes(i * 50_000, 50_000));
    assert.equal(hash.digest('hex'), expected.digest('hex'));
  }
  assert.ok(most > 0 && most <= MiB, `${most} bytes were mapped`);
  assert.equal(manager.stats().bent, 0);
  await settled(manager);
});

test('nobody reading, no more than a chunk is read ahead', async () => {
  const manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
  const stream = createReadStream(manager, large, { highWaterMark: 10_000 });
  await once(stream, 'readable');
  for (let i = 0; i < 50; i++) await turn();
  assert.equal(stream.bytesRead, 10_000);
  assert.ok(manager.stats().maps <= Math.ceil(10_000 / PAGE_SIZE));
  stream.destroy();
  await once(stream, 'close');
  await settled(manager);
});

test('pages are brought in on another thread, 1 MiB ahead, each once', async (t) => {
  using manager = new SlidingWindowMapManager({ windowSize: 4 * MiB });
  const { populate } = native;
  const pieces: number[] = [];
  t.after(() => {
    native.populate = populate;
  });
  native.populate = (handle, offset, length) => {
    pieces.push(length);
    return populate(handle, offset, length);
  };
  for await (const _ of createReadStream(manager, large)) assert.ok(pieces.length > 0);
  // In two windows: four pieces, and one and the rest.
  assert.deepEqual(pieces, [MiB, MiB, MiB, MiB, MiB, LARGE - 5 * MiB]);
});

test('it stands on one window at a time', async () => {
  const manager = new SlidingWindowMapManager({
    windowSize: PAGE_SIZE,
    maxMemorySize: PAGE_SIZE,
    hardLimit: true,
  });
  const path = newFile();
  const stream = createReadStream(manager, path, { start: 5, highWaterMark: 1000 });
  assert.deepEqual(Buffer.concat((await chunksOf(stream)) as Buffer[]), contentBytes(5, SIZE - 5));
  assert.equal(manager.stats().peakMappedBytes, PAGE_SIZE);
  assert.equal(mapped(folderOf(path)).bytes, PAGE_SIZE);
  manager.close();
});

test('it gives the bytes that were there when it began', async () => {
  using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
  const path = newFile();
  const stream = createReadStream(manager, path, { highWaterMark: 1000 });
  await once(stream, 'readable');
  appendFileSync(path, 'more');
  assert.deepEqual(Buffer.concat((await chunksOf(stream)) as Buffer[]), contentBytes(0, SIZE));
});

test('a file that is cut meanwhile is a MapFaultError, not an early end', async () => {
  using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
  const path = newFile();
  const stream = createReadStream(manager, path, { highWaterMark: 1000 });
  await once(stream, 'readable');
  truncateSync(path, PAGE_SIZE);
  await assert.rejects(chunksOf(stream), MapFaultError);
});
