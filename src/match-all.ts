/** Regular expressions over a source of any size, a chunk of text at a time. */

import { constants } from 'node:buffer';
import { isRegExp } from 'node:util/types';
import { integer, invalidType, invalidValue, knownOptions, outOfRange } from './arguments.js';
import type { ByteSource } from './byte-source.js';
import { stretchAt } from './stretch.js';

/** How far {@link matchAll} looks. */
export interface MatchAllOptions {
  /**
   * Bytes of the longest match, and bytes before and after a place that may decide
   * whether and what matches there; at most a quarter of the longest string that there
   * can be. Memory in use is some times as much, about 1 MiB with the default.
   * @default 65536
   */
  maxMatchLength?: number;
}

const DEFAULT_MATCH_LENGTH = 64 * 1024;

/** The longest match whose chunk surely fits a string. */
const LONGEST_MATCH = Math.floor(constants.MAX_STRING_LENGTH / 4) - 1;

/** Fewest places that one chunk decides: many, so that little text is read twice. */
const LEAST_BODY = 512 * 1024;

/** V8 copies a shorter part of a string, and keeps the whole string alive for a longer one. */
const SHORTEST_SLICE = 13;

/**
 * The matches of `regex` in order, as `String.prototype.matchAll` gives them for the
 * whole source read as Latin-1: each byte is one character, so indices are byte
 * offsets, and a pattern for other text must be written in bytes (`/\xc3\xa9/` for an
 * é in UTF-8). The flags d, i, m, s, u, v and y mean what they always mean; a start
 * at `regex.lastIndex` counts, and `regex` is not changed.
 *
 * `index` and `indices` count from the beginning of the source and may pass 2^32.
 * `input` is the empty string, and the texts are copies: a match that is kept keeps
 * no other text alive.
 *
 * The `maxMatchLength` bytes before a place and after it must decide whether and what
 * matches there. A match that is longer is an error, never cut: this is seen as long as
 * it grows in steps of at most `maxMatchLength`, as that of `/a+/` does. What cannot be
 * seen is a longer match that ends too far away when there is a shorter one to fall back
 * on: `/a.*b|a/s` finds just the `a`.
 * @throws TypeError `ERR_INVALID_ARG_TYPE` when `regex` is none, `ERR_INVALID_ARG_VALUE` when it
 *   lacks the g flag
 * @throws RangeError `ERR_OUT_OF_RANGE` for a bad `maxMatchLength`, and from a step when a match
 *   is longer than it
 * @throws MapFaultError from a step when a page was lost · MapClosedError when the source was
 *   closed before its end
 */
export function matchAll(
  source: ByteSource,
  regex: RegExp,
  options?: MatchAllOptions,
): Generator<RegExpExecArray, void, undefined> {
  if (!isRegExp(regex)) throw invalidType('regex', 'a regular expression', regex);
  if (!regex.global) {
    throw invalidValue('regex', 'a regular expression with the g flag', String(regex));
  }
  knownOptions(options, ['maxMatchLength']);
  const { maxMatchLength = DEFAULT_MATCH_LENGTH } = options ?? {};
  const reach = integer('maxMatchLength', maxMatchLength, 1, LONGEST_MATCH);
  const from = Math.max(Math.trunc(regex.lastIndex) || 0, 0);
  return eachMatch(source, new RegExp(regex), from, reach, LEAST_BODY);
}

/**
 * The work of {@link matchAll}; its own so that tests can make the chunks small.
 * @param regex is used up: its `lastIndex` changes
 * @param leastBody fewest places that one chunk decides
 * @param length bytes that there are at the beginning
 */
export function* eachMatch(
  source: ByteSource,
  regex: RegExp,
  start: number,
  reach: number,
  leastBody: number,
  length = source.length, // when it is called, not at the first step
): Generator<RegExpExecArray, void, undefined> {
  let from = start;
  let chunk: Chunk = { text: '', begin: 0, decided: 0 };
  while (from <= source.length) {
    if (from >= chunk.decided) {
      source.ready?.();
      chunk = chunkAt(source, from, reach, leastBody);
    }
    const { text, begin, decided } = chunk;
    regex.lastIndex = from - begin;
    const match = regex.exec(text);
    if (match === null || begin + match.index >= decided) {
      if (regex.sticky) return;
      from = decided;
      continue;
    }
    const index = begin + match.index;
    const { length } = match[0];
    if (length > reach) {
      throw outOfRange('maxMatchLength', `at least ${length} for the match at ${index}`, reach);
    }
    from = index + (length || 1);
    yield standAlone(match, begin);
  }
  if (from <= length) source.ready?.(); // that it was closed is no end
}

/** A piece of the source as text. */
interface Chunk {
  text: string;
  /** Index in the source of the first character. */
  begin: number;
  /** Where the places end whose matches are those of the whole text: places behind it may look beyond the chunk. */
  decided: number;
}

/** The chunk that decides what matches at `from` and at `leastBody` places or more from there on. */
function chunkAt(source: ByteSource, from: number, reach: number, leastBody: number): Chunk {
  // One byte more than the reach, for a `^` or `\b` at its end looks at that one too.
  const begin = Math.max(from - reach - 1, 0);
  const decided = from + Math.max(leastBody, reach);
  // Twice the reach: a match that the chunk's end cuts is then still longer than the reach,
  // even if its last repetition, itself as long as the reach, was lost.
  const end = Math.min(decided + 2 * reach, source.length);
  return { text: latin1(source, begin, end), begin, decided };
}

/** The bytes from `start` to `end` as Latin-1. */
function latin1(source: ByteSource, start: number, end: number): string {
  let text = '';
  let from = start;
  while (from < end) {
    const { bytes, begin } = stretchAt(source, from);
    const to = Math.min(end, begin + bytes.length);
    text += bytes.toString('latin1', from - begin, to - begin);
    source.verify();
    from = to;
  }
  return text;
}

/**
 * The match, found in a chunk that begins at `begin`, as one that holds nothing of the
 * chunk: an array made anew, for the one from `exec` keeps the text it was found in.
 */
function standAlone(match: RegExpExecArray, begin: number): RegExpExecArray {
  const { index, groups, indices } = match;
  const alone = match.map(ownText) as RegExpExecArray;
  alone.index = begin + index;
  alone.input = '';
  // Without named groups the property is there, and undefined.
  alone.groups = groups as NonNullable<typeof groups>;
  for (const name in groups) groups[name] = ownText(groups[name] as string);
  if (indices === undefined) return alone;
  // The pairs of the named groups are the very same arrays.
  for (const pair of indices) {
    if (pair === undefined) continue;
    pair[0] += begin;
    pair[1] += begin;
  }
  alone.indices = indices;
  return alone;
}

/** The text, held by no longer one. Of a group that took no part it is `undefined`, whatever its type. */
function ownText(text: string): string {
  if (text === undefined || text.length < SHORTEST_SLICE) return text;
  return Buffer.from(text, 'latin1').toString('latin1');
}
