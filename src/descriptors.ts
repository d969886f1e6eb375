/**
 * How many descriptors are held: at most a quarter of what the process may open.
 * A file read through its mapped regions needs none, so the one used longest ago
 * is let go first, and opened again by its path when it is needed.
 */
import { isSystemFailure, native } from './native.js';
import { Order, type Ordered } from './order.js';

/** Whoever holds a descriptor that can be had again. */
export interface DescriptorHolder extends Ordered {
  /** Closes it and says so by {@link descriptorClosed}. */
  closeDescriptor(): void;
}

/** Share of the soft limit (`ulimit -n`) that the package takes. */
const SHARE = 1 / 4;

/** Holders in this thread. */
const held = new Order<DescriptorHolder>();

/** The holder has opened a descriptor. */
export function descriptorOpened(holder: DescriptorHolder): void {
  held.push(holder);
}

/** The holder's descriptor was used. */
export function descriptorUsed(holder: DescriptorHolder): void {
  if (holder.newer === undefined) return; // it is the newest
  held.remove(holder);
  held.push(holder);
}

/** The holder's descriptor is closed. */
export function descriptorClosed(holder: DescriptorHolder): void {
  held.remove(holder);
}

/** Lets descriptors go until the package has its share again; the holder used last keeps its own. */
export function keepToShare(): void {
  const limit = native.descriptorLimit();
  if (limit === 0) return;
  const most = Math.max(1, Math.floor(limit * SHARE));
  while (native.descriptorCount() > most && held.length > 1) held.oldest?.closeDescriptor();
}

/** Says which limit it was, and how much of it is the package's. */
function withLimit(error: Error): Error {
  const [limit, count] = [native.descriptorLimit(), native.descriptorCount()];
  error.message += ` (ulimit -n is ${limit}, of which this package has ${count})`;
  return error;
}

/**
 * Runs what opens a descriptor. When the process or the system has none left,
 * lets the one used longest ago go and tries again, until none is held.
 */
export function withDescriptors<T>(call: () => T): T {
  for (;;) {
    try {
      return call();
    } catch (error) {
      const none = isSystemFailure(error) && (error.code === 'EMFILE' || error.code === 'ENFILE');
      if (none && held.oldest !== undefined) held.oldest.closeDescriptor();
      else throw none && error.code === 'EMFILE' ? withLimit(error) : error;
    }
  }
}
