/**
 * Who goes next among the idle: pure order, no file.
 *
 * Entries left for the first time stand in probation, those that were entered
 * again in a protected part of at most 80 % of the bytes. Probation goes first,
 * the one left longest ago first, so one pass over a huge file passes through
 * probation and leaves what is used again and again alone.
 *
 * Two things beyond the segmented LRU of Karedla, Love and Wherry (1994), both
 * measured (`docs/policy.md`). What was only ever entered again at once, nothing
 * else in between, goes before the rest of the protected: a pass in many small
 * steps enters each region many times, and is one pass all the same. And what
 * had to go and comes back soon counts as entered again: else what nobody wants
 * any more could keep everything new out for good.
 *
 * Every operation costs the same however many entries there are.
 */
import { Order, type Ordered } from '#src/order.js';

/** How an entry was used so far: the higher, the longer it stays. */
const USED = { once: 0, againAtOnce: 1, again: 2 } as const;

/** What an entry carries. */
export interface Idle extends Ordered {
  /** Bytes it counts for. */
  readonly extent: number;
  /** A number below 2^32 that stands for it also after it went and came back; others rarely have the same. */
  readonly mark: number;
  /** When it was last entered or left, on a clock that ticks each time anything is. */
  readonly lastUse: number;
  /** @internal how it was used; `undefined` before its first use */
  used: (typeof USED)[keyof typeof USED] | undefined;
  /** @internal the part it stands in; `undefined` while in use */
  segment: Segment | undefined;
}

/** One part of the order, with its bytes. */
class Segment {
  readonly order = new Order<Idle>();
  bytes = 0;

  push(entry: Idle): void {
    entry.segment = this;
    this.order.push(entry);
    this.bytes += entry.extent;
  }

  remove(entry: Idle): void {
    entry.segment = undefined;
    this.order.remove(entry);
    this.bytes -= entry.extent;
  }
}

/** Share of what is mapped that protected entries may take. */
const PROTECTED_SHARE = 0.8;
/** What comes back before this part of what is mapped had to go counts as entered again. */
const SOON = 0.75;
/** Of those that went, so many are remembered at most. */
const REMEMBERED = 2 ** 14;

/** What had to go lately. Of two that share a slot the later one is remembered. */
class Departed {
  readonly #marks = new Uint32Array(REMEMBERED);
  /** How many bytes had gone when it went, its own included. */
  readonly #places = new Float64Array(REMEMBERED);
  #gone = 0;

  add({ mark, extent }: Idle): void {
    this.#gone += extent;
    this.#marks[mark % REMEMBERED] = mark;
    this.#places[mark % REMEMBERED] = this.#gone;
  }

  /** Whether it went, and at most so many bytes after it. */
  has({ mark }: Idle, most: number): boolean {
    const slot = mark % REMEMBERED;
    const place = this.#places[slot] as number;
    return this.#marks[slot] === mark && place > 0 && this.#gone - place < most;
  }
}

/** The idle entries of one manager in the order in which they go. */
export class Recency<Entry extends Idle> {
  /** By how entries were used: probation, and the two parts that are protected. */
  readonly #parts = [new Segment(), new Segment(), new Segment()] as const;
  readonly #departed = new Departed();

  /** How many are idle. */
  get length(): number {
    const [once, atOnce, again] = this.#parts;
    return once.order.length + atOnce.order.length + again.order.length;
  }

  /** Bytes of all idle entries. */
  get bytes(): number {
    const [once, atOnce, again] = this.#parts;
    return once.bytes + atOnce.bytes + again.bytes;
  }

  /**
   * The entry is in use.
   * @param now the clock, before it ticks for this
   * @param mapped bytes of all entries
   */
  enter(entry: Entry, now: number, mapped: number): void {
    this.remove(entry);
    if (entry.used === undefined) {
      const back = this.#departed.has(entry, mapped * SOON);
      entry.used = back ? USED.again : USED.once;
    } else if (now > entry.lastUse) {
      entry.used = USED.again;
    } else if (entry.used === USED.once) {
      entry.used = USED.againAtOnce;
    }
  }

  /** The entry is idle from now on, and the newest. */
  leave(entry: Entry): void {
    this.#parts[entry.used ?? USED.once].push(entry);
  }

  /** The entry is not idle any more. Nothing happens when it was not. */
  remove(entry: Entry): void {
    entry.segment?.remove(entry);
  }

  /** The entry had to make room, and is remembered for a while. */
  remember(entry: Entry): void {
    this.#departed.add(entry);
  }

  /**
   * The entry that is next to go. Of the protected, as many as are beyond their share
   * stand in probation from now on, as the newest there.
   * @param mapped bytes of all entries, those in use included
   */
  next(mapped: number): Entry | undefined {
    const [once, atOnce, again] = this.#parts;
    while (atOnce.bytes + again.bytes > mapped * PROTECTED_SHARE) {
      const part = atOnce.order.length > 0 ? atOnce : again;
      const oldest = part.order.oldest as Entry; // its part has bytes
      part.remove(oldest);
      once.push(oldest);
    }
    return (once.order.oldest ?? atOnce.order.oldest ?? again.order.oldest) as Entry | undefined;
  }
}
