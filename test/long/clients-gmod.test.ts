/** GMOD's packages on `fileHandle`: samtools and their own LocalFile are the judges. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BamFile } from '@gmod/bam';
import { IndexedFasta } from '@gmod/indexedfasta';
import { type GenericFilehandle, LocalFile } from 'generic-filehandle2';
import { type MapManagerOptions, SlidingWindowMapManager } from 'smmap';
import { fileHandle } from 'smmap/clients';
import { fetched } from '../support/clients/data.js';
import { type Gain, publishGains, timed } from '../support/clients/gains.js';
import { samtools, withoutSamtools, writeBam, writeFasta } from '../support/clients/genome.js';
import { tempDir } from '../support/files.js';
import { randomFrom } from '../support/random.js';
import { ratios } from '../support/ratios.js';
import { fullSize, scaled } from '../support/scale.js';

const REGIONS = 2_000;
const LENGTH = 200;
const QUERIES = 60;

const MANAGERS: Readonly<Record<string, MapManagerOptions>> = {
  'windows as usual': {},
  'windows of 64 KiB within 1 MiB': {
    windowSize: 2 ** 16,
    maxMemorySize: 2 ** 20,
    hardLimit: true,
  },
};

const dir = tempDir();
const fasta = fullSize ? fetched('chrX.fa') : join(dir, 'sample.fa');
const bam = fullSize ? fetched('sirv.bam') : join(dir, 'sample.bam');
const gains: Gain[] = [];
const figures: Record<string, unknown> = {};

after(() => publishGains('gmod', gains, figures));

/** A region; its first residue is number 0, its last one is not part of it. */
interface Region {
  name: string;
  start: number;
  end: number;
}

describe('indexedfasta', { skip: withoutSamtools }, () => {
  let regions: Region[] = [];
  let expected: string[] = [];

  before(async () => {
    if (!fullSize) writeFasta(fasta);
    const names = await openFasta((path) => new LocalFile(path)).getSequenceSizes();
    const large = Object.entries(names).filter(([, size]) => size > LENGTH);
    const random = randomFrom(7);
    regions = Array.from({ length: REGIONS }, () => {
      const [name, size] = large[random(0, large.length)] as [string, number];
      const start = random(0, size - LENGTH);
      return { name, start, end: start + LENGTH };
    });
    expected = faidx(regions);
  });

  function openFasta(open: (path: string) => GenericFilehandle): IndexedFasta {
    return new IndexedFasta({ fasta: open(fasta), fai: open(`${fasta}.fai`) });
  }

  /** What samtools says stands there. */
  function faidx(asked: readonly Region[]): string[] {
    const list = join(dir, 'regions.txt');
    writeFileSync(
      list,
      asked.map(({ name, start, end }) => `${name}:${start + 1}-${end}\n`).join(''),
    );
    const records = samtools('faidx', '-r', list, fasta).split('>').slice(1);
    return records.map((record) => record.slice(record.indexOf('\n')).replaceAll('\n', ''));
  }

  for (const [name, options] of Object.entries(MANAGERS)) {
    test(`${REGIONS} regions are those of samtools faidx, and of LocalFile: ${name}`, async () => {
      using manager = new SlidingWindowMapManager(options);
      const ours = openFasta((path) => fileHandle(manager, path));
      const theirs = openFasta((path) => new LocalFile(path));
      assert.equal(expected.length, REGIONS);
      for (const [i, { name: sequence, start, end }] of regions.entries()) {
        const residues = await ours.getSequence(sequence, start, end);
        assert.equal(residues, expected[i]);
        assert.equal(residues, await theirs.getSequence(sequence, start, end));
      }
      const { peakMappedBytes, bent } = manager.stats();
      assert.ok(peakMappedBytes <= manager.maxMappedMemorySize);
      assert.equal(bent, 0);
    });
  }

  test('at once, all regions are right', async () => {
    using manager = new SlidingWindowMapManager({ windowSize: 2 ** 16, maxMemorySize: 2 ** 20 });
    const ours = openFasta((path) => fileHandle(manager, path));
    const all = regions.map(({ name, start, end }) => ours.getSequence(name, start, end));
    assert.deepEqual(await Promise.all(all), expected);
  });

  test('the time it takes', { skip: fullSize ? false : 'for npm run prove' }, async () => {
    using manager = new SlidingWindowMapManager();
    const handles = {
      node: openFasta((path) => new LocalFile(path)),
      smmap: openFasta((path) => fileHandle(manager, path)),
    };
    const readAll = (source: IndexedFasta) => async () => {
      for (const { name, start, end } of regions) await source.getSequence(name, start, end);
    };
    const took = await ratios(5, {
      node: readAll(handles.node),
      smmap: readAll(handles.smmap),
    });
    figures.fasta = { regions: REGIONS, ...took };
    gains.push({
      client: '@gmod/indexedfasta',
      work: `${LENGTH} bases anywhere in 71 MB`,
      own: '`LocalFile`',
      ...timed(took, REGIONS),
    });
    assert.ok(took.ratio >= 3, `${took.ratio} times as fast as LocalFile`);
  });
});

