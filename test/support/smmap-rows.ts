/**
 * The faults of Python's smmap, each a row with a number. What smmap answers is written
 * beside what is right, and a live smmap is asked whether that is so.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import {
  type MapManagerOptions,
  PAGE_SIZE,
  SlidingWindowMapManager,
  StaticWindowMapManager,
  type WindowCursor,
} from 'smmap';
import { checkout } from './checkout.js';
import { contentBytes, tempDir } from './files.js';
import { mapped, mapsLines } from './proc-maps.js';
import { pythonWithSmmap } from './python-rows.js';

/** One fault. Answers are what JSON can hold, so that two languages can give them. */
export interface Row {
  /** The right answer. */
  right: unknown;
  /** The answer of smmap 5.0.0. */
  smmap: unknown;
  /** Asks this package; what it gives is awaited. */
  ours: () => unknown;
}

type Manager = SlidingWindowMapManager | StaticWindowMapManager;

/** What there is for each kind of manager. */
export interface Both<T> {
  sliding: T;
  static: T;
}

/** Makes a manager of one kind. */
export type Make = (options?: MapManagerOptions) => Manager;

/** Managers with windows of four pages, and those that map whole files. */
const MAKERS: Both<Make> = {
  sliding: (options) => new SlidingWindowMapManager({ windowSize: 4 * PAGE_SIZE, ...options }),
  static: (options) => new StaticWindowMapManager(options),
};

/** Bytes of position-dependent content that the files of both languages are made of. */
const CONTENT_SIZE = 40 * PAGE_SIZE;

const dir = tempDir();
let filesMade = 0;

/** A new file of `size` bytes: those of the content from `start`. */
export function newFile(size: number, start = 0): string {
  const path = join(dir, `file-${++filesMade}`);
  writeFileSync(path, contentBytes(start, size));
  return path;
}

/** The answers of both kinds of managers. */
export function both<T>(answer: (make: Make) => T): Both<T> {
  return { sliding: answer(MAKERS.sliding), static: answer(MAKERS.static) };
}

/** One answer that both kinds of managers are to give. */
export function same<T>(answer: T): Both<T> {
  return { sliding: answer, static: answer };
}

/** The content's bytes at `offset`, as numbers. */
export function numbersAt(offset: number, length: number): number[] {
  return [...contentBytes(offset, length)];
}

/** The answers for a file that is named by its path, and for one named by a descriptor. */
export function byNameAndNumber<T>(answer: (nameOf: (path: string) => string | number) => T): {
  path: T;
  descriptor: T;
} {
  const descriptors: number[] = [];
  try {
    const path = answer((path) => path);
    const descriptor = answer((path) => {
      const fd = openSync(path, 'r');
      descriptors.push(fd);
      return fd;
    });
    return { path, descriptor };
  } finally {
    for (const fd of descriptors) closeSync(fd);
  }
}

/**
 * Makes cursors that stand on one page each: of one file where the manager's windows
 * are pages, of a file of its own where whole files are mapped.
 */
export function pagesOf(manager: Manager): (page: number) => WindowCursor {
  if (manager.windowSize === 0) {
    return (page) => manager.makeCursor(newFile(PAGE_SIZE, page * PAGE_SIZE)).useRegion(0);
  }
  const path = newFile(CONTENT_SIZE);
  return (page) => manager.makeCursor(path).useRegion(page * PAGE_SIZE);
}

/** What a call gives, or the code of what it throws. */
export function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
}

/** Regions, and pages mapped: what the only open manager says, which must be what the kernel says. */
export function books(manager: Manager): [regions: number, pages: number] {
  const { bytes } = mapped(dir);
  assert.equal(manager.stats().mappedBytes, bytes);
  assert.ok(manager.mappedMemorySize <= bytes);
  return [manager.numFileHandles, bytes / PAGE_SIZE];
}

/** The numbers of the file's pages that the kernel has mapped. */
export function pagesMapped(path: string): number[] {
  const pages: number[] = [];
  for (const { path: file, offset, size } of mapsLines()) {
    if (file !== path) continue;
    for (let done = 0; done < size; done += PAGE_SIZE) pages.push((offset + done) / PAGE_SIZE);
  }
  return pages.sort((a, b) => a - b);
}

/**
 * Two tests of each row: that ours is right, and that smmap is wrong in the way that is written.
 * @param theme which program of `smmap-rows/` asks smmap the same questions
 * @param table rows by the title of their test, `row 7: …`
 */
export function rows(theme: string, table: Readonly<Record<string, Row>>): void {
  const python = pythonWithSmmap();
  const skip = python === undefined ? 'no Python here has smmap' : false;
  const live = python === undefined ? undefined : askSmmap(python, theme);
  const numbers: string[] = [];
  for (const [title, { right, smmap, ours }] of Object.entries(table)) {
    const [, number] = /^row (\d+): /.exec(title) ?? [];
    assert.ok(number !== undefined, title);
    numbers.push(number);
    test(title, async () => {
      assert.deepEqual(await ours(), right);
      assert.notDeepEqual(smmap, right);
    });
    test(`row ${number} of smmap is as wrong as we say`, { skip }, async () => {
      assert.deepEqual((await live)?.[number], smmap);
    });
  }
  test(`smmap is asked about these rows and no other: ${theme}`, { skip }, async () => {
    assert.deepEqual(Object.keys((await live) ?? {}).sort(), numbers.sort());
  });
}

async function askSmmap(python: string, theme: string): Promise<Record<string, unknown>> {
  const folder = join(dir, 'python');
  mkdirSync(folder);
  writeFileSync(join(folder, 'content'), contentBytes(0, CONTENT_SIZE));
  const program = join(checkout, 'test', 'support', 'smmap-rows', `${theme}.py`);
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await promisify(execFile)(python, [program, folder], { env });
  return JSON.parse(stdout);
}
