/** The constants of scripts, by the names that they have on both sides. */

import {
  MADV_DODUMP,
  MADV_DOFORK,
  MADV_DONTDUMP,
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_MERGEABLE,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_RANDOM,
  MADV_REMOVE,
  MADV_SEQUENTIAL,
  MADV_UNMERGEABLE,
  MADV_WILLNEED,
  MAP_ANONYMOUS,
  MAP_DENYWRITE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from 'smmap';

const CONSTANTS: Readonly<Record<string, number | undefined>> = {
  MAP_ANONYMOUS,
  MAP_DENYWRITE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
};

/** Advice that changes no byte, by name. */
const HARMLESS: Readonly<Record<string, number | undefined>> = {
  dodump: MADV_DODUMP,
  dofork: MADV_DOFORK,
  dontdump: MADV_DONTDUMP,
  dontfork: MADV_DONTFORK,
  hugepage: MADV_HUGEPAGE,
  mergeable: MADV_MERGEABLE,
  nohugepage: MADV_NOHUGEPAGE,
  normal: MADV_NORMAL,
  random: MADV_RANDOM,
  sequential: MADV_SEQUENTIAL,
  unmergeable: MADV_UNMERGEABLE,
  willneed: MADV_WILLNEED,
};
/** Advice after which bytes may be gone. */
const DESTRUCTIVE: Readonly<Record<string, number | undefined>> = {
  dontneed: MADV_DONTNEED,
  remove: MADV_REMOVE,
};

export const harmless: readonly string[] = Object.keys(HARMLESS);
export const destructive: readonly string[] = Object.keys(DESTRUCTIVE);

/** The number of an advice. */
export function adviceOf(name: string): number | undefined {
  return HARMLESS[name] ?? DESTRUCTIVE[name];
}

/** The sum of constants joined with `|`, each a name or a number. */
export function sumOf(names: string): number {
  return names
    .split('|')
    .map((name) => CONSTANTS[name] ?? Number(name))
    .reduce((sum, value) => sum + value);
}
