/** The options of a manager: their meaning, defaults and checks. */
import { constants } from 'node:buffer';
import { integer, integerOrAll, invalidType, invalidValue, knownOptions } from './arguments.js';
import type { Access } from './mapping.js';
import { ALLOCATION_GRANULARITY, alignUp, is64Bit } from './page.js';

/** What a manager is made with. Sizes in bytes. */
export interface MapManagerOptions {
  /**
   * Bytes in a window, rounded up to the granularity. 0: the whole file. -1: 1 GiB
   * (64 MiB on 32-bit systems), but at most an eighth of `maxMemorySize` and what
   * one view can hold. A static manager always maps whole files.
   * @default -1
   */
  windowSize?: number;
  /**
   * Bytes that may be mapped at one time, counted in whole pages. 0: 8 GiB (1 GiB on
   * 32-bit systems). `Infinity`: no limit.
   * @default 0
   */
  maxMemorySize?: number;
  /**
   * Regions that may be mapped at one time, as smmap counts its handles.
   * @default Infinity
   */
  maxOpenHandles?: number;
  /**
   * false: the limits bend when everything mapped is in use, as smmap's do.
   * true: `BudgetExceededError` instead, which names who holds what.
   * @default false
   */
  hardLimit?: boolean;
  /**
   * What stores into a window do. 'read': nothing, they stay private and are lost with
   * the window. 'write': they reach the file. 'copy': they stay private and are kept;
   * a window that was written to stays mapped until it is closed.
   * @default 'read'
   */
  access?: Access;
  /**
   * How a buffer reads a few bytes (up to 4,096) where nothing is mapped. 'auto': when a window
   * would have to be unmapped to map theirs, straight from the file, until the place has been read
   * several times; that is several times faster for reads at random in a file much larger than
   * the budget. 'never': always through windows.
   * @default 'auto'
   */
  directReads?: 'auto' | 'never';
  /**
   * Notes where each cursor was first used: `BudgetExceededError` then tells it, and the
   * first cursor found forgotten is warned of through `process.emitWarning`. Slow.
   * @default false
   */
  debug?: boolean;
}

/** The options as a manager works with them. */
export interface Limits {
  /** Bytes, a multiple of the granularity; 0 for whole files. */
  readonly windowSize: number;
  readonly maxMemorySize: number;
  readonly maxOpenHandles: number;
  readonly hardLimit: boolean;
  readonly access: Access;
  readonly directReads: 'auto' | 'never';
  readonly debug: boolean;
}

const NAMES = [
  'windowSize',
  'maxMemorySize',
  'maxOpenHandles',
  'hardLimit',
  'access',
  'directReads',
  'debug',
] as const;

const ACCESSES: readonly Access[] = ['read', 'write', 'copy'];

const MiB = 2 ** 20;
/** smmap's defaults (`mman.py`). */
const AUTOMATIC_WINDOW = is64Bit ? 1024 * MiB : 64 * MiB;
const AUTOMATIC_MEMORY = is64Bit ? 8192 * MiB : 1024 * MiB;
/** So many windows fit into the budget at least, when the window's size is ours to choose. */
const WINDOWS_IN_BUDGET = 8;

/**
 * Checks the options and fills in what was left out.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` (an unknown name)
 * @throws RangeError `ERR_OUT_OF_RANGE`
 */
export function resolveLimits(options: MapManagerOptions | undefined): Limits {
  knownOptions(options, NAMES);
  const {
    windowSize = -1,
    maxMemorySize = 0,
    maxOpenHandles = Number.POSITIVE_INFINITY,
    hardLimit = false,
    access = 'read',
    directReads = 'auto',
    debug = false,
  } = options ?? {};
  const size = integer('windowSize', windowSize, -1);
  integerOrAll('maxMemorySize', maxMemorySize);
  integerOrAll('maxOpenHandles', maxOpenHandles, 1);
  if (typeof hardLimit !== 'boolean') throw invalidType('hardLimit', 'a boolean', hardLimit);
  if (!ACCESSES.includes(access)) throw invalidValue('access', "'read', 'write' or 'copy'", access);
  if (directReads !== 'auto' && directReads !== 'never') {
    throw invalidValue('directReads', "'auto' or 'never'", directReads);
  }
  if (typeof debug !== 'boolean') throw invalidType('debug', 'a boolean', debug);
  const memory = maxMemorySize === 0 ? AUTOMATIC_MEMORY : maxMemorySize;
  return {
    windowSize: size === -1 ? automaticWindow(memory) : alignUp(size, ALLOCATION_GRANULARITY),
    maxMemorySize: memory,
    maxOpenHandles,
    hardLimit,
    access,
    // Stores that are private are in memory alone.
    directReads: access === 'copy' ? 'never' : directReads,
    debug,
  };
}

function automaticWindow(memory: number): number {
  const most = Math.min(AUTOMATIC_WINDOW, memory / WINDOWS_IN_BUDGET, constants.MAX_LENGTH);
  const units = Math.max(1, Math.floor(most / ALLOCATION_GRANULARITY));
  return units * ALLOCATION_GRANULARITY;
}
