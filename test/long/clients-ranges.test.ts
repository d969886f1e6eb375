/** hyparquet and pmtiles on `ranges`: their own ways to a file, and its content, are the judges. */

import assert from 'node:assert/strict';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { PMTiles, type Source } from 'pmtiles';
import { type MapManagerOptions, SlidingWindowMapManager } from 'smmap';
import { mapFile, type RangeSource, ranges } from 'smmap/clients';
import { vegaData } from '../support/clients/data.js';
import { type Gain, publishGains, timed } from '../support/clients/gains.js';
import { tileBytes, writePmtiles } from '../support/clients/pmtiles-file.js';
import { tempDir } from '../support/files.js';
import { randomFrom } from '../support/random.js';
import { ratios } from '../support/ratios.js';
import { fullSize, scaled } from '../support/scale.js';

const MANAGERS: Readonly<Record<string, MapManagerOptions>> = {
  'windows as usual': {},
  'windows of 64 KiB within 1 MiB': {
    windowSize: 2 ** 16,
    maxMemorySize: 2 ** 20,
    hardLimit: true,
  },
};

const gains: Gain[] = [];
const figures: Record<string, unknown> = {};

after(() => publishGains('ranges', gains, figures));

describe('hyparquet on flights-3m.parquet of vega-datasets', () => {
  const path = vegaData('flights-3m.parquet');
  /** Rows that are read at one go. */
  const PART = scaled(20_000, 100_000);
  let rows = 0;
  let theirs: AsyncBuffer;

  before(async () => {
    theirs = await asyncBufferFromFile(path);
    rows = Number((await parquetMetadataAsync(theirs)).num_rows);
    figures.parquet = { bytes: theirs.byteLength, rows };
  });

  async function assertEqual(file: AsyncBuffer, parts: readonly number[]): Promise<void> {
    for (const rowStart of parts) {
      const wanted = { rowStart, rowEnd: rowStart + PART, compressors };
      const [got, expected] = await Promise.all([
        parquetReadObjects({ file, ...wanted }),
        parquetReadObjects({ file: theirs, ...wanted }),
      ]);
      assert.equal(got.length, Math.min(PART, rows - rowStart));
      assert.equal(JSON.stringify(got, text), JSON.stringify(expected, text));
    }
  }

  function text(_key: string, value: unknown): unknown {
    return typeof value === 'bigint' ? `${value}n` : value;
  }

  /** All parts, or the first, one in the middle and the last. */
  function parts(): number[] {
    const all = Array.from({ length: Math.ceil(rows / PART) }, (_, i) => i * PART);
    return fullSize ? all : [0, all.length >> 1, all.length - 1].map((i) => all[i] as number);
  }

  for (const [name, options] of Object.entries(MANAGERS)) {
    test(`rows are those that asyncBufferFromFile gives: ${name}`, async () => {
      using manager = new SlidingWindowMapManager(options);
      using file = ranges(manager, path);
      await assertEqual(file, parts());
      assert.equal(manager.stats().bent, 0);
    });
  }

  test('a mapped ArrayBuffer is an AsyncBuffer as it stands', async () => {
    using file = mapFile(path);
    await assertEqual(file.arrayBuffer, [0]);
  });

  test('the time it takes', { skip: fullSize ? false : 'for npm run prove' }, async () => {
    using manager = new SlidingWindowMapManager();
    using ours = ranges(manager, path);
    const random = randomFrom(3);
    const starts = Array.from({ length: 20 }, () => random(0, rows - 10));
    const columns = ['delay'];
    const readFrom = (file: AsyncBuffer) => async () => {
      for (const rowStart of starts) {
        await parquetReadObjects({ file, columns, rowStart, rowEnd: rowStart + 10, compressors });
      }
    };
    const took = await ratios(3, { node: readFrom(theirs), smmap: readFrom(ours) });
    gains.push({
      client: 'hyparquet',
      work: '10 rows of a column, ZSTD',
      own: '`asyncBufferFromFile`',
      ...timed(took, starts.length),
    });
  });
});

describe('pmtiles', () => {
  const ZOOM = scaled(5, 7);
  const MOST = scaled(4_000, 16_000);
  const COUNT = scaled(1_000, 5_000);
  const path = join(tempDir(), 'tiles.pmtiles');

  before(() => {
    figures.pmtiles = { bytes: writePmtiles(path, ZOOM, MOST), tiles: 4 ** ZOOM };
  });

  /** What pmtiles asks for: a request may go past the end. */
  function sourceOf(file: RangeSource): Source {
    return {
      getKey: () => path,
      getBytes: async (offset, length) => ({ data: file.slice(offset, offset + length) }),
    };
  }

  /** The same by a FileHandle of Node's. */
  function ownSourceOf(file: FileHandle): Source {
    return {
      getKey: () => `${path} by node:fs`,
      getBytes: async (offset, length) => {
        const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, offset);
        return { data: buffer.buffer.slice(0, bytesRead) };
      },
    };
  }

  /** Tiles to read: where they are, and their number on the curve of the archive. */
  function places(): { x: number; y: number }[] {
    const random = randomFrom(5);
    return Array.from({ length: COUNT }, () => ({
      x: random(0, 2 ** ZOOM),
      y: random(0, 2 ** ZOOM),
    }));
  }

  /** Numbers by place: the Hilbert curve as the format defines it. */
  function numberOf(x: number, y: number): number {
    let [number, left, top] = [0, x, y];
    for (let side = 2 ** (ZOOM - 1); side > 0; side >>= 1) {
      const [right, down] = [(left & side) > 0 ? 1 : 0, (top & side) > 0 ? 1 : 0];
      number += side * side * ((3 * right) ^ down);
      if (down === 0) {
        if (right === 1) [left, top] = [2 ** ZOOM - 1 - left, 2 ** ZOOM - 1 - top];
        [left, top] = [top, left];
      }
    }
    return number;
  }

  for (const [name, options] of Object.entries(MANAGERS)) {
    test(`${COUNT} tiles are what was put in: ${name}`, async () => {
      using manager = new SlidingWindowMapManager(options);
      using file = ranges(manager, path);
      const tiles = new PMTiles(sourceOf(file));
      for (const { x, y } of places()) {
        const tile = await tiles.getZxy(ZOOM, x, y);
        const expected = tileBytes(numberOf(x, y), MOST);
        assert.ok(tile !== undefined && expected.equals(Buffer.from(tile.data)), `${x}, ${y}`);
      }
      assert.equal(manager.stats().bent, 0);
    });
  }

  test(`${COUNT} tiles are those that node:fs reads, and the time`, {
    skip: fullSize ? false : 'for npm run prove',
  }, async () => {
    using manager = new SlidingWindowMapManager();
    using file = ranges(manager, path);
    const handle = await open(path);
    const archives = { node: new PMTiles(ownSourceOf(handle)), smmap: new PMTiles(sourceOf(file)) };
    for (const { x, y } of places()) {
      const [one, other] = [
        await archives.node.getZxy(ZOOM, x, y),
        await archives.smmap.getZxy(ZOOM, x, y),
      ];
      assert.deepEqual(other?.data, one?.data);
    }
    const readAll = (archive: PMTiles) => async () => {
      for (const { x, y } of places()) await archive.getZxy(ZOOM, x, y);
    };
    const took = await ratios(3, { node: readAll(archives.node), smmap: readAll(archives.smmap) });
    await handle.close();
    gains.push({
      client: 'pmtiles',
      work: 'a tile of 131 MB',
      own: 'a source on `FileHandle.read`',
      ...timed(took, COUNT),
    });
  });
});
