/**
 * Who goes next among the idle: pure order, no file, no clock.
 *
 * Entries left for the first time stand in probation, those that were entered
 * again in a protected part. Probation goes first, the one left longest ago
 * first, so one pass over a huge file passes through probation and leaves what
 * is used again and again alone (segmented LRU: Karedla, Love, Wherry 1994).
 * Where the protected part has more than its share of the bytes its oldest has
 * no privilege: of that one and the oldest in probation the one left longer ago
 * goes. With a share of nothing that is plain LRU.
 *
 * The share learns. Some protected entries are here only because they are
 * protected: plain LRU would have let them go by now, and would still have as
 * many bytes that went in their stead. Each time one of those that were kept is
 * entered, the share grows by its bytes; each time one of those that went is
 * wanted, it shrinks. So whatever plain LRU would have hit and we did not is
 * paid for out of the share, and when that is used up we do as plain LRU does.
 * What goes adds a little to the share each time, for protection to be tried again.
 *
 * What an operation costs does not depend on how many entries there are.
 */

import { Order, type Ordered } from './order.js';

/** What an entry carries. */
export interface Idle extends Ordered {
  /** What it is called, also after it went and came back. */
  readonly name: string;
  /** Bytes it counts for. */
  readonly extent: number;
  /** When it was entered or left last: a number that only grows. */
  readonly lastUse: number;
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

/** What is remembered of an entry that had to go. */
class Gone implements Idle {
  readonly name: string;
  readonly extent: number;
  readonly lastUse: number;
  newer: Ordered | undefined = undefined;
  older: Ordered | undefined = undefined;
  segment: Segment | undefined = undefined;

  constructor({ name, extent, lastUse }: Idle) {
    this.name = name;
    this.extent = extent;
    this.lastUse = lastUse;
  }
}

/** The largest share of all bytes that protected entries may take, and the one to begin with. */
const MOST_PROTECTED = 0.8;
/** What the share gains when an entry goes, as a part of that entry's bytes. */
const TRIED_AGAIN = 1 / 200;
/** Of those that went, so many are remembered at most. */
const REMEMBERED = 2 ** 14;

/** The idle entries of one manager in the order in which they go. */
export class Recency<Entry extends Idle> {
  readonly #probation = new Segment();
  /** The protected ones that plain LRU would have too. */
  readonly #protected = new Segment();
  /** The protected ones that it would have let go: all left before the others. */
  readonly #kept = new Segment();
  /** Those that went and that it would still have: no more bytes than were kept. */
  readonly #gone = new Segment();
  readonly #goneByName = new Map<string, Idle>();
  #share = MOST_PROTECTED;

  /** How many are idle. */
  get length(): number {
    return this.#probation.order.length + this.#protected.order.length + this.#kept.order.length;
  }

  /** Bytes of all idle entries. */
  get bytes(): number {
    return this.#probation.bytes + this.#protected.bytes + this.#kept.bytes;
  }

  /**
   * An entry is wanted that is not there. To be told before others go to make room for it.
   * @param mapped bytes of all entries, those in use included, as in what follows
   */
  want(name: string, mapped: number): void {
    const gone = this.#goneByName.get(name);
    if (gone === undefined) return;
    this.#forget(gone);
    this.#grow(-gone.extent, mapped);
  }

  /** The entry is in use. Nothing happens when it was before. */
  enter(entry: Entry, mapped: number): void {
    if (entry.segment === this.#kept) this.#grow(entry.extent, mapped);
    this.remove(entry);
  }

  /** The entry is idle from now on, and the newest. */
  leave(entry: Entry, enteredAgain: boolean): void {
    (enteredAgain ? this.#protected : this.#probation).push(entry);
  }

  /** The entry is not idle any more. Nothing happens when it was not. */
  remove(entry: Entry): void {
    entry.segment?.remove(entry);
    this.#balance();
  }

  /** The entry that is next to go. */
  next(mapped: number): Entry | undefined {
    const passing = this.#probation.order.oldest;
    const held = this.#kept.order.oldest ?? this.#protected.order.oldest;
    if (passing === undefined || held === undefined) return (passing ?? held) as Entry | undefined;
    const within = this.#kept.bytes + this.#protected.bytes <= this.#share * mapped;
    return (within || passing.lastUse < held.lastUse ? passing : held) as Entry;
  }

  /** The entry had to make room, and is not idle any more. */
  remember(entry: Entry, mapped: number): void {
    this.#grow(entry.extent * TRIED_AGAIN, mapped);
    const held = this.#kept.order.oldest ?? this.#protected.order.oldest;
    // Else it was the oldest of all, and goes with plain LRU too.
    if (held !== undefined && held.lastUse < entry.lastUse) this.#note(new Gone(entry));
    this.#balance();
  }

  #note(gone: Gone): void {
    const namesake = this.#goneByName.get(gone.name);
    if (namesake !== undefined) this.#forget(namesake);
    this.#gone.push(gone);
    this.#goneByName.set(gone.name, gone);
  }

  /**
   * Plain LRU has the protected entries and the gone ones where we have the protected and
   * the kept: its oldest go until it has no more bytes than we. An entry passes through
   * here once at most for each time it was left.
   */
  #balance(): void {
    while (this.#gone.bytes > this.#kept.bytes || this.#gone.order.length > REMEMBERED) {
      const gone = this.#gone.order.oldest as Idle; // it has bytes
      const held = this.#protected.order.oldest;
      if (held !== undefined && held.lastUse < gone.lastUse) {
        this.#protected.remove(held);
        this.#kept.push(held);
      } else {
        this.#forget(gone);
      }
    }
  }

  #forget(gone: Idle): void {
    this.#gone.remove(gone);
    this.#goneByName.delete(gone.name);
  }

  #grow(bytes: number, mapped: number): void {
    this.#share = Math.min(Math.max(this.#share + bytes / mapped, 0), MOST_PROTECTED);
  }
}
