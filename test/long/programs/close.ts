/** Maps, reads and closes many windows, and tells what the process held meanwhile. */

import { setImmediate } from 'node:timers/promises';
import { SlidingWindowMapManager } from 'smmap';
import { type Holdings, holdings } from '../../support/holdings.js';
import { IslandFile } from '../../support/island-file.js';
import { closeWindows } from '../../support/window-loops.js';
import { optionsOf, tell } from './figures.js';

export interface CloseOptions {
  path: string;
  /** Bytes in a window. */
  windowSize: number;
  /** Windows used before those that count. */
  warmUp: number;
  windows: number;
  /** Windows used without a turn of the event loop. */
  stretch: number;
}

/** What was held when many windows had been used. */
export interface Round {
  /** Before the event loop turned. */
  inLoop: Holdings;
  turned: Holdings;
  /** Of processor time. */
  microsecondsPerWindow: number;
}

export interface CloseFigures {
  begun: Holdings;
  warmUp: Round;
  measured: Round;
  /** Windows mapped in the round that counts. */
  maps: number;
}

const { path, windowSize, warmUp, windows, stretch } = optionsOf<CloseOptions>();
const file = new IslandFile(path, windowSize, warmUp + windows);
const manager = new SlidingWindowMapManager({ windowSize, maxMemorySize: 4 * windowSize });

async function use(from: number, to: number): Promise<Round> {
  const start = process.cpuUsage();
  for (let k = from; k < to; k += stretch) {
    if (k > from) await setImmediate();
    closeWindows(manager, file, k, Math.min(k + stretch, to));
  }
  const { user, system } = process.cpuUsage(start);
  const inLoop = holdings(path);
  manager.collect();
  await setImmediate();
  const microsecondsPerWindow = (user + system) / (to - from);
  return { inLoop, turned: holdings(path), microsecondsPerWindow };
}

const begun = holdings(path);
const before = await use(0, warmUp);
const { maps } = manager.stats();
const measured = await use(warmUp, warmUp + windows);
tell({
  begun,
  warmUp: before,
  measured,
  maps: manager.stats().maps - maps,
} satisfies CloseFigures);
