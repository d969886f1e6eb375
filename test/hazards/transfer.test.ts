/** The memory of a view moved to a buffer that the package does not know. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { PAGE_SIZE, SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { contentByte, contentBytes, tempDir, writeContent } from '../support/files.js';
import { type Hazard, hazards } from '../support/hazards.js';
import { mapped } from '../support/proc-maps.js';

const WINDOW = 16 * PAGE_SIZE;
const path = join(tempDir(), 'file.bin');

interface World {
  manager: SlidingWindowMapManager;
  buffer: SlidingWindowMapBuffer;
  view: Buffer;
}

function world(): World {
  writeContent(path, 4 * WINDOW);
  const manager = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: 8 * WINDOW });
  const cursor = manager.makeCursor(path).useRegion();
  return { manager, buffer: new SlidingWindowMapBuffer(cursor), view: cursor.buffer() };
}

type Transferable = ArrayBuffer & { transfer(length?: number): ArrayBuffer };
/** Deno lets any ArrayBuffer be moved to another thread; the others guard those of an addon. */
const MOVES = 'deno' in process.versions;
const canTransfer = 'transfer' in ArrayBuffer.prototype;

/** A hazard for engines that have `ArrayBuffer.prototype.transfer`. */
function moving(run: () => unknown): Hazard {
  return { run, skip: canTransfer ? false : 'this engine cannot move ArrayBuffers' };
}

function move(view: Buffer, length?: number): Uint8Array {
  const moved = (view.buffer as Transferable).transfer(length);
  assert.equal(view.length, 0);
  return new Uint8Array(moved);
}

/** Bytes of the file or zeros, and nothing else. */
function assertFileOrZeros(moved: Uint8Array): void {
  for (let i = 0; i < moved.length; i++) {
    const byte = moved[i];
    assert.ok(byte === 0 || byte === contentByte(i), `byte ${i} is ${byte}`);
  }
}

/** Maps and unmaps so much that the memory of closed regions is used again. */
function churn(): void {
  const other = new SlidingWindowMapManager({ windowSize: WINDOW, maxMemorySize: WINDOW });
  const cursor = other.makeCursor(path);
  for (let i = 0; i < 3_000; i++) cursor.useRegion((i % 4) * WINDOW).buffer()[9];
  other.close();
}

