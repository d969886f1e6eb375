/** apache-arrow on files that `mapFile` maps: tables of the same file, read whole, are the judge. */

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Data, type Table, tableFromIPC } from 'apache-arrow';
import { mapFile } from 'smmap/clients';
import { writeArrow } from '../support/clients/arrow-file.js';
import { vegaData } from '../support/clients/data.js';
import { type Gain, publishGains, timed } from '../support/clients/gains.js';
import { tempDir } from '../support/files.js';
import { Measured } from '../support/memory.js';
import { ratioOf } from '../support/ratios.js';
import { fullSize, scaled } from '../support/scale.js';
import type { OpenArrow } from './clients/open-arrow.js';

const BATCHES = scaled(5, 40);
const ROWS = scaled(20_000, 500_000);

const flights = vegaData('flights-200k.arrow');
const generated = join(tempDir(), 'generated.arrow');
const gains: Gain[] = [];
const figures: Record<string, unknown> = {};

before(() => writeArrow(generated, BATCHES, ROWS));
after(() => publishGains('arrow', gains, figures));

/** Every buffer of a batch's columns: their values, which rows have one, and where texts begin. */
function buffersOf(data: Data): (ArrayLike<number> | null | undefined)[] {
  const own = [data.values, data.valueOffsets, data.nullBitmap, data.typeIds];
  return [...own, ...data.children.flatMap(buffersOf)] as (ArrayLike<number> | undefined)[];
}

/** All rows are equal: what the columns consist of is, byte for byte. */
function assertEqual(table: Table, expected: Table): void {
  assert.equal(table.numRows, expected.numRows);
  assert.equal(`${table.schema}`, `${expected.schema}`);
  assert.equal(table.batches.length, expected.batches.length);
  for (const [i, batch] of table.batches.entries()) {
    assert.deepEqual(buffersOf(batch.data), buffersOf(expected.batches[i]?.data as Data));
  }
}

describe('flights-200k.arrow of vega-datasets', () => {
  test('every row is that of the file read whole', () => {
    using file = mapFile(flights);
    const table = tableFromIPC(file.bytes);
    const expected = tableFromIPC(readFileSync(flights));
    assertEqual(table, expected);
    assert.equal(table.numRows, 200_000);
    for (let i = 0; i < table.numRows; i++) {
      const [row, other] = [table.get(i), expected.get(i)];
      if (String(row) !== String(other)) assert.deepEqual(row?.toJSON(), other?.toJSON());
    }
    figures.flights = { bytes: file.length, rows: table.numRows };
  });
});

describe(`a file of ${BATCHES} batches of ${ROWS} rows`, () => {
  test('every row is that of the file read whole', () => {
    using file = mapFile(generated);
    const table = tableFromIPC(file.bytes);
    assertEqual(table, tableFromIPC(readFileSync(generated)));
    assert.equal(table.numRows, BATCHES * ROWS);
    for (const i of [0, ROWS - 1, ROWS, table.numRows - 1]) {
      assert.deepEqual(table.get(i)?.toJSON(), {
        x: i / 3,
        y: -i * 7,
        n: Math.imul(i, 0x9e3779b1),
      });
    }
  });

  test('its columns lie in the mapping: nothing was copied', () => {
    using file = mapFile(generated);
    const table = tableFromIPC(file.bytes);
    for (const { data } of table.batches) {
      for (const child of data.children) assert.equal(child.values.buffer, file.arrayBuffer);
    }
    file.close();
    assert.equal(table.batches[0]?.data.children[0]?.values.length, 0); // and ends with it
  });

  test('the memory it takes, and the time', {
    skip: fullSize ? false : 'for npm run prove',
  }, async () => {
    const program = fileURLToPath(new URL('./clients/open-arrow.js', import.meta.url));
    const { size } = statSync(generated);
    const runs: Record<'node' | 'smmap', OpenArrow[]> = { node: [], smmap: [] };
    for (let round = 0; round < 7; round++) {
      for (const way of ['node', 'smmap'] as const) {
        const child = new Measured([program, way, generated, flights]);
        runs[way].push(await child.result<OpenArrow>());
        await child.end();
      }
    }
    const times = (way: 'node' | 'smmap') => runs[way].map((run) => run.milliseconds);
    const open = ratioOf(times('node'), times('smmap'));
    const memory = (way: 'node' | 'smmap') => Math.max(...runs[way].map((run) => run.opened));
    figures.generated = { bytes: size, rows: BATCHES * ROWS, runs };
    const client = 'apache-arrow';
    const own = '`readFileSync`';
    const work = `opening ${Math.round(size / 1e6)} MB`;
    gains.push(
      { client, work, own, ...timed(open) },
      {
        client,
        work: `${work}: memory`,
        own,
        unit: 'bytes',
        before: memory('node'),
        after: memory('smmap'),
      },
    );
    const part = memory('smmap') / size;
    assert.ok(part < 0.1, `${part} of the file is in memory after it was opened`);
    assert.ok(memory('node') > 0.9 * size, 'readFileSync took less than the file');
    assert.ok(open.ratio >= 5, `opened ${open.ratio} times as fast`);
  });
});
