/** A read by another thread into or from a view whose region closes meanwhile. */

import assert from 'node:assert/strict';
import { randomFill } from 'node:crypto';
import { closeSync, openSync, read, readFileSync, write } from 'node:fs';
import { join } from 'node:path';
import { deflate } from 'node:zlib';
import { PAGE_SIZE, SlidingWindowMapManager } from 'smmap';
import { contentBytes, tempDir, writeContent } from '../support/files.js';
import { hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';
import { randomFrom } from '../support/random.js';

const WINDOW = 16 * PAGE_SIZE;
const COUNT = 32;
const ROUNDS = 300;

const dir = tempDir();

function worldOf(name: string): { path: string; manager: SlidingWindowMapManager } {
  const path = join(dir, name);
  writeContent(path, COUNT * WINDOW);
  const manager = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: 8 * WINDOW });
  return { path, manager };
}

type Answer = (error: NodeJS.ErrnoException | null, bytes: number) => void;

/**
 * Lets `start` work on views whose region is closed at some moment of the work, while
 * other windows of two files are mapped where the closed ones lay; then compares all.
 */
async function closeMeanwhile(start: (view: Buffer, answer: Answer) => void): Promise<string[]> {
  const one = worldOf('one.bin');
  const other = worldOf('other.bin');
  const random = randomFrom(5);
  const answers: string[] = [];
  const standing = other.manager.makeCursor(other.path);
  for (let round = 0; round < ROUNDS; round++) {
    const cursor = one.manager.makeCursor(one.path).useRegion(random(0, COUNT) * WINDOW);
    const answered = new Promise<void>((resolve) => {
      start(cursor.buffer(), (error) => {
        answers.push(error === null || error === undefined ? 'success' : String(error.code));
        resolve();
      });
    });
    for (let spin = random(0, 20_000); spin > 0; spin--) random(0, 2);
    cursor.close();
    one.manager.collect();
    for (let k = 0; k < 8; k++) {
      const at = random(0, COUNT) * WINDOW;
      assert.ok(standing.useRegion(at).buffer().equals(contentBytes(at, WINDOW)));
    }
    await answered;
    const at = standing.ofsBegin;
    assert.ok(standing.buffer().equals(contentBytes(at, WINDOW)), 'another mapping was changed');
  }
  for (const { path, manager } of [one, other]) {
    assert.ok(readFileSync(path).equals(contentBytes(0, COUNT * WINDOW)), 'a file was changed');
    manager.close();
    assert.equal(mapped(path).lines, 0);
  }
  assert.equal(answers.length, ROUNDS);
  return [...new Set(answers)].sort();
}

function assertOnly(answers: string[], allowed: readonly string[]): void {
  for (const answer of answers) assert.ok(allowed.includes(answer), `it ended with ${answer}`);
}

await hazards(import.meta.url, {
  'fs.read into a view': async () => {
    const fd = openSync('/dev/urandom', 'r');
    const answers = await closeMeanwhile((view, answer) => read(fd, view, 0, WINDOW, null, answer));
    assertOnly(answers, ['EFAULT', 'success']);
    closeSync(fd);
  },

  'fs.read of one file into the view of another': async () => {
    const source = join(dir, 'source.bin');
    writeContent(source, WINDOW);
    const fd = openSync(source, 'r');
    const answers = await closeMeanwhile((view, answer) => read(fd, view, 0, WINDOW, 0, answer));
    assertOnly(answers, ['EFAULT', 'success']);
    closeSync(fd);
  },

  'fs.write from a view': async () => {
    const fd = openSync(join(dir, 'target.bin'), 'w');
    const answers = await closeMeanwhile((view, answer) => write(fd, view, 0, WINDOW, 0, answer));
    assertOnly(answers, ['EFAULT', 'success']);
    closeSync(fd);
  },

  'zlib compresses a view': async () => {
    const room = { chunkSize: 2 * WINDOW }; // with less, Node's zlib itself fails on a detached input
    const answers = await closeMeanwhile((view, answer) => {
      deflate(view, room, (error) => answer(error, 0));
    });
    assertOnly(answers, ['success']);
  },

  'crypto fills a view': async () => {
    const answers = await closeMeanwhile((view, answer) => {
      randomFill(view, (error) => answer(error, 0));
    });
    assertOnly(answers, ['success', 'ERR_CRYPTO_OPERATION_FAILED']); // Bun refuses an empty view
  },
});
