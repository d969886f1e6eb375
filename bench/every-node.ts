/** The same workloads on every line of Node.js that is promised. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../test/support/files.js';
import { NODE_LINES, nodeProgram } from '../test/support/nodes.js';
import type { Verdict } from './workload.js';

/** What workloads found, by their names. */
export type Found = Readonly<Record<string, readonly Verdict[]>>;

/** What was found on one line of Node.js. */
export interface OnNode {
  /** As Node says it: `v24.1.0`. */
  readonly version: string;
  readonly found: Found;
}

/** By line (`24`), from the oldest to the newest. */
export type ByNode = Readonly<Record<string, OnNode>>;

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

/**
 * One after the other, each in a process of its own that prints what it finds. One that fails is
 * told of and left out: what the others found took long. Linux x64 only, as the programs are.
 */
export function everyNode(names: readonly string[]): ByNode {
  const folder = tempDir();
  const byNode: Record<string, OnNode> = {};
  for (const line of NODE_LINES) {
    const program = nodeProgram(line);
    const to = join(folder, line);
    const { status, signal, error } = spawnSync(program, [MAIN, '--verdicts', to, ...names], {
      stdio: 'inherit',
    });
    if (status !== 0) {
      const how = error?.message ?? signal ?? `exit code ${status}`;
      console.error(`the benchmarks failed on Node ${line}: ${how}`);
      process.exitCode = 1;
      continue;
    }
    const version = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.trim();
    byNode[line] = { version, found: JSON.parse(readFileSync(to, 'utf8')) as Found };
  }
  return byNode;
}
