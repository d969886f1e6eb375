/** What a process had mapped of one file, to the byte and at every moment: from strace's record. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alignToMmap } from 'smmap';

/** Arguments for strace, before the program: a file for each thread, `call.<thread>` in `folder`. */
export function straceTo(folder: string): string[] {
  return [
    '-ff',
    '--seccomp-bpf',
    '-y',
    '-e',
    'trace=mmap,mremap,munmap',
    '-o',
    join(folder, 'call'),
  ];
}

/** What a record tells of one file. */
export interface Traced {
  /** How often part of the file was mapped. */
  maps: number;
  /** The most bytes of address space that mappings of the file had at one time. */
  mostBytes: number;
}

/** A mapping of the file: addresses, the end not included. */
interface Span {
  start: number;
  end: number;
}

const MMAP = /^mmap\((NULL|0x[0-9a-f]+), (\d+), [^,]+, ([^,]+), ([^,]+), [^)]+\) += (0x[0-9a-f]+)$/;
const MREMAP = /^mremap\((0x[0-9a-f]+), (\d+), (\d+), [^)]+\) += (0x[0-9a-f]+)$/;
const MUNMAP = /^munmap\((0x[0-9a-f]+), (\d+)\) += 0$/;

/**
 * Replays what the threads of one process did.
 * @throws Error when more than one thread mapped the file: then the order is not known
 */
export function replay(folder: string, path: string): Traced {
  const records = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const mapping = records.filter((text) => text.includes(`<${path}>`));
  const [record] = mapping;
  if (record === undefined || mapping.length > 1) {
    throw new Error(`${mapping.length} threads mapped ${path}`);
  }
  return new Replay(path).run(record.trimEnd().split('\n'));
}

class Replay {
  readonly #path: string;
  #spans: Span[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  run(lines: readonly string[]): Traced {
    const traced: Traced = { maps: 0, mostBytes: 0 };
    for (const line of lines) {
      if (this.#isMapping(line)) traced.maps++;
      const bytes = this.#spans.reduce((sum, { start, end }) => sum + end - start, 0);
      traced.mostBytes = Math.max(traced.mostBytes, bytes);
    }
    return traced;
  }

  /** Does what the line says; true when it mapped the file. */
  #isMapping(line: string): boolean {
    const [, unmapped, unmappedSize] = MUNMAP.exec(line) ?? [];
    if (unmapped !== undefined) this.#clear(Number(unmapped), Number(unmappedSize));
    const [, from, oldSize, newSize, to] = MREMAP.exec(line) ?? [];
    if (from !== undefined) this.#move(Number(from), Number(oldSize), Number(to), Number(newSize));
    const [, , size, , descriptor, address] = MMAP.exec(line) ?? [];
    if (address === undefined || descriptor === undefined) {
      if (line.includes(`<${this.#path}>`)) throw new Error(`cannot read ${line}`);
      return false;
    }
    const isFile = descriptor.endsWith(`<${this.#path}>`);
    this.#put(Number(address), Number(size), isFile);
    return isFile;
  }

  /** What was there before is gone, be it the file's or not. */
  #put(start: number, size: number, isFile: boolean): void {
    this.#clear(start, size);
    if (isFile) this.#spans.push({ start, end: start + alignToMmap(size, true) });
  }

  /** An old size of 0 leaves what is there and maps the same once more. */
  #move(from: number, oldSize: number, to: number, newSize: number): void {
    const isFile = this.#spans.some(({ start, end }) => start <= from && from < end);
    if (oldSize > 0) this.#clear(from, oldSize);
    this.#put(to, newSize, isFile);
  }

  #clear(start: number, size: number): void {
    const end = start + alignToMmap(size, true);
    this.#spans = this.#spans.flatMap((span) =>
      [
        { start: span.start, end: Math.min(span.end, start) },
        { start: Math.max(span.start, end), end: span.end },
      ].filter((rest) => rest.start < rest.end),
    );
  }
}
