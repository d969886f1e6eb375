/** Whoever hears that a window was mapped may read in the same buffer: the call goes on as if not. */

import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  InvalidCursorError,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
} from 'smmap';
import { Listener } from './support/events.js';
import { contentByte, contentBytes, tempDir, writeContent } from './support/files.js';

const WINDOW = PAGE_SIZE;
const SIZE = 8 * WINDOW;
const dir = tempDir();
const path = join(dir, 'content.bin');
writeContent(path, SIZE);
const content = contentBytes(0, SIZE);

function open(windows = 8): SlidingWindowMapBuffer {
  const manager = new SlidingWindowMapManager({
    windowSize: WINDOW,
    maxMemorySize: windows * WINDOW,
  });
  return new SlidingWindowMapBuffer(manager.makeCursor(path));
}

/** Ways to read, each of which maps windows. */
const READS: Readonly<Record<string, (bytes: SlidingWindowMapBuffer) => unknown>> = {
  at: (bytes) => bytes.at(3 * WINDOW),
  get: (bytes) => bytes.get(3 * WINDOW),
  subarray: (bytes) => Buffer.from(bytes.subarray(3 * WINDOW, 3 * WINDOW + 4)),
  slice: (bytes) => bytes.slice(3 * WINDOW - 2, 5 * WINDOW + 2),
  'slice with a step': (bytes) => bytes.slice(3 * WINDOW - 2, 5 * WINDOW + 2, 7),
  'slice backwards': (bytes) => bytes.slice(5 * WINDOW + 2, 3 * WINDOW - 2, -7),
  text: (bytes) => bytes.toString('hex', WINDOW, 3 * WINDOW),
  readUInt32LE: (bytes) => bytes.readUInt32LE(3 * WINDOW - 2),
  indexOf: (bytes) => bytes.indexOf(contentBytes(4 * WINDOW - 5, 20)),
  lastIndexOf: (bytes) => bytes.lastIndexOf(contentBytes(4 * WINDOW - 5, 20)),
  count: (bytes) => bytes.count(contentByte(77)),
  iteration: (bytes) => Buffer.from([...bytes]),
  chunks: (bytes) => Buffer.concat([...bytes.chunks()].map((chunk) => Buffer.from(chunk))),
  lines: (bytes) => [...bytes.lines()].map(String),
  'lines, as views': (bytes) => Array.from(bytes.lines({ view: true }), String),
  forEachLine: (bytes) => {
    const bounds: number[] = [];
    bytes.forEachLine((start, end) => bounds.push(start, end));
    return bounds;
  },
  matchAll: (bytes) => Array.from(bytes.matchAll(/a./gs), ({ index }) => index),
};

/** What a listener does with the buffer, once or each time. */
const DEEDS: Readonly<Record<string, (bytes: SlidingWindowMapBuffer) => unknown>> = {
  'reads the end': (bytes) => bytes.get(bytes.length - 1),
  'moves the cursor': (bytes) => bytes.cursor?.useRegion(6 * WINDOW),
  'leaves the region': (bytes) => bytes.cursor?.unuseRegion(),
  searches: (bytes) => bytes.indexOf('no such text anywhere'),
};

for (const [deed, act] of Object.entries(DEEDS)) {
  describe(`a listener that ${deed}`, () => {
    for (const [name, read] of Object.entries(READS)) {
      // The first events are those of the listener's own reading, of which nobody tells twice.
      test(name, () => {
        const wanted = read(open());
        for (const often of [1, Number.POSITIVE_INFINITY]) {
          const bytes = open();
          let left = often;
          let busy = false;
          using listener = new Listener(() => {
            if (busy || left-- <= 0) return;
            busy = true;
            act(bytes);
            busy = false;
          });
          assert.deepEqual(read(bytes), wanted, `${often} times`);
          assert.ok(listener.all.length > 0);
        }
      });
    }
  });
}

test('one that leaves no room to stand on is told of, and nothing wrong is read', () => {
  const bytes = open(1);
  using _ = new Listener(({ on, offset }) => {
    if (on === 'map' && offset !== 0) bytes.cursor?.useRegion(0);
  });
  assert.throws(() => bytes.subarray(3 * WINDOW, 3 * WINDOW + 9), InvalidCursorError);
  assert.deepEqual(bytes.slice(0, 9), content.subarray(0, 9));
});

test('one that begins another access: no byte of another place', () => {
  for (const begin of [
    (bytes: SlidingWindowMapBuffer) => bytes.beginAccess(null, WINDOW + 1),
    (bytes: SlidingWindowMapBuffer) => bytes.beginAccess(null, 0, 10),
    (bytes: SlidingWindowMapBuffer) => bytes.beginAccess(open().cursor),
    (bytes: SlidingWindowMapBuffer) => bytes.endAccess(),
  ]) {
    const bytes = open();
    let done = false;
    using _ = new Listener(() => {
      if (done) return;
      done = true;
      begin(bytes);
    });
    assert.throws(() => bytes.get(3 * WINDOW + 5), InvalidCursorError);
    const offset = bytes.length === SIZE - WINDOW - 1 ? WINDOW + 1 : 0;
    assert.equal(bytes.at(3), bytes.length > 0 ? content[offset + 3] : undefined);
  }
});

test('one that cuts the file at which access begins leaves no negative length', () => {
  const cut = join(dir, 'cut.bin');
  writeContent(cut, SIZE);
  const manager = new SlidingWindowMapManager({ windowSize: WINDOW });
  const other = manager.makeCursor(cut).useRegion(0);
  const begun = new SlidingWindowMapBuffer();
  using _ = new Listener(() => {
    truncateSync(cut, 2 * WINDOW);
    other.refresh();
  });
  assert.equal(begun.beginAccess(manager.makeCursor(cut), 5 * WINDOW), false);
  assert.equal(begun.length, 0);
});
