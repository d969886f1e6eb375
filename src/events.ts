/**
 * What happens to regions, told on Node's `diagnostics_channel`. Nobody listening
 * costs one property read.
 */
import { channel } from 'node:diagnostics_channel';
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
/** A region is about to be unmapped to make room. */
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

export function tellMapped(region: Placed): void {
  if (mapped.hasSubscribers) mapped.publish(placeOf(region));
}

export function tellUnmapped(region: Placed): void {
  if (unmapped.hasSubscribers) unmapped.publish(placeOf(region));
}

export function tellEvicted(region: Placed, cause: EvictionCause): void {
  if (evicted.hasSubscribers) evicted.publish({ ...placeOf(region), cause });
}

export function tellFaulted(region: Placed): void {
  if (faulted.hasSubscribers) faulted.publish(placeOf(region));
}

export function tellRetried(
  file: string | number,
  offset: number,
  size: number,
  cause: EvictionCause,
): void {
  if (retried.hasSubscribers) retried.publish({ file, offset, size, cause });
}
