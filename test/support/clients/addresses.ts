/** Addresses to look up. */

import { randomFrom } from '../random.js';

/** `count` IPv4 addresses that depend on `seed` only. */
export function addresses(seed: number, count: number): string[] {
  const random = randomFrom(seed);
  const part = () => random(0, 256);
  return Array.from({ length: count }, () => `${random(1, 224)}.${part()}.${part()}.${part()}`);
}
