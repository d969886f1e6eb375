/** `mapFile`: a whole file, pinned, as the three wrappers that other packages take. */

import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { MapFaultError, PAGE_SIZE } from 'smmap';
import { type MappedFile, mapFile } from 'smmap/clients';
import { descriptorsOn } from '../support/descriptors.js';
import { contentBytes, tempDir, writeContent } from '../support/files.js';
import { mapped } from '../support/proc-maps.js';

const dir = tempDir();
const SIZE = 5 * PAGE_SIZE + 77;
const content = contentBytes(0, SIZE);

let made = 0;

/** A new file of position-dependent content. */
function newFile(size = SIZE): string {
  const path = join(dir, `file-${++made}.bin`);
  writeContent(path, size);
  return path;
}

describe('the bytes', () => {
  test('are exactly the file, in three wrappers of the same memory', () => {
    using file = mapFile(newFile());
    assert.equal(file.length, SIZE);
    assert.equal(file.arrayBuffer.byteLength, SIZE);
    assert.deepEqual([file.bytes.byteOffset, file.bytes.length], [0, SIZE]);
    assert.deepEqual([file.buffer.byteOffset, file.buffer.length], [0, SIZE]);
    assert.equal(file.bytes.buffer, file.arrayBuffer);
    assert.equal(file.buffer.buffer, file.arrayBuffer);
    assert.ok(file.arrayBuffer instanceof ArrayBuffer);
    assert.equal(Object.getPrototypeOf(file.bytes), Uint8Array.prototype);
    assert.ok(Buffer.isBuffer(file.buffer));
    assert.deepEqual(file.buffer, content);
  });

  test('are the same objects each time', () => {
    using file = mapFile(newFile());
    assert.equal(file.arrayBuffer, file.arrayBuffer);
    assert.equal(file.bytes, file.bytes);
    assert.equal(file.buffer, file.buffer);
  });

  for (const size of [1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1]) {
    test(`of a file of ${size} bytes`, () => {
      const path = newFile(size);
      using file = mapFile(path);
      assert.deepEqual(file.buffer, content.subarray(0, size));
      assert.equal(file.arrayBuffer.byteLength, size);
      assert.equal(file.mappedBytes, mapped(path).bytes);
    });
  }

  test('of an empty file are none', () => {
    using file = mapFile(newFile(0));
    assert.deepEqual([file.length, file.mappedBytes], [0, 0]);
    assert.equal(file.arrayBuffer.byteLength, 0);
    assert.equal(file.bytes.length, 0);
    assert.equal(file.buffer.length, 0);
    file.close();
    assert.equal(file.closed, true);
  });

  test('take what is stored into them, and keep it from the file and from others', () => {
    const path = newFile();
    using file = mapFile(path);
    using other = mapFile(path);
    assert.deepEqual(other.buffer, content);
    file.bytes.fill(0);
    new DataView(file.arrayBuffer).setUint32(PAGE_SIZE, 7);
    file.buffer.write('stray', 2 * PAGE_SIZE);
    assert.equal(file.buffer.toString('latin1', 2 * PAGE_SIZE, 2 * PAGE_SIZE + 5), 'stray');
    assert.deepEqual(other.buffer, content);
    assert.deepEqual(readFileSync(path), content);
    file.close();
    assert.deepEqual(readFileSync(path), content);
  });

  test('need no descriptor', () => {
    using file = mapFile(newFile());
    assert.equal(descriptorsOn(dir), 0);
    assert.equal(file.length, SIZE);
  });
});

