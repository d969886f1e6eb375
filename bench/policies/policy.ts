/** What a replacement policy is to the comparison: it is told of each access and says whether it was a hit. */

/** One policy with one capacity. An access enters the entry and leaves it: afterwards it is idle. */
export interface Policy {
  /**
   * @param key the entry, a whole number
   * @param size bytes it counts for, at most the capacity, the same each time
   * @returns whether it was held already; it is held now
   */
  access(key: number, size: number): boolean;
}

/** A policy for so many bytes. */
export type PolicyMaker = (capacity: number) => Policy;
