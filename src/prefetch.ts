/** Bringing pages into memory off the main thread, a step at a time. */
import { invalidType, isSignal, knownOptions } from './arguments.js';
import { explain, isSystemFailure } from './native.js';
import { PAGE_SIZE } from './page.js';

/** Options of what can be broken off. */
export interface PrefetchOptions {
  /** Breaks it off: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** Bytes in one step: small enough for the pool's threads to serve others in between. */
const STEP = 8 * 2 ** 20;

/** What pages can be brought in of; offsets are its own. */
export interface Populatable {
  /** @throws Error of the system; `EFAULT` for a page that cannot be had */
  populate(begin: number, end: number): Promise<void>;
  /** Notes a page that could not be had. */
  noteLoss(): void;
  fault(cause: unknown): Error;
  /** @throws MapClosedError · MapFaultError */
  verify(): void;
}

/** The signal among the options. @throws TypeError */
export function signalOf(options: PrefetchOptions | undefined): AbortSignal | undefined {
  knownOptions(options, ['signal']);
  const signal = options?.signal;
  if (signal !== undefined && !isSignal(signal)) {
    throw invalidType('signal', 'an AbortSignal', signal);
  }
  return signal;
}

/**
 * Brings the pages between two offsets, both inside, into memory.
 * @param begin its remainder by the page is the same as that of the memory's address
 * @throws MapFaultError when one cannot be had · MapClosedError when it is closed
 * meanwhile · the signal's reason
 */
export async function populateInSteps(
  memory: Populatable,
  begin: number,
  end: number,
  options?: PrefetchOptions,
): Promise<void> {
  const signal = signalOf(options);
  signal?.throwIfAborted();
  memory.verify(); // looking at the options may have run anybody's code
  for (let at = begin - (begin % PAGE_SIZE); at < end; at += STEP) {
    try {
      await memory.populate(at, Math.min(at + STEP, end));
    } catch (error) {
      // EFAULT is the system's word for a page past the end of the file (madvise(2)).
      explain(error);
      if (!isSystemFailure(error) || error.code !== 'EFAULT') throw error;
      memory.verify(); // whoever closed it may have cut the file as well: then nothing is lost
      memory.noteLoss();
      throw memory.fault(error);
    }
    signal?.throwIfAborted();
    memory.verify();
  }
}
