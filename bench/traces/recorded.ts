/** Traces recorded from other programs, kept beside this file: see `record-git.ts` and `record-sqlite.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { checkout } from '../../test/support/checkout.js';
import type { Access, Trace } from './trace.js';

const FOLDER = 'bench/traces';

/** The names of the recorded traces. */
export const RECORDED = ['git', 'sqlite'] as const;

export type RecordedName = (typeof RECORDED)[number];

function pathOf(name: string): string {
  return join(checkout, FOLDER, `${name}.trace.br`);
}

/** Reads a recorded trace. */
export function recordedTrace(name: RecordedName): Trace {
  const bytes = brotliDecompressSync(readFileSync(pathOf(name)));
  const headEnd = bytes.indexOf('\n');
  const head = JSON.parse(bytes.toString('utf8', 0, headEnd)) as Omit<Trace, 'accesses'>;
  return { ...head, accesses: decode(bytes.subarray(headEnd + 1), head.fileSizes.length) };
}

/** Writes a trace as {@link recordedTrace} reads it: a line of JSON, then three numbers an access. */
export function keep({ accesses, ...head }: Trace): void {
  const bytes = Buffer.concat([
    Buffer.from(`${JSON.stringify(head)}\n`),
    encode(accesses, head.fileSizes.length),
  ]);
  const params = { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS };
  writeFileSync(pathOf(head.name), brotliCompressSync(bytes, { params }));
}

/** File, way from the end of the last access to that file, length: seven bits a byte, the low ones first. */
function encode(accesses: readonly Access[], files: number): Buffer {
  const bytes: number[] = [];
  const put = (value: number) => {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  };
  const ends = new Array<number>(files).fill(0);
  for (const { file, offset, length } of accesses) {
    const way = offset - (ends[file] as number);
    put(file);
    put(way < 0 ? -2 * way - 1 : 2 * way);
    put(length);
    ends[file] = offset + length;
  }
  return Buffer.from(bytes);
}

function decode(bytes: Buffer, files: number): Access[] {
  const accesses: Access[] = [];
  const ends = new Array<number>(files).fill(0);
  let at = 0;
  const take = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] as number;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const file = take();
    const folded = take();
    const way = folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2;
    const offset = (ends[file] as number) + way;
    const length = take();
    accesses.push({ file, offset, length });
    ends[file] = offset + length;
  }
  return accesses;
}
