/** What this process holds of the system's. Linux only. */

import { readdirSync, readFileSync } from 'node:fs';
import { mapped, mapsLines } from './proc-maps.js';

/** Counts and bytes as the system says them. */
export interface Holdings {
  /** Lines of the file in `/proc/self/maps`. */
  fileLines: number;
  /** All other lines. */
  otherLines: number;
  /** Open descriptors. */
  descriptors: number;
  /** Bytes in memory that belong to no file: what this process alone has filled. */
  anonymousBytes: number;
}

/** What is held now; `path` is the file whose mappings are told apart. */
export function holdings(path: string): Holdings {
  const fileLines = mapped(path).lines;
  return {
    fileLines,
    otherLines: mapsLines().length - fileLines,
    descriptors: readdirSync('/proc/self/fd').length,
    anonymousBytes: anonymousBytes(),
  };
}

function anonymousBytes(): number {
  const [, kibibytes] =
    /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  if (kibibytes === undefined) throw new Error('/proc/self/status has no RssAnon');
  return Number(kibibytes) * 1024;
}
