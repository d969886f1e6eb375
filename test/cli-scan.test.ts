import assert from 'node:assert/strict';
import { closeSync, openSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Interrupted, OperationError } from '#src/cli/exit.js';
import { Pace } from '#src/cli/pace.js';
import { probe } from '#src/cli/probes.js';
import { type ScanOptions, type ScanResult, scan } from '#src/cli/scan.js';
import { MapFaultError, SlidingWindowMapBuffer, SlidingWindowMapManager } from '#src/index.js';
import { tempDir, writeContent, writeIslands } from './support/files.js';
import { mapped } from './support/proc-maps.js';

const dir = tempDir();
const linux = { skip: process.platform !== 'linux' && 'looks into /proc' };
const SIZE = 512 * 1024 ** 2;

type Setting = Omit<ScanOptions, 'file'>;
const MANY_WINDOWS: Setting = {
  window: 1024 ** 2,
  budget: 4 * 1024 ** 2,
  random: 100,
  seed: 1,
};
const ONE_WINDOW: Setting = { window: SIZE, budget: SIZE, random: 0, seed: 1 };

/** Starts to scan a file that takes many turns of the event loop. */
function startScan(
  name: string,
  options = MANY_WINDOWS,
  signal = new AbortController().signal,
): { path: string; result: Promise<ScanResult> } {
  const path = join(dir, name);
  writeIslands(path, SIZE, [{ offset: 0, length: 100_000 }]);
  // It runs at once until it first gives way to the event loop: some of the file is then mapped.
  return { path, result: scan({ file: path, ...options }, signal) };
}

for (const [name, setting] of Object.entries({ MANY_WINDOWS, ONE_WINDOW })) {
  test(`a file cut to a part while it is scanned is a fault: ${name}`, async () => {
    const { path, result } = startScan('cut', setting);
    truncateSync(path, 50_000);
    await assert.rejects(result, (error) => error instanceof MapFaultError && error.file === path);
  });
}

test('a file cut inside the last page of its only window, where no page is lost, is noticed', async () => {
  const { path, result } = startScan('shaved', ONE_WINDOW);
  truncateSync(path, SIZE - 1);
  await assert.rejects(
    result,
    (error) => error instanceof OperationError && error.message.includes(`cut from ${SIZE} to`),
  );
});

test('a file that grows while it is scanned is read as long as it was', async () => {
  const { path, result } = startScan('grows');
  truncateSync(path, SIZE + 1);
  assert.equal((await result).bytes, SIZE);
});

test('a scan that is stopped throws the reason and leaves nothing mapped', linux, async () => {
  const controller = new AbortController();
  const { path, result } = startScan('stopped', MANY_WINDOWS, controller.signal);
  assert.ok(mapped(path).bytes > 0);
  controller.abort(new Interrupted('SIGINT'));
  await assert.rejects(result, (error) => error === controller.signal.reason);
  assert.equal(mapped(path).bytes, 0);
});

test('a probe that reads other bytes than the file has is an error', async () => {
  const [one, other] = [join(dir, 'one'), join(dir, 'other')];
  writeContent(one, 50_000);
  writeContent(other, 50_000);
  const pace = new Pace(new AbortController().signal);
  using manager = new SlidingWindowMapManager();
  const buffer = new SlidingWindowMapBuffer(manager.makeCursor(one));

  let fd = openSync(other, 'r');
  try {
    const { probes, bytesVerified } = await probe(buffer, fd, 1000, 1, pace, () => {});
    assert.equal(probes, 1000);
    assert.ok(bytesVerified > 63_000);
  } finally {
    closeSync(fd);
  }

  writeIslands(other, 50_000, [{ offset: 0, length: 49_900 }]);
  fd = openSync(other, 'r');
  try {
    await assert.rejects(
      probe(buffer, fd, 10_000, 1, pace, () => {}),
      (error) =>
        error instanceof OperationError && /at offset 49\d\d\d are not/.test(error.message),
    );
  } finally {
    closeSync(fd);
  }
});
