/** Everything that one script works on, real and modelled side by side. */

import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE_SIZE, SlidingWindowMapManager, StaticWindowMapManager } from 'smmap';
import { native } from '#src/native.js';
import { letDescriptorsGo } from '../../support/descriptors.js';
import { type Answer, agree, answerLater, answerOf, describe } from './answer.js';
import type { BufferModel } from './buffer.js';
import type { CursorModel } from './cursor.js';
import { Disk } from './disk.js';
import { Flow } from './flow.js';
import { inMemory, onDisk } from './folders.js';
import { inject } from './injection.js';
import { checkKernel, checkWorld } from './invariants.js';
import { ManagerModel, type ManagerPlan } from './manager.js';
import { Placement } from './placement.js';
import { collectForReal, probe } from './probe.js';
import type { RegionModel } from './region.js';
import { count, done } from './tally.js';
import { Trace } from './trace.js';

/** How a world is made. */
export interface Plan {
  /** Bytes in each file; the files are named 0, 1, … */
  files: number[];
  managers: ManagerPlan[];
  /** Descriptors that the process seems to be allowed; 0: any number. */
  descriptorLimit: number;
  /** Whether forgotten cursors are left to the engine, or die at the collection after. */
  realGarbage: boolean;
  /** Whether the files lie on a disk; else in memory. */
  onDisk: boolean;
}

/** How many there can be of each at one time. */
export const SLOTS = { names: 5, cursors: 8, descriptors: 2, views: 4 } as const;

/** Steps between two looks at `/proc/self/maps`. */
const STEPS_BETWEEN_LOOKS = 500;

/** A view that somebody kept. */
export interface KeptView {
  view: Buffer;
  region: RegionModel;
  begin: number;
  length: number;
  /** Of the region, when the view was made. */
  generation: number;
}

const told: string[] = [];
for (const name of ['map', 'unmap', 'evict', 'fault', 'retry']) {
  channel(`smmap:${name}`).subscribe((message) => {
    const { file, offset, size, cause } = message as Record<string, string | number>;
    told.push(`smmap:${name} ${file} ${offset}+${size}${cause === undefined ? '' : ` ${cause}`}`);
  });
}

/** Closes what a script that failed may have left, so that the next one is not misled. */
function leaveNoDescriptor(): void {
  letDescriptorsGo();
  for (const descriptor of probe.open) native.closeDescriptor(descriptor);
}

export class World {
  readonly flow: Flow;
  readonly managers: ManagerModel[] = [];
  readonly cursors: (CursorModel | undefined)[] = [];
  readonly buffers: (BufferModel | undefined)[] = [];
  readonly views: (KeptView | undefined)[] = [];
  readonly descriptors: (number | undefined)[] = [];
  /** Cursors that the script forgot, where the engine is not left to collect them. */
  readonly #forgotten: CursorModel[] = [];
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.#plan = plan;
    const dir = plan.onDisk ? onDisk : inMemory;
    this.flow = new Flow(new Disk(join(dir, `${++done.scripts}`)));
    probe.descriptorLimit = plan.descriptorLimit;
    probe.dead.clear();
    probe.collector = plan.realGarbage ? collectForReal : (young) => this.#collect(young);
    for (const [name, size] of plan.files.entries()) this.replace(name, size, name);
    for (const each of plan.managers) this.managers.push(this.#makeManager(each));
  }

  #makeManager(plan: ManagerPlan): ManagerModel {
    const { isStatic, windowPages, ...limits } = plan;
    const options = { ...limits, directReads: 'never' } as const; // they have a test of their own
    const real = isStatic
      ? new StaticWindowMapManager(options)
      : new SlidingWindowMapManager({ ...options, windowSize: windowPages * PAGE_SIZE });
    const placement = new Placement(real.windowSize);
    return new ManagerModel(real, plan, placement, this.flow, this.#forgotten);
  }

  /** A new manager in the place of a closed one. */
  renew(at: number): void {
    const { plan } = this.managers[at] as ManagerModel;
    count(this.managers[at] as ManagerModel);
    this.managers[at] = this.#makeManager(plan);
  }

  /** What counts as collected when the managers ask for a collection. */
  #collect(young: boolean): void {
    for (const [at, { lease, manager }] of this.#forgotten.entries()) {
      if (lease === undefined || manager?.leases.get(lease.watch) !== lease) continue;
      if (!young || at % 2 === 0) probe.dead.add(lease.watch);
    }
  }

  /** A cursor takes a free place. */
  put(slot: number, cursor: CursorModel): void {
    this.cursors[slot] = cursor;
    this.buffers[slot] = undefined;
  }

  /** The script forgets a cursor and its buffer. */
  forget(slot: number): void {
    const cursor = this.cursors[slot];
    if (cursor !== undefined && !this.#plan.realGarbage) this.#forgotten.push(cursor);
    this.cursors[slot] = undefined;
    this.buffers[slot] = undefined;
  }

  /** A new file under a name. */
  replace(name: number, size: number, version: number): void {
    const file = this.flow.disk.replace(name, size, version);
    this.flow.numbers.set(file.fd, file);
  }

  openDescriptor(slot: number, name: number): void {
    this.closeDescriptor(slot);
    const file = this.flow.disk.named(name);
    if (file === undefined) return;
    const fd = openSync(this.flow.disk.path(name), 'r+');
    this.descriptors[slot] = fd;
    this.flow.numbers.set(fd, file);
  }

  closeDescriptor(slot: number): void {
    const fd = this.descriptors[slot];
    if (fd === undefined) return;
    closeSync(fd);
    this.flow.numbers.delete(fd);
    this.descriptors[slot] = undefined;
  }

  /**
   * Makes a call, has the model follow what happened, and compares the answers.
   * @param follow the answer that is right, or a {@link Refusal} thrown
   */
  async step<T>(call: () => T | Promise<T>, follow: () => T | undefined): Promise<void> {
    const real = await this.#answerOf(call);
    this.flow.trace = new Trace(probe.happenings.splice(0));
    try {
      const expected = answerOf(follow);
      if (!agree(real, expected)) {
        assert.fail(`${describe(real)}; the contract has ${describe(expected)}`);
      }
      this.flow.trace.finish();
      if (real.turned) this.#turned();
      this.#compareMessages();
      this.check();
    } catch (error) {
      if (error instanceof Error && real.error !== undefined) error.cause ??= real.error;
      throw error;
    }
  }

  async #answerOf<T>(call: () => T | Promise<T>): Promise<Answer> {
    probe.happenings.length = 0;
    try {
      const value = call();
      if (value instanceof Promise) return await answerLater(value);
      return { value };
    } catch (error) {
      return { error };
    }
  }

  /** The event loop has turned: the views of what faulted are empty. */
  #turned(): void {
    for (const { entries } of this.managers) {
      for (const { regions } of entries.values()) for (const region of regions) region.turn();
    }
  }

  #compareMessages(): void {
    const expected = this.flow.told;
    assert.deepEqual(told.splice(0), expected.splice(0), 'messages on the channels');
  }

  check(): void {
    checkWorld(this);
    if (++done.steps % STEPS_BETWEEN_LOOKS === 0) checkKernel(this);
  }

  async close(): Promise<void> {
    inject(undefined);
    for (const manager of this.managers) count(manager);
    for (const { real } of this.managers) {
      try {
        real.close();
      } catch {
        // stores were lost: the model has said so, or the script ended before
      }
    }
    for (const slot of this.descriptors.keys()) this.closeDescriptor(slot);
    leaveNoDescriptor();
    this.flow.disk.close();
    told.length = 0;
    await new Promise(setImmediate);
  }
}
