/** `smmap scan` on files far larger than its budget, watched from outside. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { CLI, type Outcome, start, startProgram } from '../support/cli.js';
import { type Stretch, tempDir, writeContent, writeIslands } from '../support/files.js';
import { replay, straceTo } from '../support/mmap-trace.js';
import { publish } from '../support/proof.js';
import { scaled } from '../support/scale.js';

const MiB = 2 ** 20;
const GiB = 2 ** 30;

const SPARSE_SIZE = scaled(2 * GiB, 16 * GiB);
const REAL_SIZE = scaled(128 * MiB, GiB);
const BUDGET = 64 * MiB;

const dir = tempDir();
const path = join(dir, 'scanned.bin');
const ARGUMENTS = ['scan', path, '--budget', '64M', '--json'];
const figures: Record<string, unknown> = {};

after(() => publish('scan-large', { budget: BUDGET, ...figures }));

/** What `scan --json` prints, as far as it is looked at here. */
interface Scan {
  bytes: number;
  sha256: string;
  inOrder: { seconds: number };
  memory: { peak: number };
  stats: { maps: number };
}

function result({ code, stderr, stdout }: Outcome): Scan {
  assert.deepEqual([code, stderr], [0, '']);
  return JSON.parse(stdout) as Scan;
}

describe(`a sparse file of ${SPARSE_SIZE / GiB} GiB within ${BUDGET / MiB} MiB`, () => {
  before(() => {
    const islands: Stretch[] = [];
    for (let offset = 0; offset < SPARSE_SIZE; offset += 97 * MiB) {
      islands.push({ offset, length: 4096 });
    }
    writeIslands(path, SPARSE_SIZE, islands);
  });
  after(() => rmSync(path));

  test('whenever its mappings are looked at', async (t) => {
    const running = start(ARGUMENTS);
    t.after(() => running.child.kill('SIGKILL'));
    const { most, looks } = await watch(running.child.pid, once(running.child, 'exit'));
    const scan = result(await running.ended);
    figures.sampled = { size: SPARSE_SIZE, looks, mostBytes: most, ...excerpt(scan) };
    t.diagnostic(JSON.stringify(figures.sampled));
    assert.equal(scan.bytes, SPARSE_SIZE);
    assert.ok(looks >= 100, `${looks} looks are too few`);
    assert.ok(most > BUDGET / 2, `${most} bytes: the file was hardly seen`);
    assert.ok(most <= BUDGET, `${most} bytes mapped`);
  });

  const strace = spawnSync('strace', ['-V']).status === 0;
  test('at every moment', { skip: strace ? false : 'strace is not installed' }, async (t) => {
    const folder = mkdtempSync(join(dir, 'trace-'));
    const args = [...straceTo(folder), process.execPath, CLI, ...ARGUMENTS];
    const scan = result(await startProgram('strace', args).ended);
    const { maps, mostBytes } = replay(folder, path);
    figures.traced = { size: SPARSE_SIZE, maps, mostBytes, ...excerpt(scan) };
    t.diagnostic(JSON.stringify(figures.traced));
    assert.equal(maps, scan.stats.maps);
    assert.equal(mostBytes, BUDGET);
  });
});

test(`the SHA-256 of a real file of ${REAL_SIZE / MiB} MiB is that of sha256sum`, async (t) => {
  writeContent(path, REAL_SIZE);
  t.after(() => rmSync(path));
  const scan = result(await start(ARGUMENTS).ended);
  figures.real = { size: REAL_SIZE, sha256: scan.sha256, ...excerpt(scan) };
  t.diagnostic(JSON.stringify(figures.real));
  const [expected] = execFileSync('sha256sum', [path], { encoding: 'utf8' }).split(' ');
  assert.equal(scan.sha256, expected);
});

function excerpt({ inOrder, memory }: Scan): Record<string, number> {
  return { secondsInOrder: inOrder.seconds, peakResidentBytes: memory.peak };
}

/**
 * Looks at a process's mappings of the file again and again until it ends. It is
 * stopped for each look: the kernel prints a long list in pieces, between which
 * windows would come and go.
 */
async function watch(
  pid: number,
  exit: Promise<unknown>,
): Promise<{ most: number; looks: number }> {
  let running = true;
  const ended = exit.then(() => {
    running = false;
  });
  let most = 0;
  let looks = 0;
  while (running) {
    if (process.kill(pid, 'SIGSTOP') && stopped(pid)) {
      most = Math.max(most, mappedBytes(pid));
      looks++;
      process.kill(pid, 'SIGCONT');
    }
    await Promise.race([ended, setTimeout(1)]); // it also has to get on
  }
  return { most, looks };
}

/** Waits until the process stands still; false when it has ended. */
function stopped(pid: number): boolean {
  for (;;) {
    const [, state] = /^\d+ \(.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    if (state === 'T') return true;
    if (state === 'Z' || state === 'X') return false;
  }
}

function mappedBytes(pid: number): number {
  let bytes = 0;
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    if (!line.endsWith(` ${path}`)) continue;
    const [start, end] = line.split(/[- ]/, 2).map((text) => Number.parseInt(text, 16));
    bytes += (end as number) - (start as number);
  }
  return bytes;
}
