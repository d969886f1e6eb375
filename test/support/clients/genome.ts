/** Makes small genomes, and reads of them, with the indexes that samtools makes. */

import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { contentByte } from '../files.js';

/** Why what needs samtools cannot run here. */
export const withoutSamtools =
  spawnSync('samtools', ['--version']).status === 0 ? false : 'samtools is not installed';

/** What samtools prints. */
export function samtools(...args: string[]): string {
  return execFileSync('samtools', args, { encoding: 'latin1', maxBuffer: 2 ** 30 });
}

/** The residues of a sequence, which depend on where they stand. */
export function residues(sequence: number, start: number, length: number): string {
  let text = '';
  for (let i = start; i < start + length; i++)
    text += 'ACGT'[contentByte(sequence * 2 ** 24 + i) & 3];
  return text;
}

/** Names and lengths of the sequences of {@link writeFasta}. */
export const SEQUENCES = [1_500_000, 700_001, 60, 61, 59, 1, 250_000].map((length, i) => ({
  name: `seq${i}`,
  length,
}));

/** Writes a FASTA of these sequences in lines of 60, and its index beside it. */
export function writeFasta(path: string): void {
  const text = SEQUENCES.map(({ name, length }, i) => {
    const lines = residues(i, 0, length).match(/.{1,60}/g) ?? [];
    return `>${name} made for a test\n${lines.join('\n')}\n`;
  });
  writeFileSync(path, text.join(''));
  samtools('faidx', path);
}

/** Writes `count` reads of these sequences as BAM, sorted, and its index beside it. */
export function writeBam(path: string, count: number): void {
  const lines = SEQUENCES.map(({ name, length }) => `@SQ\tSN:${name}\tLN:${length}`);
  for (let i = 0; i < count; i++) {
    const sequence = i % 2;
    const length = 50 + (contentByte(i) % 100);
    const start = Math.floor(
      (((i * 7919) % count) * ((SEQUENCES[sequence]?.length ?? 0) - 200)) / count,
    );
    const bases = residues(sequence, start, length);
    const quality = 'F'.repeat(length);
    lines.push(
      `read${i}\t0\tseq${sequence}\t${start + 1}\t60\t${length}M\t*\t0\t0\t${bases}\t${quality}\tNM:i:0`,
    );
  }
  writeFileSync(`${path}.sam`, `${lines.join('\n')}\n`);
  samtools('sort', '-o', path, `${path}.sam`);
  samtools('index', path);
}
