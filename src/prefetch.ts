/** Bringing pages into memory off the main thread, a step at a time. */
import { invalidType, knownOptions } from './arguments.js';
import { explain, isSystemFailure } from './native.js';
import { PAGE_SIZE } from './page.js';
import type { MapRegion } from './region.js';

/** Options of what can be broken off. */
export interface PrefetchOptions {
  /** Breaks it off: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** Bytes in one step: small enough for the pool's threads to serve others in between. */
const STEP = 8 * 2 ** 20;

/** The signal among the options. @throws TypeError */
export function signalOf(options: PrefetchOptions | undefined): AbortSignal | undefined {
  knownOptions(options, ['signal']);
  const signal = options?.signal;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidType('signal', 'an AbortSignal', signal);
  }
  return signal;
}

/**
 * Brings the pages between two offsets into the file, both inside the region, into memory.
 * @throws MapFaultError when one cannot be had · MapClosedError when the region is closed
 * meanwhile · the signal's reason
 */
export async function populateInSteps(
  region: MapRegion,
  begin: number,
  end: number,
  options?: PrefetchOptions,
): Promise<void> {
  const signal = signalOf(options);
  signal?.throwIfAborted();
  for (let at = begin - (begin % PAGE_SIZE); at < end; at += STEP) {
    try {
      await region.populate(at, Math.min(at + STEP, end));
    } catch (error) {
      // EFAULT is the system's word for a page past the end of the file (madvise(2)).
      explain(error);
      if (!isSystemFailure(error) || error.code !== 'EFAULT') throw error;
      region.noteLoss();
      throw region.fault(error);
    }
    signal?.throwIfAborted();
    region.verify();
  }
}
