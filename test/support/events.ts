/** What is told of regions on `node:diagnostics_channel`, as a list. */

import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { SlidingWindowMapManager } from 'smmap';

/** The channels, without their common beginning. */
export const CHANNELS = ['map', 'unmap', 'evict', 'fault', 'retry'] as const;

export type ChannelName = (typeof CHANNELS)[number];

/** A message, and the channel that it came on. */
export interface Told {
  on: ChannelName;
  file: string | number;
  offset: number;
  size: number;
  cause?: string;
}

/** Listens to all channels from when it is made until it is disposed of. */
export class Listener {
  /** What was told, in its order. */
  readonly all: Told[] = [];
  readonly #stops: (() => void)[];

  /** @param react is called with each message, at once */
  constructor(react: (told: Told) => void = () => {}) {
    this.#stops = CHANNELS.map((on) => {
      const listener = (message: unknown) => {
        const told = { on, ...(message as Omit<Told, 'on'>) };
        this.all.push(told);
        react(told);
      };
      subscribe(`smmap:${on}`, listener);
      return () => unsubscribe(`smmap:${on}`, listener);
    });
  }

  /** What was told since the last time. */
  take(): Told[] {
    return this.all.splice(0);
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }
}

/** A region by its place. Two of one place can be mapped at one time. */
function placeOf({ file, offset, size }: Pick<Told, 'file' | 'offset' | 'size'>): string {
  return `${file} ${offset} ${size}`;
}

/** The places of all regions that the manager says are mapped. */
export function inspected(manager: SlidingWindowMapManager): string[] {
  return manager
    .inspect()
    .flatMap(({ path: file, windows }) => windows.map((window) => placeOf({ file, ...window })))
    .sort();
}

/** The places that are mapped after all this, where those of `before` were. */
export function replay(told: readonly Told[], before: readonly string[] = []): string[] {
  const places = [...before];
  for (const each of told) {
    if (each.on === 'map') places.push(placeOf(each));
    if (each.on !== 'unmap') continue;
    const at = places.indexOf(placeOf(each));
    assert.notEqual(at, -1, `${placeOf(each)} was unmapped, and never mapped`);
    places.splice(at, 1);
  }
  return places.sort();
}
