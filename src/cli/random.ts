/**
 * Numbers from 0 (included) to 1 (excluded) that look random and are the same for the same seed.
 * The generator is mulberry32, a counter with a mixing step; two of its 32-bit outputs
 * make one number of 53 bits, so that every byte of the largest file can be hit.
 */
export function seededRandom(seed: number): () => number {
  let counter = seed | 0;
  function next32(): number {
    counter = (counter + 0x6d2b79f5) | 0;
    let mixed = Math.imul(counter ^ (counter >>> 15), counter | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
  return () => ((next32() >>> 5) * 2 ** 26 + (next32() >>> 6)) / 2 ** 53;
}
