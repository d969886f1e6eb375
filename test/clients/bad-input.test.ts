/** What the clients' shapes refuse is told by name, with Node's codes. */

import assert from 'node:assert/strict';
import { promises } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, pathToFileURL } from 'node:url';
import { MemoryMap, SlidingWindowMapManager, StaticWindowMapManager } from 'smmap';
import {
  createReadStream,
  fileHandle,
  gitFs,
  mapFile,
  openFileHandle,
  ranges,
  readableWebStream,
} from 'smmap/clients';
import { contentBytes, tempDir, writeContent } from '../support/files.js';

const path = join(tempDir(), 'file.bin');
writeContent(path, 100);

/** Node's streams ask for the rest only when they end. */
const HALF_A_SIGNAL = { aborted: false, throwIfAborted() {}, addEventListener() {} };

function refused(call: () => unknown, name: string): void {
  const message = new RegExp(`^"${name}" must be `);
  assert.throws(call, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message });
}

test('what is no manager', () => {
  for (const bad of [undefined, null, 5, {}, 'x', { makeCursor: () => undefined }] as never[]) {
    for (const make of [ranges, fileHandle, openFileHandle, createReadStream, readableWebStream]) {
      refused(() => make(bad, path), 'manager');
    }
    refused(() => gitFs(bad, promises), 'manager');
  }
});

test('what is no fs', () => {
  using manager = new StaticWindowMapManager();
  for (const bad of [undefined, null, 5, {}, 'x', { promises: {} }] as never[]) {
    refused(() => gitFs(manager, bad), 'fs');
  }
});

test('what is no path is told by the name of the argument', () => {
  using manager = new SlidingWindowMapManager();
  for (const bad of [undefined, null, 5, {}, new Uint8Array(1), { fd: 3 }] as never[]) {
    refused(() => mapFile(bad), 'path');
    refused(() => MemoryMap.open(bad), 'path');
    refused(() => manager.closeUnder(bad), 'basePath');
    refused(() => manager.forceMapHandleRemovalWin(bad), 'basePath');
  }
});

test('what only looks like a URL or a signal', async () => {
  using manager = new SlidingWindowMapManager();
  const { href } = pathToFileURL(path);
  for (const bad of [{ href, protocol: 'file:' }, parse(href), new Proxy({}, {})] as never[]) {
    refused(() => MemoryMap.open(bad), 'path');
    refused(() => manager.makeCursor(bad), 'pathOrFd');
  }
  using map = MemoryMap.open(path);
  for (const bad of [
    {},
    { aborted: false },
    { aborted: true },
    new EventTarget(),
    HALF_A_SIGNAL,
  ] as never[]) {
    refused(() => createReadStream(manager, path, { signal: bad }), 'signal');
    const refusal = { code: 'ERR_INVALID_ARG_TYPE', message: /^"signal" must be / };
    await assert.rejects(map.prefetch(0, 1, { signal: bad }), refusal);
    await assert.rejects(map.readAsync(0, 1, { signal: bad }), refusal);
  }
});

test('what is no list of buffers', async () => {
  using manager = new SlidingWindowMapManager();
  const handle = openFileHandle(manager, path);
  for (const bad of ['x', [1], 5, null, undefined, {}, [Buffer.alloc(1), null]] as never[]) {
    await assert.rejects(handle.readv(bad), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /^"buffers" must be /,
    });
  }
  await assert.rejects(handle.readv([Buffer.alloc(1)], 'x' as never), {
    code: 'ERR_INVALID_ARG_TYPE',
    message: /^"position" must be .*got "x"/,
  });
  const buffers = [Buffer.alloc(3), new Uint16Array(2)];
  assert.equal((await handle.readv(buffers, 7)).bytesRead, 7);
  assert.deepEqual(buffers[0], contentBytes(7, 3));
  await handle.close();
});
