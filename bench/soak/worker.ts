/** A worker of a soak: reads and writes files at random until it has lived long enough. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PAGE_SIZE, SlidingWindowMapManager, StaticWindowMapManager } from 'smmap';
import { randomFrom } from '../../test/support/random.js';
import { type SharedState, SoakFiles } from './files.js';
import { READS } from './reading.js';
import { addCounts, noteError, nothingTold, type Told } from './tally.js';
import { WRITES, type Writer } from './writing.js';

/** How a worker is told what to do. */
export interface SoakOrder {
  dir: string;
  count: number;
  state: SharedState;
  /** Who it is: 1 or more, and no other has the same. */
  number: number;
  /** Operations that it lives for. */
  operations: number;
  /** What it does with its managers in the end; 'terminate': it goes on until it is ended. */
  ends: 'close' | 'leave' | 'exit' | 'terminate';
}

/** Operations after which it tells what it did. */
const TELL_AFTER = 100;
/** Of so many operations one is a write. */
const WRITE_EVERY = 6;
/** Of so many operations one makes a new manager in the place of another. */
const RENEW_EVERY = 400;
const [END, OPERATIONS] = [0, 1];

const order = workerData as SoakOrder;
const port = parentPort as MessagePort;
const random = randomFrom(order.number);
const { state } = order;
let told: Told = nothingTold();
/** The operation that is under way. */
let doing = '';

const KINDS = [
  () => new SlidingWindowMapManager({ windowSize: PAGE_SIZE, maxMemorySize: 64 * PAGE_SIZE }),
  () => new SlidingWindowMapManager({ windowSize: 16 * PAGE_SIZE, maxMemorySize: 256 * PAGE_SIZE }),
  () => new SlidingWindowMapManager({ maxMemorySize: 2 ** 23, maxOpenHandles: 40 }),
  () => new StaticWindowMapManager({ maxMemorySize: 2 ** 23 }),
] as const;
const managers: SlidingWindowMapManager[] = KINDS.map((make) => make() as SlidingWindowMapManager);

const writer: Writer = {
  files: new SoakFiles(order.dir, order.count),
  state,
  changes: state.changes,
  mendings: state.mendings,
  changesBefore: new Int32Array(order.count),
  mendingsBefore: new Int32Array(order.count),
  number: order.number,
  random,
  kept: [],
  manager: () => managers[random(0, managers.length)] as SlidingWindowMapManager,
  fail: (what) => told.failures.push(`${doing}: ${what}`),
};

function closeManager(manager: SlidingWindowMapManager | undefined): void {
  if (manager === undefined) return;
  told.faults += manager.stats().faults;
  manager.close();
}

function renewOne(): void {
  const which = random(0, KINDS.length);
  closeManager(managers[which]);
  managers[which] = (KINDS[which] as (typeof KINDS)[0])();
}

async function operate(): Promise<void> {
  const table = random(0, WRITE_EVERY) === 0 ? WRITES : READS;
  const names = Object.keys(table);
  const name = names[random(0, names.length)] as string;
  addCounts(told.operations, { [name]: 1 });
  doing = name;
  writer.changesBefore.set(state.changes);
  writer.mendingsBefore.set(state.mendings);
  try {
    await table[name]?.(writer);
  } catch (error) {
    noteError(told, error, name);
  }
  if (random(0, RENEW_EVERY) === 0) renewOne();
}

function tell(): void {
  port.postMessage(told);
  told = nothingTold();
}

const mayEnd = order.ends !== 'terminate';
for (let i = 1; Atomics.load(state.control, END) === 0; i++) {
  if (mayEnd && i > order.operations) break;
  await operate();
  Atomics.add(state.control, OPERATIONS, 1);
  if (i % TELL_AFTER === 0) tell();
}
if (order.ends === 'close') for (const manager of managers) closeManager(manager);
else for (const manager of managers) told.faults += manager.stats().faults;
tell();
if (order.ends === 'exit') process.exit();
