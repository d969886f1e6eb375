import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import {
  type ManagerStats,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
} from '../index.js';
import { formatCount } from './count.js';
import { OperationError } from './exit.js';
import { type ResidentSet, residentSet } from './memory.js';
import { Pace } from './pace.js';
import type { Stretch } from './picture.js';
import { type ProbeResult, probe } from './probes.js';
import { type Progress, startProgress } from './progress.js';
import { type Content, readInOrder } from './sequential.js';
import { formatSize } from './size.js';

/** What to scan, and within which memory. Sizes in bytes. */
export interface ScanOptions {
  readonly file: string;
  readonly window: number;
  readonly budget: number;
  /** Probes at random places after the pass in order. */
  readonly random: number;
  readonly seed: number;
}

/** What the manager did during one phase of the scan. */
export interface PhaseFigures {
  maps: number;
  hits: number;
  evictions: number;
  /** Time of the whole phase. */
  seconds: number;
}

/** All that a scan found out. `--json` prints it as it is, so its names are part of the public face. */
export interface ScanResult extends Content {
  file: string;
  /** As the manager rounded it. */
  window: number;
  budget: number;
  seed: number;
  inOrder: PhaseFigures;
  random: PhaseFigures & ProbeResult;
  /** The manager's counters at the end. */
  stats: ManagerStats;
  memory: ResidentSet & {
    /** The resident set before the first window was mapped. */
    before: number;
  };
  pageSize: number;
  /** The windows mapped at the end, in the order of the file. */
  windows: Stretch[];
}

/**
 * Reads a file twice through windows: in order, then at random places.
 * @param signal stops the scan within some milliseconds; its reason is thrown
 * @throws OperationError when the file was changed meanwhile, and whatever the manager throws
 */
export async function scan(options: ScanOptions, signal: AbortSignal): Promise<ScanResult> {
  const before = residentSet().total;
  using manager = new SlidingWindowMapManager({
    windowSize: options.window,
    maxMemorySize: options.budget,
    hardLimit: true,
    directReads: 'never', // what windows do is to be seen
  });
  const opened = manager.stats(); // before the buffer, which maps its first window at once
  const buffer = new SlidingWindowMapBuffer(manager.makeCursor(options.file));
  using reference = openReference(options.file);
  const pace = new Pace(signal);

  const { bytes, lines, sha256, ...inOrder } = await phase(
    manager,
    opened,
    startProgress('in order', buffer.length, formatSize),
    (report) => readInOrder(buffer, pace, report),
  );
  const random = await phase(
    manager,
    manager.stats(),
    startProgress('random', options.random, formatCount),
    (report) => probe(buffer, reference.fd, options.random, options.seed, pace, report),
  );
  refuseCutFile(options.file, reference.fd, buffer.length);

  return {
    file: options.file,
    bytes,
    lines,
    sha256,
    window: manager.windowSize,
    budget: manager.maxMappedMemorySize,
    seed: options.seed,
    inOrder,
    random,
    stats: manager.stats(),
    memory: { ...residentSet(), before },
    pageSize: PAGE_SIZE,
    windows: mappedWindows(manager),
  };
}

/** Runs one phase under its progress bar, and tells what the manager has done since `before`. */
async function phase<T>(
  manager: SlidingWindowMapManager,
  before: ManagerStats,
  bar: Progress,
  work: (report: (done: number) => void) => Promise<T>,
): Promise<T & PhaseFigures> {
  using progress = bar;
  const started = performance.now();
  const result = await work(progress.update);
  const seconds = (performance.now() - started) / 1000;
  const after = manager.stats();
  return {
    ...result,
    seconds,
    maps: after.maps - before.maps,
    hits: after.hits - before.hits,
    evictions: after.evictions - before.evictions,
  };
}

/** A descriptor to compare with. Not to wait matters when the name became a pipe's since it was mapped. */
function openReference(file: string): { fd: number } & Disposable {
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

/** A cut inside a page loses no page, so the windows cannot tell; the size of the file can. */
function refuseCutFile(file: string, fd: number, scanned: number): void {
  const { size } = fstatSync(fd);
  if (size < scanned) {
    throw new OperationError(
      `'${file}' was cut from ${scanned} to ${size} bytes during the scan: the figures mean nothing`,
    );
  }
}

function mappedWindows(manager: SlidingWindowMapManager): Stretch[] {
  return manager
    .inspect()
    .flatMap((file) => file.windows)
    .map(({ offset, size }) => ({ offset, size }))
    .sort((a, b) => a.offset - b.offset);
}
