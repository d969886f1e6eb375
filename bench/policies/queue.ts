/** Keys in the order in which they were added, with their bytes. */

/** First in, first out. A key stands in it once. */
export class Queue {
  readonly #sizes = new Map<number, number>();
  /** Bytes of all keys. */
  bytes = 0;

  get length(): number {
    return this.#sizes.size;
  }

  has(key: number): boolean {
    return this.#sizes.has(key);
  }

  /** The one added first. */
  get oldest(): number | undefined {
    for (const key of this.#sizes.keys()) return key;
    return undefined;
  }

  add(key: number, size: number): void {
    this.#sizes.set(key, size);
    this.bytes += size;
  }

  /** @returns the size of the key; 0 when it was not there */
  remove(key: number): number {
    const size = this.#sizes.get(key);
    if (size === undefined) return 0;
    this.#sizes.delete(key);
    this.bytes -= size;
    return size;
  }

  /** Makes a key that stands in it the newest. */
  touch(key: number): void {
    this.add(key, this.remove(key));
  }

  /** Takes the oldest out. There must be one. */
  shift(): { key: number; size: number } {
    const key = this.oldest as number;
    return { key, size: this.remove(key) };
  }
}
