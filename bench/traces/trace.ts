/** Recorded accesses to files: what the policies are compared on. */
import { createHash } from 'node:crypto';

/** One access: bytes of a file that were read in one go. */
export interface Access {
  readonly file: number;
  /** First byte, an offset into the file. */
  readonly offset: number;
  /** Bytes, 1 or more. */
  readonly length: number;
}

/** Accesses in order, with what is needed to run them again. */
export interface Trace {
  readonly name: string;
  /** One sentence: whose accesses these are, or could be. */
  readonly about: string;
  /** Bytes in a window; 0: a file is mapped whole. */
  readonly windowSize: number;
  /** Bytes in each file. */
  readonly fileSizes: readonly number[];
  readonly accesses: readonly Access[];
}

/** A trace as a policy sees it: which region each access enters. */
export interface Entries {
  /** Regions by number, in the order of accesses. */
  readonly keys: Uint32Array;
  /** Bytes of each region. */
  readonly sizes: Float64Array;
}

const PAGE = 4096;

/** The regions that the accesses of a trace enter: an access across a border enters several. */
export function entriesOf({ windowSize, fileSizes, accesses }: Trace): Entries {
  const numbers = new Map<string, number>();
  const sizes: number[] = [];
  const keys: number[] = [];
  for (const { file, offset, length } of accesses) {
    const fileSize = fileSizes[file] as number;
    const window = windowSize === 0 ? fileSize : windowSize;
    for (let begin = offset - (offset % window); begin < offset + length; begin += window) {
      const name = `${file}:${begin}`;
      let key = numbers.get(name);
      if (key === undefined) {
        key = numbers.size;
        numbers.set(name, key);
        sizes.push(Math.ceil(Math.min(window, fileSize - begin) / PAGE) * PAGE);
      }
      keys.push(key);
    }
  }
  return { keys: Uint32Array.from(keys), sizes: Float64Array.from(sizes) };
}

/** Fingerprint of the accesses: a generated trace is the same wherever and whenever it is made. */
export function digestOf({ windowSize, fileSizes, accesses }: Trace): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([windowSize, fileSizes]));
  for (const { file, offset, length } of accesses) hash.update(`${file} ${offset} ${length}\n`);
  return hash.digest('hex');
}
