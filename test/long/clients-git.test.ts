/** isomorphic-git on packs that `gitFs` maps: git itself is the judge. */

import assert from 'node:assert/strict';
import fs, { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import git from 'isomorphic-git';
import { type MapManagerOptions, SlidingWindowMapManager } from 'smmap';
import { gitFs } from 'smmap/clients';
import { fetched } from '../support/clients/data.js';
import { type Gain, publishGains, timed } from '../support/clients/gains.js';
import { git as command, makeRepository } from '../support/clients/git-repository.js';
import { tempDir } from '../support/files.js';
import { Measured } from '../support/memory.js';
import { mapped } from '../support/proc-maps.js';
import { ratioOf } from '../support/ratios.js';
import { fullSize, scaled } from '../support/scale.js';
import type { FirstBlob } from './clients/first-blob.js';

/** Of so many blobs one is compared. */
const EVERY = scaled(1, 400);

const gitdir = fullSize ? fetched('linux.git') : makeSample();
const pack = await packOf(gitdir);
const packBytes = statSync(pack).size;
const gains: Gain[] = [];
const figures: Record<string, unknown> = { packBytes };

after(() => publishGains('git', gains, figures));

function makeSample(): string {
  const path = join(tempDir(), 'sample.git');
  makeRepository(path, 400, 4);
  return path;
}

async function packOf(repository: string): Promise<string> {
  const folder = join(repository, 'objects', 'pack');
  const [name, ...others] = (await readdir(folder)).filter((file) => file.endsWith('.pack'));
  assert.equal(others.length, 0);
  return join(folder, name as string);
}

/** The files of the newest commit as git lists them. */
const listed = command(gitdir, ['ls-tree', '-r', '-z', 'HEAD'])
  .toString()
  .split('\0')
  .slice(0, -1)
  .map((line) => {
    const [meta = '', path = ''] = line.split('\t');
    return { oid: meta.split(' ')[2] as string, path };
  });

const MANAGERS: Readonly<Record<string, MapManagerOptions>> = {
  'in the budget': {},
  'larger than a window': { windowSize: 2 ** 16, maxMemorySize: 2 ** 20 },
};

for (const [name, options] of Object.entries(MANAGERS)) {
  test(`the pack ${name}: blobs are those of git cat-file, files those of git ls-tree`, async () => {
    using manager = new SlidingWindowMapManager(options);
    using shape = gitFs(manager, fs);
    const cache = {};
    const given = { fs: shape, gitdir, cache };
    const chosen = listed.filter((_, i) => i % EVERY === 0);
    const oids = chosen.map(({ oid }) => `${oid}\n`).join('');
    const expected = command(gitdir, ['cat-file', '--batch'], oids);
    let at = 0;
    for (const { oid } of chosen) {
      const { blob } = await git.readBlob({ ...given, oid });
      const header = `${oid} blob ${blob.length}\n`;
      const end = at + header.length + blob.length + 1;
      assert.equal(expected.toString('latin1', at, at + header.length), header);
      assert.ok(expected.subarray(at + header.length, end - 1).equals(blob), oid);
      at = end;
    }
    assert.equal(at, expected.length);
    assert.ok(chosen.length > 100);
    const files = await git.listFiles({ ...given, ref: 'HEAD' });
    assert.deepEqual(files.sort(), listed.map(({ path }) => path).sort());
    assert.equal(mapped(pack).lines, 1, 'the pack is mapped once');
    assert.deepEqual(
      await git.log({ ...given, depth: 3 }),
      await git.log({ fs, gitdir, depth: 3 }),
    );
    Object.assign(figures, { blobs: chosen.length, files: files.length });
  });
}

/** What a process of its own takes that reads so many blobs, all over the tree. */
async function read(way: string, blobs: number): Promise<FirstBlob & { peak: number }> {
  const program = fileURLToPath(new URL('./clients/first-blob.js', import.meta.url));
  const step = Math.floor(listed.length / blobs);
  const oids = Array.from({ length: blobs }, (_, i) => listed[i * step]?.oid as string);
  const child = new Measured([program, way, gitdir, ...oids]);
  const peak = await child.peakAnonymousBytes();
  const result = await child.result<FirstBlob>();
  await child.end();
  return { peak, ...result };
}

test('the memory that blobs take, and the time', {
  skip: fullSize ? false : 'for npm run prove',
}, async () => {
  const pack = `of a pack of ${Math.round(packBytes / 1e6)} MB`;
  const runs: Record<string, (FirstBlob & { peak: number })[]> = {};
  for (let round = 0; round < 3; round++) {
    for (const blobs of [1, 1_000]) {
      for (const way of ['node', 'smmap']) {
        runs[`${way}, ${blobs} blobs`] ??= [];
        runs[`${way}, ${blobs} blobs`]?.push(await read(way, blobs));
      }
    }
  }
  const most = (name: string) => Math.max(...(runs[name] ?? []).map(({ peak }) => peak));
  const times = (name: string) => (runs[name] ?? []).map((run) => run.milliseconds);
  const client = 'isomorphic-git';
  const own = '`node:fs`';
  gains.push(
    {
      client,
      work: `the first blob ${pack}: peak memory`,
      own,
      unit: 'bytes',
      before: most('node, 1 blobs'),
      after: most('smmap, 1 blobs'),
    },
    {
      client,
      work: `1,000 blobs ${pack}: peak memory`,
      own,
      unit: 'bytes',
      before: most('node, 1000 blobs'),
      after: most('smmap, 1000 blobs'),
    },
    {
      client,
      work: `the first blob ${pack}`,
      own,
      ...timed(ratioOf(times('node, 1 blobs'), times('smmap, 1 blobs'))),
    },
  );
  Object.assign(figures, { runs });
  const part = most('smmap, 1 blobs') / packBytes;
  assert.ok(part < 0.4, `${part} of the pack after one blob`);
  assert.ok(most('node, 1 blobs') > packBytes, 'node:fs took less than the pack');
});
