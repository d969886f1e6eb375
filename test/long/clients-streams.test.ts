/** Node's own shapes on a large file: `node:fs` is the judge. The shapes in detail: test/clients. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream as nodeStream, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, test } from 'node:test';
import { createGzip } from 'node:zlib';
import { SlidingWindowMapManager } from 'smmap';
import { createReadStream, openFileHandle, readableWebStream } from 'smmap/clients';
import { type Gain, publishGains, timed } from '../support/clients/gains.js';
import { contentBytes, tempDir } from '../support/files.js';
import { mapped } from '../support/proc-maps.js';
import { randomFrom } from '../support/random.js';
import { ratios } from '../support/ratios.js';
import { fullSize, scaled } from '../support/scale.js';

const MiB = 2 ** 20;
const SIZE = scaled(16 * MiB, 256 * MiB) + 77;
const BUDGET = MiB;
const READS = 10_000;
const READ = 4096;

const path = join(tempDir(), 'large.bin');
const gains: Gain[] = [];

before(() => {
  // Lines, in some order that never repeats.
  const part = contentBytes(0, MiB).toString('base64').replaceAll(/.{90}/g, '$&\n');
  writeFileSync(path, '');
  for (let at = 0, i = 0; at < SIZE; i++) {
    const text = Buffer.from(`part ${i}\n${part}`).subarray(0, SIZE - at);
    writeFileSync(path, text, { flag: 'a' });
    at += text.length;
  }
});
after(() => publishGains('streams', gains, { bytes: SIZE }));

function smallManager(): SlidingWindowMapManager {
  return new SlidingWindowMapManager({
    windowSize: BUDGET / 4,
    maxMemorySize: BUDGET,
    hardLimit: true,
  });
}

test('gzip and sha256 give what they give for node:fs, within 1 MiB', async () => {
  using manager = smallManager();
  const hashes = await Promise.all(
    [nodeStream(path), createReadStream(manager, path)].map(async (stream: Readable) => {
      const [hash, zipped] = [createHash('sha256'), createHash('sha256')];
      let most = 0;
      stream.on('data', (chunk: string | Buffer) => {
        hash.update(chunk);
        most = Math.max(most, mapped(path).bytes);
      });
      await pipeline(stream, createGzip({ level: 1 }), zipped);
      assert.ok(most <= BUDGET, `${most} bytes were mapped`);
      return [hash.digest('hex'), zipped.digest('hex')];
    }),
  );
  assert.deepEqual(hashes[1], hashes[0]);
  assert.equal(manager.stats().peakMappedBytes, BUDGET);
});

test('a web stream gives the same bytes', async () => {
  using manager = smallManager();
  const hash = createHash('sha256');
  for await (const chunk of readableWebStream(manager, path)) hash.update(chunk);
  assert.equal(hash.digest('hex'), createHash('sha256').update(readFileSync(path)).digest('hex'));
});

test('lines are those of a FileHandle', async () => {
  using manager = smallManager();
  assert.equal(await linesHash(openFileHandle(manager, path)), await linesHash(await open(path)));
});

async function linesHash(file: { readLines(): AsyncIterable<string> }): Promise<string> {
  const hash = createHash('sha256');
  for await (const line of file.readLines()) hash.update(`${line.length} ${line}`);
  return hash.digest('hex');
}

test('the time it takes', { skip: fullSize ? false : 'for npm run prove' }, async () => {
  using manager = new SlidingWindowMapManager();
  const hashOf = async (stream: AsyncIterable<unknown>) => {
    const hash = createHash('sha1');
    for await (const chunk of stream) hash.update(chunk as Buffer);
    return hash.digest('hex');
  };
  const size = `${Math.round(SIZE / 1e6)} MB`;
  const stream = await ratios(3, {
    node: () => hashOf(nodeStream(path)),
    smmap: () => hashOf(createReadStream(manager, path)),
  });
  gains.push({
    client: '`createReadStream`',
    work: `SHA-1 of ${size}`,
    own: '`fs.createReadStream`',
    ...timed(stream),
  });

  const lines = await ratios(3, {
    node: async () => linesHash(await open(path)),
    smmap: () => linesHash(openFileHandle(manager, path)),
  });
  gains.push({
    client: '`readLines`',
    work: `the lines of ${size}`,
    own: '`FileHandle.readLines`',
    ...timed(lines),
  });

  const random = randomFrom(9);
  const positions = Array.from({ length: READS }, () => random(0, SIZE - READ));
  const node = await open(path);
  const ours = openFileHandle(manager, path);
  const target = Buffer.alloc(READ);
  const reads = await ratios(5, {
    node: async () => {
      for (const position of positions) await node.read(target, 0, READ, position);
    },
    smmap: async () => {
      for (const position of positions) await ours.read(target, 0, READ, position);
    },
  });
  await node.close();
  await ours.close();
  gains.push({
    client: '`openFileHandle`',
    work: '4 KiB anywhere in it',
    own: '`FileHandle.read`',
    ...timed(reads, READS),
  });
});
