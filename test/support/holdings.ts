/** What this process holds of the system's. Linux only. */

import { readdirSync, readFileSync } from 'node:fs';
import { anonymousBytes } from './memory.js';

/** Counts and bytes as the system says them. */
export interface Holdings {
  /** Bytes in memory that belong to no file: what this process alone has filled. */
  anonymousBytes: number;
  /** Open descriptors. */
  descriptors: number;
  /** Lines of the file in `/proc/self/maps`. */
  fileLines: number;
  /** All other lines. */
  otherLines: number;
}

/**
 * What is held now; `path` is the file, or the folder of files, whose mappings are
 * told apart. The memory is looked at first, and few objects are made: what this
 * costs is not to be found at the next look.
 */
export function holdings(path: string): Holdings {
  const memory = anonymousBytes();
  const maps = readFileSync('/proc/self/maps');
  const fileLines = count(maps, path);
  return {
    anonymousBytes: memory,
    descriptors: readdirSync('/proc/self/fd').length,
    fileLines,
    otherLines: count(maps, '\n') - fileLines,
  };
}

/** How often `text` occurs; a path does once in each of its lines. */
function count(bytes: Buffer, text: string): number {
  let found = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) found++;
  return found;
}
