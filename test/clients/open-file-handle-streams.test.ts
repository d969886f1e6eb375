/** Lines and streams of `openFileHandle`, against those of a `FileHandle`. */

import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { test } from 'node:test';
import { PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { openFileHandle, type ReadFileHandle } from 'smmap/clients';
import { contentBytes } from '../support/files.js';
import { newFile, SIZE } from '../support/lifetimes.js';

/** What is asked of both. */
type Handle = Pick<FileHandle, 'read' | 'readLines'>;

/** Ours as a FileHandle: its overloads are fewer. */
function asNode(handle: ReadFileHandle): Handle {
  return handle as unknown as Handle;
}

const text = Array.from({ length: 3_000 }, (_, i) => `line ${i}${i % 3 === 0 ? '\r' : ''}\n`);

function textFile(): string {
  const path = newFile(0);
  writeFileSync(path, `${text.join('')}the end`);
  return path;
}

async function linesOf(handle: Handle, options?: object) {
  const lines: string[] = [];
  for await (const line of handle.readLines(options)) lines.push(line);
  return lines;
}

test('readLines gives the lines of the rest, and closes the handle', async () => {
  using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
  const path = textFile();
  for (const options of [undefined, { start: 1_000, end: 5_000 }, { encoding: 'latin1' }]) {
    const node = await open(path);
    const ours = openFileHandle(manager, path);
    for (const handle of [node, asNode(ours)]) await handle.read(Buffer.alloc(100));
    const expected = await linesOf(node, options);
    assert.ok(expected.length > 300);
    assert.deepEqual(await linesOf(asNode(ours), options), expected);
    await assert.rejects(node.read(), { code: 'EBADF' });
    await assert.rejects(ours.read(), { code: 'ERR_SMMAP_CLOSED' });
  }
});

test('readLines with autoClose: false leaves it open', async () => {
  using manager = new SlidingWindowMapManager();
  await using ours = openFileHandle(manager, textFile());
  assert.equal((await linesOf(asNode(ours), { autoClose: false })).length, 3_001);
  assert.equal((await ours.read(Buffer.alloc(4))).buffer.toString(), 'line');
});

test('a stream goes its own way, on the same file', async () => {
  using manager = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
  const path = newFile();
  const ours = openFileHandle(manager, path);
  await ours.read(Buffer.alloc(10));
  const stream = ours.createReadStream({ highWaterMark: 1000 });
  const web = ours.readableWebStream();
  const next = newFile(20);
  renameSync(next, path);
  await ours.close();
  for (const each of [stream, web]) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of each) chunks.push(chunk);
    assert.deepEqual(Buffer.concat(chunks), contentBytes(10, SIZE - 10));
  }
  assert.throws(() => ours.createReadStream(), { code: 'ERR_SMMAP_CLOSED' });
  assert.throws(() => ours.readableWebStream(), { code: 'ERR_SMMAP_CLOSED' });
});

test('options that make no sense are refused', () => {
  using manager = new SlidingWindowMapManager();
  using ours = openFileHandle(manager, newFile());
  assert.throws(() => ours.readLines({ start: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => ours.createReadStream({ stop: 7 } as never), {
    code: 'ERR_INVALID_ARG_VALUE',
  });
  assert.throws(() => ours.createReadStream({ signal: {} as never }), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
  assert.equal(manager.stats().files, 0); // nothing was begun
});
