/** A file cut short, and the lost part met deep inside Node: in C++, in the kernel, on another thread. */

import assert from 'node:assert/strict';
import { createHash, subtle } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { brotliCompress, brotliDecompressSync, deflate, gzipSync, inflateSync } from 'node:zlib';
import { contentBytes } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { cutBytes, cuttableFile, KEPT, LOST, SIZE } from './fixtures/cut-file.js';

declare const WebAssembly: { Memory: new (size: { initial: number }) => { buffer: ArrayBuffer } };

/**
 * Room for all that comes out. With less, Node's zlib looks at its input again after
 * each piece, and ends the process when the input was detached meanwhile, as the view
 * of a lost page is: Node 20 aborts, later versions throw outside of any promise.
 */
const AT_ONCE = { chunkSize: 2 * SIZE };

const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');

/** Reads all of a view at once, on this thread; each gives the same for equal bytes. */
const READS: Readonly<Record<string, (view: Buffer) => unknown>> = {
  'Buffer.copy': (view) => {
    const target = Buffer.alloc(SIZE, 1);
    view.copy(target);
    return target;
  },
  'TypedArray.set': (view) => {
    const target = new Uint8Array(SIZE).fill(1);
    target.set(view);
    return target;
  },
  'TypedArray.slice': (view) => Uint8Array.prototype.slice.call(view),
  'Buffer.concat': (view) => Buffer.concat([view, view]),
  'Buffer.equals': (view) => view.equals(cutBytes()),
  'Buffer.compare': (view) => Buffer.compare(view, cutBytes()),
  'Buffer.indexOf': (view) => view.indexOf('never there, however long one looks'),
  'Buffer.toString': (view) => view.toString('base64'),
  'TextDecoder.decode': (view) => new TextDecoder().decode(view),
  'crypto hash': (view) => sha1(view),
  'zlib on this thread': (view) => gzipSync(view, { level: 1 }),
  sort: (view) => new Uint8Array(view).sort(),
  'sort in place': (view) => view.sort().toString('hex'),
  'Atomics.load': (view) => Atomics.load(view, LOST),
  'DataView.getFloat64': (view) => new DataView(view.buffer).getFloat64(LOST),
  'Array.from': (view) => Array.from(view),
  structuredClone: (view) => structuredClone(view),
  'v8.serialize': (view) => deserialize(serialize(view)),
  'a loop': (view) => {
    let sum = 0;
    for (const byte of view) sum = (sum * 31 + byte) | 0;
    return sum;
  },
  'a WebAssembly memory': (view) => {
    const memory = new Uint8Array(new WebAssembly.Memory({ initial: 8 }).buffer);
    memory.set(view);
    return Buffer.from(memory.subarray(0, SIZE));
  },
};

await hazards(import.meta.url, {
  'inside C++ of Node and V8, on this thread': () => {
    for (const [name, read] of Object.entries(READS)) {
      const { manager, view, cut } = cuttableFile();
      cut();
      assert.deepEqual(read(view), read(cutBytes()), name);
      assert.equal(manager.stats().faults, 1, name);
    }
  },

  'zlib and brotli on a thread of the pool': async () => {
    const [one, other] = [cuttableFile(), cuttableFile()];
    one.cut();
    other.cut();
    const [deflated, compressed] = await Promise.all([
      promisify(deflate)(one.view, AT_ONCE),
      promisify(brotliCompress)(other.view, AT_ONCE),
    ]);
    assert.ok(inflateSync(deflated).equals(cutBytes()));
    assert.ok(brotliDecompressSync(compressed).equals(cutBytes()));
    for (const { manager, cursor } of [one, other]) {
      assert.equal(manager.stats().faults, 1);
      assert.throws(() => cursor.buffer(), { code: 'ERR_SMMAP_FAULT' });
    }
  },

  'many threads of the pool in the same lost part at once': async () => {
    const { manager, view, cut } = cuttableFile();
    cut();
    const parts = Array.from({ length: 16 }, (_, i) => view.subarray(i * (SIZE / 16)));
    const all = await Promise.all(parts.map((part) => promisify(deflate)(part, AT_ONCE)));
    for (const [i, part] of all.entries()) {
      assert.ok(inflateSync(part).equals(cutBytes(i * (SIZE / 16))));
    }
    assert.ok(manager.stats().faults > 0);
  },

  'a digest of WebCrypto': async () => {
    const { manager, view, cut } = cuttableFile();
    cut();
    const digest = Buffer.from(await subtle.digest('SHA-1', view)).toString('hex');
    assert.equal(digest, sha1(cutBytes()));
    assert.equal(manager.stats().faults, 1);
  },

  'the kernel copies from the lost part: an error or fewer bytes, never a signal': async () => {
    const { path, manager, view, cut } = cuttableFile();
    const target = `${path}.copy`;
    cut();
    const fd = openSync(target, 'w+');
    assert.throws(() => writeSync(fd, view, LOST, 10), { code: 'EFAULT' });
    try {
      assert.equal(writeSync(fd, view), statSync(target).size);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EFAULT');
    }
    const written = readFileSync(target);
    assert.ok(written.length <= SIZE && written.equals(cutBytes(0, written.length)));
    await assert.rejects(writeFile(target, view.subarray(LOST)), { code: 'EFAULT' });
    assert.equal(manager.stats().faults, 0, 'nobody has touched a lost page yet');
    assert.equal(view[LOST], 0);
    closeSync(fd);
  },

  'the kernel copies into the lost part: an error or fewer bytes, and no file is changed':
    async () => {
      const { path, view, cut } = cuttableFile();
      cut();
      const fd = openSync('/dev/zero', 'r');
      assert.throws(() => readSync(fd, view, LOST, 10, null), { code: 'EFAULT' });
      await using file = await open('/dev/zero');
      await assert.rejects(file.read(view, LOST, 10), { code: 'EFAULT' });
      closeSync(fd);
      assert.ok((await readFile(path)).equals(contentBytes(0, KEPT)));
    },
});
