/** Who goes next among the idle, by the words of rule 3 and plain arrays: slow, and plain to see. */

/** What can be idle. */
export interface Idling {
  /** The same when it went and came back. */
  readonly name: string;
  readonly extent: number;
}

/** Share of the bytes that protected regions may take at most, and at first. */
const MOST_PROTECTED = 0.8;
/** What the share gains when a region goes, as a part of that region's bytes. */
const TRIED_AGAIN = 1 / 200;

export class IdleOrder<Region extends Idling> {
  /** The one left longest ago first, as below. */
  #probation: Region[] = [];
  #protected: Region[] = [];
  /** Those that went and that plain LRU would still have. */
  #gone: { name: string; extent: number; left: number }[] = [];
  #share = MOST_PROTECTED;
  #clock = 0;
  readonly #left = new WeakMap<Region, number>();
  /** Plain LRU would have none that was left at this time or before. */
  #horizon = 0;

  /** All of them. */
  get all(): Region[] {
    return [...this.#probation, ...this.#protected];
  }

  get bytes(): number {
    return bytesOf(this.all);
  }

  /** A region of that name will be mapped. */
  want(name: string, mapped: number): void {
    const gone = this.#gone.find((one) => one.name === name);
    if (gone === undefined) return;
    this.#gone = this.#gone.filter((one) => one !== gone);
    this.#grow(-gone.extent, mapped);
  }

  enter(region: Region, mapped: number): void {
    if (this.#kept.includes(region)) this.#grow(region.extent, mapped);
    this.remove(region);
  }

  leave(region: Region, enteredAgain: boolean): void {
    (enteredAgain ? this.#protected : this.#probation).push(region);
    this.#left.set(region, ++this.#clock);
  }

  remove(region: Region): void {
    this.#probation = this.#probation.filter((one) => one !== region);
    this.#protected = this.#protected.filter((one) => one !== region);
    this.#catchUp();
  }

  next(mapped: number): Region | undefined {
    const within = bytesOf(this.#protected) <= this.#share * mapped;
    if (within && this.#probation.length > 0) return this.#probation[0];
    return this.all.sort((a, b) => this.#leftAt(a) - this.#leftAt(b))[0];
  }

  /** It was the next to go, and went to make room. */
  remember(region: Region, mapped: number): void {
    const { name, extent } = region;
    const left = this.#leftAt(region);
    this.#grow(extent * TRIED_AGAIN, mapped);
    if (this.#protected.some((one) => this.#leftAt(one) < left)) {
      this.#gone = [...this.#gone.filter((one) => one.name !== name), { name, extent, left }];
    }
    this.#catchUp();
  }

  /** Those that are only here because they are protected. */
  get #kept(): Region[] {
    return this.#protected.filter((one) => this.#leftAt(one) <= this.#horizon);
  }

  /** Plain LRU has no more bytes than the real one. */
  #catchUp(): void {
    while (bytesOf(this.#gone) > bytesOf(this.#kept)) {
      const inLru = [...this.#gone.map(({ left }) => left), ...this.#protected.map(this.#leftAt)];
      this.#horizon = Math.min(...inLru.filter((left) => left > this.#horizon));
      this.#gone = this.#gone.filter(({ left }) => left > this.#horizon);
    }
  }

  readonly #leftAt = (region: Region): number => this.#left.get(region) as number;

  #grow(bytes: number, mapped: number): void {
    this.#share = Math.min(Math.max(this.#share + bytes / mapped, 0), MOST_PROTECTED);
  }
}

function bytesOf(regions: readonly { extent: number }[]): number {
  return regions.reduce((sum, { extent }) => sum + extent, 0);
}
