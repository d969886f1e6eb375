/** What hostile calls find and leave behind: files, and every object that was given out. */

import { closeSync, openSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { contentBytes, tempDir, writeContent } from '../../support/files.js';
import { randomFrom } from '../../support/random.js';

/** The folder of all files; the process works in it. */
export const folder: string = tempDir();
process.chdir(folder);

const SIZES = { 'large.bin': 300_003, 'small.bin': 32_768, 'odd.bin': 5_001 } as const;
const NAMES = [...Object.keys(SIZES), 'lines.txt', 'empty'];

/** Thrown by code that the hostile caller brings: it must come through as it is. */
export class Marker extends Error {}

interface Closable {
  close(): unknown;
}

/** One round: everything in it depends on the seed. */
export class World {
  readonly random: (from: number, to: number) => number;
  /** Every object of the package's own classes that was given out, newest last. */
  readonly objects: object[] = [];
  /** Bytes that were given out: views and copies. */
  readonly views: Uint8Array[] = [];
  readonly pending: Promise<unknown>[] = [];
  readonly #descriptors: number[] = [];
  #acting = false;

  constructor(seed: number) {
    this.random = randomFrom(seed);
    for (const [name, size] of Object.entries(SIZES)) writeContent(join(folder, name), size);
    writeFileSync('lines.txt', 'one\ntwo\r\n\nfour'.repeat(700));
    writeFileSync('empty', '');
    for (const flags of ['r', 'r+']) this.#descriptors.push(openSync('large.bin', flags));
  }

  pick<T>(from: readonly T[]): T {
    return from[this.random(0, from.length)] as T;
  }

  chance(oneIn: number): boolean {
    return this.random(0, oneIn) === 0;
  }

  path(): unknown {
    const name = this.pick(NAMES);
    const whole = join(folder, name);
    const special = ['.', '/dev/null', '/dev/zero', '/proc/self/status', 'missing', ''];
    return this.pick([name, whole, Buffer.from(whole), pathToFileURL(whole), this.pick(special)]);
  }

  descriptor(): number {
    return this.pick(this.#descriptors);
  }

  /** One of the objects of a class; the newest more often. */
  find<T extends object>(made: abstract new (...args: never[]) => T): T | undefined {
    const found = this.objects.filter((each): each is T => each instanceof made);
    return this.chance(2) ? found.at(-1) : this.pick(found);
  }

  /** Does something that whoever is at work now did not expect. */
  act(): void {
    if (this.#acting) return; // what is closed here may call back
    this.#acting = true;
    try {
      this.#surprise();
    } finally {
      this.#acting = false;
    }
  }

  #surprise(): void {
    const name = this.pick(NAMES);
    switch (this.random(0, 12)) {
      case 0:
        truncateSync(name, this.random(0, 10) * 4096);
        break;
      case 1:
        writeFileSync('fresh', contentBytes(0, this.random(0, 50_000)));
        renameSync('fresh', name);
        break;
      case 2:
        rmSync(name, { force: true });
        writeFileSync(name, contentBytes(7, 20_000));
        break;
      case 3:
        globalThis.gc?.();
        break;
      case 4:
        throw new Marker('from the caller');
      default:
        closeQuietly(this.pick(this.objects));
        break;
    }
  }

  /** Closes everything, in any order; what throws at closing has closed all the same. */
  async end(): Promise<void> {
    await Promise.all(this.pending);
    const rest = [...this.objects];
    while (rest.length > 0) {
      const [object] = rest.splice(this.random(0, rest.length), 1);
      closeQuietly(object);
    }
    for (const fd of this.#descriptors) closeSync(fd);
  }
}

function closeQuietly(object: object | undefined): void {
  try {
    (object as Closable | undefined)?.close?.();
  } catch {
    // what it says is judged where it is called on purpose
  }
}
