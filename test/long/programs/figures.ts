/** Programs that print what they found as one line of JSON. */

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../../support/cli.js';

/**
 * Runs a program of this folder in a process of its own, to its end.
 * @param program its name, without the ending
 * @param options what {@link optionsOf} gives there
 * @param flags for node
 */
export async function figuresOf<Figures>(
  program: string,
  options: object,
  flags: readonly string[] = [],
): Promise<Figures> {
  const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
  const args = [...flags, path, JSON.stringify(options)];
  const { code, signal, stdout, stderr } = await startProgram(process.execPath, args).ended;
  assert.deepEqual([code, signal, stderr], [0, null, '']);
  return JSON.parse(stdout) as Figures;
}

/** What this program was asked. */
export function optionsOf<Options>(): Options {
  return JSON.parse(process.argv[2] ?? '') as Options;
}

/** Tells what this program found. */
export function tell(figures: object): void {
  process.stdout.write(JSON.stringify(figures));
}
