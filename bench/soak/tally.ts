/** What a worker of a soak has done and met since it last told. */
import { SmmapError } from 'smmap';

/** Counts, to be added up. */
export interface Told {
  operations: Record<string, number>;
  /** Pages that were lost and survived. */
  faults: number;
  /** Errors by their code: those that a program must expect while others change its files. */
  errors: Record<string, number>;
  /** What must never be: wrong bytes, and errors of any other kind. */
  failures: string[];
}

/**
 * Codes of errors that are right when files are cut, replaced and written by others, and
 * when managers are closed over the heads of cursors that are kept.
 */
const EXPECTED = new Set([
  'ERR_SMMAP_FAULT',
  'ERR_SMMAP_FILE_CHANGED',
  'ERR_SMMAP_CLOSED',
  'ERR_SMMAP_BUDGET',
]);

export function nothingTold(): Told {
  return { operations: {}, faults: 0, errors: {}, failures: [] };
}

/** Adds what was told to what is known. */
export function add(to: Told, told: Told): void {
  addCounts(to.operations, told.operations);
  addCounts(to.errors, told.errors);
  to.faults += told.faults;
  to.failures.push(...told.failures);
}

export function addCounts(
  to: Record<string, number>,
  counts: Readonly<Record<string, number>>,
): void {
  for (const [name, count] of Object.entries(counts)) to[name] = (to[name] ?? 0) + count;
}

/** Counts an error; one that is not expected is a failure. */
export function noteError(told: Told, error: unknown, doing: string): void {
  const code =
    error instanceof SmmapError ? error.code : String((error as { code?: unknown }).code);
  addCounts(told.errors, { [code]: 1 });
  if (EXPECTED.has(code)) return;
  told.failures.push(`${doing}: ${error instanceof Error ? error.stack : error}`);
}
