/** A file of very many pages that takes little room: every sixteenth begins with content, the others are holes. */

import assert from 'node:assert/strict';
import { PAGE_SIZE, type WindowCursor } from 'smmap';
import { contentBytes, writeIslands } from '../../support/files.js';

/** Bytes of content in a page that has some. */
const LENGTH = 8;
const EVERY = 16;

export function writePages(path: string, count: number): void {
  const islands = Array.from({ length: Math.ceil(count / EVERY) }, (_, k) => {
    return { offset: k * EVERY * PAGE_SIZE, length: LENGTH };
  });
  writeIslands(path, count * PAGE_SIZE, islands);
}

/** Asserts that the cursor stands at the beginning of the page, and reads what is there. */
export function assertPage(cursor: WindowCursor, page: number): void {
  const offset = page * PAGE_SIZE;
  assert.equal(cursor.ofsBegin, offset);
  const wanted = page % EVERY === 0 ? contentBytes(offset, LENGTH) : Buffer.alloc(LENGTH);
  assert.deepEqual(cursor.buffer().subarray(0, LENGTH), wanted, `page ${page}`);
}
