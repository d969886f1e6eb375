/** The policies that are compared. */
import { Lru } from './lru.js';
import { Ours } from './ours.js';
import type { PolicyMaker } from './policy.js';
import { S3Fifo } from './s3-fifo.js';
import { Sieve } from './sieve.js';
import { WTinyLfu } from './w-tiny-lfu.js';

/** The yardstick. */
export const YARDSTICK = 'LRU';
/** The package's own. */
export const OWN = 'smmap';
/** What nothing can be better than. */
export const OPTIMUM = 'optimal';

/** By the name in the tables. */
export const POLICIES: Readonly<Record<string, PolicyMaker>> = {
  [YARDSTICK]: (capacity) => new Lru(capacity),
  [OWN]: (capacity) => new Ours(capacity),
  'S3-FIFO': (capacity) => new S3Fifo(capacity),
  SIEVE: (capacity) => new Sieve(capacity),
  'W-TinyLFU': (capacity) => new WTinyLfu(capacity),
};