describe('the file', () => {
  test('is named by a path, a URL or bytes', () => {
    const path = newFile();
    for (const named of [path, pathToFileURL(path), Buffer.from(path)]) {
      using file = mapFile(named);
      assert.deepEqual(file.buffer, content);
    }
  });

  test('that is missing, a folder or a device is refused', () => {
    const missing = join(dir, 'missing');
    assert.throws(() => mapFile(missing), { code: 'ENOENT', path: missing });
    assert.throws(() => mapFile(dir), { code: 'EISDIR' });
    assert.throws(() => mapFile('/dev/zero'), { code: 'ERR_SMMAP_NOT_MAPPABLE' });
    assert.throws(() => mapFile(7 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  });

  test('may be removed', () => {
    const path = newFile();
    using file = mapFile(path);
    unlinkSync(path);
    assert.deepEqual(file.buffer, content);
  });

  test('that is cut is a MapFaultError for whoever asks again', () => {
    const path = newFile();
    using file = mapFile(path);
    const { bytes } = file;
    truncateSync(path, PAGE_SIZE);
    assert.equal(bytes[3 * PAGE_SIZE] ?? 0, 0); // the process goes on
    assert.throws(() => file.bytes, MapFaultError);
    assert.throws(() => file.buffer, MapFaultError);
    assert.throws(() => file.arrayBuffer, MapFaultError);
    using now = file.reload();
    assert.deepEqual(now.buffer, content.subarray(0, PAGE_SIZE));
  });
});

describe('reload', () => {
  test('gives the file that was renamed to its name; who reads the old one finishes', () => {
    const path = newFile();
    using old = mapFile(path);
    const { bytes } = old;
    const next = newFile(PAGE_SIZE + 5);
    renameSync(next, path);
    using now = old.reload();
    assert.deepEqual(now.buffer, content.subarray(0, PAGE_SIZE + 5));
    assert.deepEqual(Buffer.from(bytes.buffer), content);
    old.close();
    assert.equal(bytes.length, 0);
    assert.deepEqual(now.buffer, content.subarray(0, PAGE_SIZE + 5));
  });

  test('follows a link to where it leads now', () => {
    const home = mkdtempSync(join(dir, 'links-'));
    const link = join(home, 'current');
    symlinkSync(newFile(), link);
    using old = mapFile(link);
    unlinkSync(link);
    symlinkSync(newFile(10), link);
    using now = old.reload();
    assert.deepEqual([old.length, now.length], [SIZE, 10]);
  });

  test('works on a file that was closed, and fails where there is none', () => {
    const path = newFile();
    const file = mapFile(path);
    file.close();
    using again = file.reload();
    assert.deepEqual(again.buffer, content);
    unlinkSync(path);
    assert.throws(() => again.reload(), { code: 'ENOENT' });
    assert.deepEqual(again.buffer, content);
  });
});

describe('closing', () => {
  test('unmaps the file and empties every view; again does nothing', () => {
    const path = newFile();
    const file = mapFile(path);
    const { arrayBuffer, bytes, buffer } = file;
    assert.equal(mapped(path).lines, 1);
    file.close();
    file.close();
    file[Symbol.dispose]();
    assert.equal(mapped(path).lines, 0);
    assert.deepEqual([arrayBuffer.byteLength, bytes.length, buffer.length], [0, 0, 0]);
    assert.deepEqual([file.length, file.mappedBytes, file.closed], [0, 0, true]);
    assert.throws(() => file.bytes, { code: 'ERR_SMMAP_CLOSED' });
    assert.throws(() => file.buffer, { code: 'ERR_SMMAP_CLOSED' });
    assert.throws(() => file.arrayBuffer, { code: 'ERR_SMMAP_CLOSED' });
  });

  test('is not needed: what is forgotten is unmapped, what is kept by its bytes is not', async () => {
    const kept = newFile();
    const { bytes } = mapFile(kept);
    const forgotten = newFile();
    for (let i = 0; i < 20; i++) touch(mapFile(forgotten));
    // What a program does anyway: it makes things and drops them, until the engine collects.
    let made: unknown[] = [];
    for (let turns = 0; mapped(forgotten).lines > 0 && turns < 5_000; turns++) {
      made.push(new Array(50_000).fill(turns));
      if (made.length > 100) made = [];
      await turn();
    }
    assert.equal(mapped(forgotten).lines, 0);
    assert.equal(mapped(kept).lines, 1);
    assert.deepEqual(Buffer.from(bytes.buffer), content);
  });
});

function touch(file: MappedFile): void {
  assert.equal(file.bytes[7], content[7]);
}
