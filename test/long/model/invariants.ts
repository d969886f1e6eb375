/** What must hold after each step, whatever it was. */

import assert from 'node:assert/strict';
import { native } from '#src/native.js';
import { mapped } from '../../support/proc-maps.js';
import type { CursorModel } from './cursor.js';
import type { ManagerModel } from './manager.js';
import type { RegionModel } from './region.js';
import type { KeptView, World } from './world.js';

export function checkWorld(world: World): void {
  for (const manager of world.managers) checkManager(manager);
  for (const cursor of world.cursors) if (cursor !== undefined) checkCursor(cursor);
  for (const view of world.views) if (view !== undefined) checkView(view);
  assert.equal(native.descriptorCount(), world.flow.descriptors, 'descriptors held');
}

function checkManager(model: ManagerModel): void {
  const { real, budget, counts } = model;
  const entries = [...model.entries.values()];
  const regions = entries.flatMap((entry) => [...entry.regions]);
  const { peak, ...counted } = counts;
  assert.deepEqual(real.stats(), {
    ...counted,
    peakMappedBytes: peak,
    evictions: budget.evictions,
    evictionsBy: budget.evictionsBy,
    retries: budget.retries,
    bent: budget.bent,
    directReads: 0,
    faults: model.faults,
    regions: regions.length,
    files: entries.length,
  });
  assert.equal(counts.maps - counts.unmaps, regions.length);
  assert.equal(model.regions, regions.length);
  assert.equal(real.numFileHandles, regions.length);
  assert.equal(real.numOpenFiles, entries.filter((entry) => entry.regions.size > 0).length);
  assert.equal(real.mappedMemorySize, model.size);
  if (model.plan.hardLimit) {
    assert.ok(peak <= real.maxMappedMemorySize, 'rule 4: a hard limit was exceeded');
    assert.ok(regions.length <= real.maxFileHandles, 'rule 4: a hard limit was exceeded');
  }
  checkInspection(model);
}

/** `inspect()` shows what there is, and who was used after whom. */
function checkInspection(model: ManagerModel): void {
  const shown = model.real.inspect();
  const expected: unknown[] = [];
  const uses: [number, number][] = [];
  let file = 0;
  for (const entry of model.entries.values()) {
    const regions = entry.sorted;
    const windows = regions.map(({ begin, size, users }) => [begin, size, users.size]);
    expected.push([entry.name, entry.size, windows]);
    const real = shown[file++]?.windows ?? [];
    for (const [at, { lastUse }] of regions.entries()) {
      uses.push([lastUse, real[at]?.lastUse ?? -1]);
    }
  }
  const told = shown.map(({ path, size, windows }) => [
    path,
    size,
    windows.map((window) => [window.offset, window.size, window.users]),
  ]);
  assert.deepEqual(told, expected, 'inspect()');
  uses.sort(([a], [b]) => a - b);
  for (let at = 1; at < uses.length; at++) {
    assert.ok((uses[at - 1]?.[1] ?? 0) < (uses[at]?.[1] ?? 0), 'the order of lastUse');
  }
}

function checkCursor(model: CursorModel): void {
  const { real, region } = model;
  const valid = region !== undefined;
  assert.equal(real.isValid, valid, 'isValid');
  assert.equal(real.ofsBegin, model.begin, 'ofsBegin');
  assert.equal(real.size, model.size, 'size');
  assert.equal(real.closed, model.closed);
  assert.equal(real.isAssociated, model.manager !== undefined && !model.closed);
  assert.equal(real.includesOfs(model.begin), valid);
  if (region === undefined) {
    assert.equal(real.region, undefined);
    return;
  }
  assert.ok(model.begin + model.size <= region.end, 'more is promised than is mapped');
  assert.ok(region.mapped, 'rule 1: a region was unmapped under a cursor');
  region.real ??= real.region;
  assert.ok(real.region === region.real, 'two cursors on one region show two');
  assert.equal(real.region?.closed, false, 'rule 1: a region was unmapped under a cursor');
  assert.equal(real.region?.ofsBegin, region.begin);
  assert.equal(real.region?.size, region.size);
  assert.equal(real.region?.clientCount, 1 + region.users.size);
  assert.equal(real.faulted, region.faults > 0, 'faulted');
}

function checkView({ view, region, length, generation }: KeptView): void {
  const empty = region.generation > generation;
  assert.equal(view.length, empty ? 0 : length, 'rule 2: a kept view');
}

/** Every file holds what was written and stored, and nothing that was to stay private. */
export function checkDisk(world: World): void {
  for (const file of world.flow.disk.files) {
    const right = file.bytes.subarray(0, file.size);
    assert.ok(file.onDisk().equals(right), 'what was stored is not what the file holds');
  }
}

/** The kernel's own account: `/proc/self/maps` names every file below the script's folder. */
export function checkKernel(world: World): void {
  const regions: RegionModel[] = [];
  for (const { entries } of world.managers) {
    for (const entry of entries.values()) regions.push(...entry.regions);
  }
  const expected = regions.reduce((sum, each) => sum + each.extentOfFile, 0);
  assert.equal(mapped(world.flow.disk.dir).bytes, expected, '/proc/self/maps');
}