await hazards(import.meta.url, {
  'moved, then closed: the file or zeros for ever': moving(() => {
    const { manager, view } = world();
    const moved = move(view);
    assert.ok(contentBytes(0, WINDOW).equals(moved));
    manager.close();
    assertFileOrZeros(moved);
    churn();
    assertFileOrZeros(moved);
    assert.equal(moved.length, WINDOW);
  }),

  'moved, then evicted, collected, closed by path': moving(() => {
    const ends: ((world: World) => void)[] = [
      ({ buffer, manager }) => {
        buffer.close();
        for (let k = 1; k < 4; k++)
          manager
            .makeCursor(path)
            .useRegion(k * WINDOW)
            .close();
        manager.collect();
      },
      ({ manager }) => void manager.closeUnder(path),
    ];
    for (const end of ends) {
      const here = world();
      const moved = move(here.view);
      end(here);
      assertFileOrZeros(moved);
      churn();
      assertFileOrZeros(moved);
    }
  }),

  'moved: the region goes on giving its bytes': moving(() => {
    const { buffer, view } = world();
    move(view);
    assert.equal(buffer.at(5), contentByte(5));
    assert.equal(buffer.get(6), contentByte(6));
    assert.equal(buffer.readUInt32LE(8), contentBytes(8, 4).readUInt32LE());
    assert.ok(buffer.slice(0, 2 * WINDOW).equals(contentBytes(0, 2 * WINDOW)));
    assert.ok(buffer.subarray(0, 100).equals(contentBytes(0, 100)));
    assert.ok(Buffer.concat([...buffer.chunks()]).equals(contentBytes(0, 4 * WINDOW)));
    assert.equal(buffer.indexOf(contentBytes(WINDOW, 20)), WINDOW);
    assert.ok(buffer.cursor?.useRegion(0).buffer().equals(contentBytes(0, WINDOW)));
    assert.ok(buffer.cursor?.map().bytes.equals(contentBytes(0, WINDOW)));
  }),

  'moved in the middle of a walk': moving(() => {
    const { buffer } = world();
    let walked = 0;
    for (const chunk of buffer.chunks()) {
      walked += chunk.length;
      move(chunk);
    }
    assert.equal(walked, 4 * WINDOW);
    let lines = 0;
    for (const line of buffer.lines({ view: true })) {
      lines++;
      if (lines % 50 === 0 && line.length > 0) move(line);
    }
    assert.ok(lines > 0);
  }),

  'moved again and again': moving(() => {
    const { manager, buffer } = world();
    const moved = Array.from({ length: 100 }, () => move(buffer.subarray(0, WINDOW)));
    manager.close();
    for (const each of moved) assertFileOrZeros(each);
    churn();
    for (const each of moved) assertFileOrZeros(each);
  }),

  'moved with another length': moving(() => {
    const { manager, view } = world();
    const moved = move(view, 100);
    assert.ok(contentBytes(0, 100).equals(moved));
    manager.close();
    assert.ok(contentBytes(0, 100).equals(moved));
  }),

  'moved, and the file cut short under it': moving(() => {
    for (const closeFirst of [false, true]) {
      const { manager, view } = world();
      const moved = move(view);
      if (closeFirst) manager.close();
      truncateSync(path, 100);
      assertFileOrZeros(moved);
      assert.equal(moved[WINDOW - 1], 0);
      manager.close();
    }
  }),

  'moved and forgotten: the memory goes with the buffer it was moved to': {
    ...moving(async () => {
      for (let i = 0; i < 50; i++) {
        const { manager, view } = world();
        move(view);
        manager.close();
      }
      // What a program does anyway: it makes things and drops them, until the engine collects.
      for (let turns = 0; mapped(path).lines > 0 && turns < 1_000; turns++) {
        Buffer.alloc(4 * 2 ** 20);
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal(mapped(path).lines, 0);
    }),
  },

  'transferring a view to another thread is refused, copies, or moves': () => {
    const { port1, port2 } = new MessageChannel();
    const attempts = [
      (view: Buffer) => structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] }),
      (view: Buffer) => {
        port1.postMessage(view.buffer, [view.buffer as ArrayBuffer]);
        return receiveMessageOnPort(port2)?.message as ArrayBufferLike;
      },
    ];
    for (const attempt of attempts) {
      const { manager, view } = world();
      let taken: ArrayBufferLike | undefined;
      try {
        taken = attempt(view);
      } catch (error) {
        assert.equal((error as Error).name, 'DataCloneError');
      }
      assert.equal(view.length, MOVES ? 0 : WINDOW);
      if (taken !== undefined) assert.ok(contentBytes(0, WINDOW).equals(new Uint8Array(taken)));
      manager.close();
      if (taken !== undefined) assertFileOrZeros(new Uint8Array(taken));
    }
    port1.close();
  },

  'moved to another thread by a worker that then ends': moving(async () => {
    writeContent(path, WINDOW);
    for (const ends of ['idle', 'end', 'close']) {
      const program = new URL('./fixtures/moving-worker.js', import.meta.url);
      const worker = new Worker(program, { workerData: { path, ends } });
      const ended = once(worker, 'exit');
      const [moved] = (await once(worker, 'message')) as [ArrayBuffer];
      assertFileOrZeros(new Uint8Array(moved));
      await worker.terminate();
      await ended;
      assertFileOrZeros(new Uint8Array(moved));
      assert.equal(mapped(path).lines, 0);
    }
  }),
});
