/** What mapping costs in collections of garbage: docs/decisions/garbage-and-views.md says why. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runChild } from '../support/child.js';
import { publish } from '../support/proof.js';
import { fullSize } from '../support/scale.js';
import type { WalkReport } from './stress/walk-windows.js';

const WINDOWS = 1_000;
const program = fileURLToPath(new URL('./stress/walk-windows.js', import.meta.url));
const reports: Record<string, WalkReport> = {};

/** Full collections that one walk over all windows cost, in each half of it. */
async function walk(
  windowMiB: number,
  read: number,
  liveMiB: number,
  views: 'hide' | 'keep',
): Promise<[first: number, second: number]> {
  const args = [windowMiB, WINDOWS, read, liveMiB, views].map(String);
  const { status, stdout, stderr } = await runChild([program, ...args]);
  assert.equal(status, 0, stderr);
  const report = JSON.parse(stdout) as WalkReport;
  assert.equal(report.maps, WINDOWS);
  reports[args.join(' ')] = report;
  return [report.firstHalf.count, report.secondHalf.count];
}

test('1,000 windows of 16 MiB: a few collections at first, then none', async () => {
  const [first, second] = await walk(16, 0, 0, 'hide');
  const [, kept] = await walk(16, 0, 0, 'keep');
  assert.ok(second <= 2, `${second} while the second half was mapped`);
  assert.ok(kept > 10 * (second + 1), `${kept} where idle regions keep their views`);
  assert.ok(first <= 40, `${first} while the first half was mapped`);
});

test('1,000 windows of 1 GiB of which little is read: no more than that', async () => {
  for (const live of [0, 100]) {
    const [first, second] = await walk(1_024, 100, live, 'hide');
    assert.ok(second <= 2, `${second} while the second half was mapped`);
    assert.ok(first <= 40, `${first} while the first half was mapped`);
  }
});

test('the figures', { skip: fullSize ? false : 'for npm run prove' }, async () => {
  await walk(16, 0, 150, 'hide');
  await walk(1_024, 0, 150, 'hide');
  publish('garbage-at-maps', { 'WINDOW_MIB WINDOWS READ LIVE_MIB': reports });
});
