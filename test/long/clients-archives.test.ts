/** yauzl and zip.js on archives that are mapped: yauzl's own way to the file is the judge. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { openAsBlob, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import {
  BlobReader,
  type Entry,
  Reader,
  Uint8ArrayReader,
  Uint8ArrayWriter,
  ZipReader,
} from '@zip.js/zip.js';
import { SlidingWindowMapManager } from 'smmap';
import { createReadStream, mapFile, type RangeSource, ranges } from 'smmap/clients';
import * as yauzl from 'yauzl';
import { fetched } from '../support/clients/data.js';
import { type Gain, publishGains, timed } from '../support/clients/gains.js';
import { writeZip } from '../support/clients/zip-file.js';
import { tempDir } from '../support/files.js';
import { ratios } from '../support/ratios.js';
import { fullSize } from '../support/scale.js';

/** Smaller than the largest entries, so that those cross windows. */
const SMALL = { windowSize: 2 ** 16, maxMemorySize: 2 ** 20, hardLimit: true };

const archive = fullSize ? fetched('nexuiz.zip') : join(tempDir(), 'sample.zip');
const gains: Gain[] = [];
const figures: Record<string, unknown> = {};
/** SHA-1 of every entry by its name, from `yauzl.open`. */
let expected: Map<string, string>;

before(async () => {
  if (!fullSize) await writeZip(archive, 120);
  expected = await hashesOf(await yauzl.openPromise(archive, { lazyEntries: true }));
  assert.ok(expected.size > 100);
  Object.assign(figures, { bytes: statSync(archive).size, entries: expected.size });
});
after(() => publishGains('archives', gains, figures));

async function hashesOf(zip: yauzl.ZipFile): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.endsWith('/'))
      hashes.set(entry.fileName, await sha1(await zip.openReadStreamPromise(entry)));
  }
  zip.close();
  return hashes;
}

async function sha1(stream: Readable): Promise<string> {
  const hash = createHash('sha1');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** yauzl's shape of a file that is read in ranges. */
class MappedReader extends yauzl.RandomAccessReader {
  constructor(
    readonly manager: SlidingWindowMapManager,
    readonly path: string,
  ) {
    super();
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return createReadStream(this.manager, this.path, { start, end: end - 1 });
  }
}

/** That of zip.js. */
class RangeReader extends Reader<RangeSource> {
  readonly #source: RangeSource;

  constructor(source: RangeSource) {
    super(source);
    this.#source = source;
    this.size = source.byteLength;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    return new Uint8Array(this.#source.slice(index, index + length));
  }
}

async function hashesOfZipJs(reader: Reader<unknown>): Promise<Map<string, string>> {
  const zip = new ZipReader(reader);
  const hashes = new Map<string, string>();
  for (const entry of await zip.getEntries()) {
    if (!entry.directory) hashes.set(entry.filename, await sha1Of(entry));
  }
  await zip.close();
  return hashes;
}

async function sha1Of(entry: Entry & { directory: false }): Promise<string> {
  const bytes = await entry.getData(new Uint8ArrayWriter());
  return createHash('sha1').update(bytes).digest('hex');
}

test('yauzl.fromBuffer of a whole mapped archive', async () => {
  using file = mapFile(archive);
  const zip = await yauzl.fromBufferPromise(file.buffer, { lazyEntries: true });
  assert.deepEqual(await hashesOf(zip), expected);
});

test('yauzl over windows smaller than an entry', async () => {
  using manager = new SlidingWindowMapManager(SMALL);
  const reader = new MappedReader(manager, archive);
  const zip = await yauzl.fromRandomAccessReaderPromise(reader, statSync(archive).size, {
    lazyEntries: true,
  });
  assert.deepEqual(await hashesOf(zip), expected);
  assert.ok(manager.stats().peakMappedBytes <= SMALL.maxMemorySize);
});

test('zip.js on the bytes of a whole mapped archive', async () => {
  using file = mapFile(archive);
  assert.deepEqual(await hashesOfZipJs(new Uint8ArrayReader(file.bytes)), expected);
});

test('zip.js over windows smaller than an entry', async () => {
  using manager = new SlidingWindowMapManager(SMALL);
  using source = ranges(manager, archive);
  assert.deepEqual(await hashesOfZipJs(new RangeReader(source)), expected);
  assert.ok(manager.stats().peakMappedBytes <= SMALL.maxMemorySize);
});

test('the time it takes', { skip: fullSize ? false : 'for npm run prove' }, async () => {
  using file = mapFile(archive);
  const size = `of ${Math.round(file.length / 1e6)} MB`;
  const options = { lazyEntries: true };
  const opened = () => yauzl.openPromise(archive, options);
  const fromMap = () => yauzl.fromBufferPromise(file.buffer, options);
  const blob = await openAsBlob(archive);
  const list = await ratios(5, {
    node: async () => count(await opened()),
    smmap: async () => count(await fromMap()),
  });
  const read = await ratios(3, {
    node: async () => readSome(await opened()),
    smmap: async () => readSome(await fromMap()),
  });
  const zipJs = await ratios(3, {
    node: () => new ZipReader(new BlobReader(blob)).getEntries(),
    smmap: () => new ZipReader(new Uint8ArrayReader(file.bytes)).getEntries(),
  });
  const zipJsRead = await ratios(3, {
    node: () => readSomeByZipJs(new BlobReader(blob)),
    smmap: () => readSomeByZipJs(new Uint8ArrayReader(file.bytes)),
  });
  const listing = `listing ${expected.size.toLocaleString('en')} entries ${size}`;
  const reading = 'reading every tenth of them';
  const own = '`yauzl.open`';
  const theirs = '`BlobReader`';
  gains.push(
    { client: 'yauzl', work: listing, own, ...timed(list) },
    { client: 'yauzl', work: reading, own, ...timed(read) },
    { client: 'zip.js', work: listing, own: theirs, ...timed(zipJs) },
    {
      client: 'zip.js',
      work: reading,
      own: theirs,
      ...timed(zipJsRead),
    },
  );
});

async function count(zip: yauzl.ZipFile): Promise<void> {
  let entries = 0;
  for await (const _ of zip.eachEntry()) entries++;
  zip.close();
  assert.ok(entries >= expected.size);
}

async function readSome(zip: yauzl.ZipFile): Promise<void> {
  let i = 0;
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/') || i++ % 10 > 0) continue;
    assert.equal(await sha1(await zip.openReadStreamPromise(entry)), expected.get(entry.fileName));
  }
  zip.close();
}

async function readSomeByZipJs(reader: Reader<unknown>): Promise<void> {
  const zip = new ZipReader(reader);
  let i = 0;
  for (const entry of await zip.getEntries()) {
    if (entry.directory || i++ % 10 > 0) continue;
    assert.equal(await sha1Of(entry), expected.get(entry.filename));
  }
  await zip.close();
}
