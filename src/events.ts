/**
 * What happens to regions, told on Node's `diagnostics_channel`. Nobody listening
 * costs one property read. A listener may do anything, so it is called when the
 * call that made it happen is done and everything is in order again.
 */
import { type Channel, channel } from 'node:diagnostics_channel';
import type { EvictionCause } from './stats.js';

/** What each message says of the region. */
export interface RegionEvent {
  /** The file as it was first named: path, or descriptor number. */
  readonly file: string | number;
  /** First byte, an offset into the file. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
}

/** What `smmap:evict` and `smmap:retry` say besides. */
export interface CauseEvent extends RegionEvent {
  readonly cause: EvictionCause;
}

/** A region was mapped. */
const mapped = channel('smmap:map');
/** A region was unmapped, for whatever reason. */
const unmapped = channel('smmap:unmap');
/** A region was unmapped to make room. */
const evicted = channel('smmap:evict');
/** A page of a region could not be had; told when a call meets it first. */
const faulted = channel('smmap:fault');
/** A mapping is tried again after the system had said no and room was made. */
const retried = channel('smmap:retry');

/** Anything that tells where it lies. */
interface Placed {
  readonly file: { readonly name: string | number };
  readonly ofsBegin: number;
  readonly size: number;
}

function placeOf({ file, ofsBegin, size }: Placed): RegionEvent {
  return { file: file.name, offset: ofsBegin, size };
}

/** What happened and was not told yet, in order. */
const waiting: [Channel, RegionEvent][] = [];

/** Tells what happened; for the end of every call that maps or unmaps. */
export function announce(): void {
  if (waiting.length === 0) return;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    next[0].publish(next[1]);
  }
}

/** Runs a call that may unmap regions, and tells of them when everything is in order again. */
export function announcing<T>(call: () => T): T {
  try {
    return call();
  } finally {
    announce();
  }
}

export function tellMapped(region: Placed): void {
  if (mapped.hasSubscribers) waiting.push([mapped, placeOf(region)]);
}

export function tellUnmapped(region: Placed): void {
  if (unmapped.hasSubscribers) waiting.push([unmapped, placeOf(region)]);
}

export function tellEvicted(region: Placed, cause: EvictionCause): void {
  if (!evicted.hasSubscribers) return;
  const event: CauseEvent = { ...placeOf(region), cause };
  waiting.push([evicted, event]);
}

export function tellFaulted(region: Placed): void {
  if (faulted.hasSubscribers) waiting.push([faulted, placeOf(region)]);
}

export function tellRetried(
  file: string | number,
  offset: number,
  size: number,
  cause: EvictionCause,
): void {
  if (!retried.hasSubscribers) return;
  const event: CauseEvent = { file, offset, size, cause };
  waiting.push([retried, event]);
}