describe('bam', { skip: withoutSamtools }, () => {
  before(() => {
    if (!fullSize) writeBam(bam, 20_000);
  });

  async function openBam(open: (path: string) => GenericFilehandle): Promise<BamFile> {
    const file = new BamFile({ bamFilehandle: open(bam), baiFilehandle: open(`${bam}.bai`) });
    await file.getHeader();
    return file;
  }

  /** Regions of the sequences that have reads. */
  function queries(): Region[] {
    const random = randomFrom(11);
    const sequences = samtools('idxstats', bam)
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([, , reads]) => Number(reads) > 0)
      .map(([name = '', size]) => ({ name, size: Number(size) }));
    return Array.from({ length: QUERIES }, () => {
      const { name, size } = sequences[random(0, sequences.length)] as {
        name: string;
        size: number;
      };
      const start = random(0, size >> 1);
      return { name, start, end: start + scaled(size >> 3, size >> 4) };
    });
  }

  for (const [name, options] of Object.entries(MANAGERS)) {
    test(`${QUERIES} queries give the records of LocalFile, as many as samtools counts: ${name}`, async () => {
      using manager = new SlidingWindowMapManager(options);
      const ours = await openBam((path) => fileHandle(manager, path));
      const theirs = await openBam((path) => new LocalFile(path));
      let records = 0;
      for (const { name: sequence, start, end } of queries()) {
        const got = await ours.getRecordsForRange(sequence, start, end);
        const expected = await theirs.getRecordsForRange(sequence, start, end);
        assert.deepEqual(got.map(text), expected.map(text));
        const counted = samtools('view', '-c', bam, `${sequence}:${start + 1}-${end}`);
        // The package also gives a record that ends where the region begins.
        const inside = got.filter((record) => record.end > start && record.start < end);
        assert.equal(inside.length, Number(counted));
        records += got.length;
      }
      assert.ok(records > QUERIES);
      assert.equal(manager.stats().bent, 0);
      figures.bam = { queries: QUERIES, records };
    });
  }

  test('the time it takes', { skip: fullSize ? false : 'for npm run prove' }, async () => {
    using manager = new SlidingWindowMapManager();
    const asked = queries();
    const readAll = (open: (path: string) => GenericFilehandle) => async () => {
      const file = await openBam(open); // anew: it keeps what it read
      for (const { name, start, end } of asked) await file.getRecordsForRange(name, start, end);
    };
    const took = await ratios(2, {
      node: readAll((path) => new LocalFile(path)),
      smmap: readAll((path) => fileHandle(manager, path)),
    });
    gains.push({
      client: '@gmod/bam',
      work: 'the records of a region',
      own: '`LocalFile`',
      ...timed(took, QUERIES),
    });
  });

  function text(record: { toJSON(): unknown }): string {
    return JSON.stringify(record.toJSON());
  }
});
