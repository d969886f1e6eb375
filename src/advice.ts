/** What a program can tell the kernel of how it will use memory. */
import { invalidType, invalidValue } from './arguments.js';
import * as constants from './constants.js';

/** Advice by name; each is what madvise(2) says of the constant of that name. */
export type Advice =
  | 'normal'
  | 'random'
  | 'sequential'
  | 'willneed'
  | 'dontneed'
  | 'free'
  | 'remove'
  | 'dontfork'
  | 'dofork'
  | 'mergeable'
  | 'unmergeable'
  | 'hugepage'
  | 'nohugepage'
  | 'dontdump'
  | 'dodump'
  | 'cold'
  | 'pageout'
  | 'populate-read'
  | 'populate-write'
  | 'collapse'
  | 'free-reusable'
  | 'free-reuse';

const NUMBERS: Readonly<Record<Advice, number | undefined>> = {
  normal: constants.MADV_NORMAL,
  random: constants.MADV_RANDOM,
  sequential: constants.MADV_SEQUENTIAL,
  willneed: constants.MADV_WILLNEED,
  dontneed: constants.MADV_DONTNEED,
  free: constants.MADV_FREE,
  remove: constants.MADV_REMOVE,
  dontfork: constants.MADV_DONTFORK,
  dofork: constants.MADV_DOFORK,
  mergeable: constants.MADV_MERGEABLE,
  unmergeable: constants.MADV_UNMERGEABLE,
  hugepage: constants.MADV_HUGEPAGE,
  nohugepage: constants.MADV_NOHUGEPAGE,
  dontdump: constants.MADV_DONTDUMP,
  dodump: constants.MADV_DODUMP,
  cold: constants.MADV_COLD,
  pageout: constants.MADV_PAGEOUT,
  'populate-read': constants.MADV_POPULATE_READ,
  'populate-write': constants.MADV_POPULATE_WRITE,
  collapse: constants.MADV_COLLAPSE,
  'free-reusable': constants.MADV_FREE_REUSABLE,
  'free-reuse': constants.MADV_FREE_REUSE,
};

/** What the bytes of a page do not outlive: only pages that were named whole may get it. */
const DESTRUCTIVE: ReadonlySet<Advice> = new Set(['dontneed', 'free', 'remove', 'free-reusable']);
/** What stores, or seems to: not for a map for reading. */
const STORING: ReadonlySet<Advice> = new Set(['remove', 'populate-write']);

/** An advice that this system knows. */
export interface KnownAdvice {
  readonly name: Advice;
  /** The system's own. */
  readonly number: number;
  readonly destructive: boolean;
  /** What it destroys is the file's: bytes beside the map must not share the page. */
  readonly ofFile: boolean;
  readonly stores: boolean;
}

/**
 * The advice that a name or a number of `MADV_*` stands for.
 * @throws TypeError `ERR_INVALID_ARG_TYPE` · `ERR_INVALID_ARG_VALUE` for what this system
 * does not know, and what could harm the process (`MADV_HWPOISON`, `MADV_SOFT_OFFLINE`)
 */
export function adviceOf(advice: unknown): KnownAdvice {
  if (typeof advice !== 'string' && typeof advice !== 'number') {
    throw invalidType('advice', 'a name or a number of MADV_*', advice);
  }
  for (const [name, number] of Object.entries(NUMBERS) as [Advice, number | undefined][]) {
    if (number === undefined || (advice !== name && advice !== number)) continue;
    const destructive = DESTRUCTIVE.has(name);
    return { name, number, destructive, ofFile: name === 'remove', stores: STORING.has(name) };
  }
  const known = Object.keys(NUMBERS).filter((name) => NUMBERS[name as Advice] !== undefined);
  throw invalidValue('advice', `known here (${known.join(', ') || 'none'}) and harmless`, advice);
}
