/** The words of the differential test of `mmap`: what both sides are asked, and what they say. */

/** Maps and files of a script have numbers from 0. */
export const SLOTS = 3;
export const FILES = 2;
/** Of bytes that a call gives, those that are told letter by letter. */
export const FIRST = 16;

/**
 * An argument of a call. What depends on the map is worked out by either side when
 * the call is made, so that any part of a script is a script.
 */
export type Argument =
  | number
  | null
  /** A number counted from the length of the map. */
  | { end: number }
  /** Bytes, each a letter of Latin-1. */
  | { bytes: string }
  /** As many of these bytes, again and again, as the slice of the other arguments has. */
  | { fit: string }
  /** A string, which is not bytes. */
  | { text: string }
  /** Advice by its name, which is that of the constant in small letters. */
  | { advice: string; asNumber: boolean };

/** How a map is made. Constants are their names, joined with `|`. */
export interface Making {
  do: 'map';
  /** What was there is closed. */
  map: number;
  /** A file by its number, or what is no file. */
  source: number | 'anonymous' | Odd;
  /** How the file is opened. */
  mode: 'r' | 'w' | 'r+';
  /** By `MemoryMap.open` or `MemoryMap.anonymous`, for which Python has no name. */
  named: boolean;
  /** Bytes; `end` counts from what the file has from the offset on. */
  length: number | { end: number };
  offset?: number;
  access?: string;
  prot?: string;
  flags?: string;
  trackFd?: boolean;
}

/** Descriptors that stand for no file and no memory. */
export type Odd = 'directory' | 'pipe' | 'device' | 'none' | 'negative';

/** A call on a map, by the name that it has here. */
export interface Call {
  do: string;
  map: number;
  args: Argument[];
}

/** What somebody else does to a file: an ordinary write, or another size. */
export type Meddling =
  | { do: 'poke'; file: number; offset: number; bytes: string }
  | { do: 'cut'; file: number; size: number };

export type Step = Making | Call | Meddling;

export function isMaking(step: Step): step is Making {
  return step.do === 'map';
}

export function isCall(step: Step): step is Call {
  return 'args' in step;
}

export interface Script {
  /** Bytes in each file at the beginning. */
  files: number[];
  steps: Step[];
}

/**
 * What a step came to: what the call gave, or the error, its name and what else it says
 * of its kind. Bytes are as many, with a checksum and the first of them.
 */
export type Result =
  | null
  | number
  | boolean
  | (string | number | boolean | null)[]
  | { bytes: number; checksum: number; first: string }
  | { error: string };

/** What there is after a step: by map its length, position and checksum, by file its size and checksum. */
export interface State {
  maps: ('none' | 'closed' | 'faulted' | number[])[];
  files: [size: number, checksum: number][];
}

/** Why a step was not done: there is no such map, or it might end a process with `mmap` in it. */
export type Undone = 'no map' | 'cut' | 'unsafe';

/** A step on one side. */
export interface Said {
  result: Result;
  state: State;
  undone?: Undone;
}
