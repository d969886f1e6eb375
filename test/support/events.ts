/** What is told of regions on `node:diagnostics_channel`, as a list. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';

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
