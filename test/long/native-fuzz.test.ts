/** The native part fuzzed without Node: the addon's functions over a small host, and the searches. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../support/command.js';
import { tempDir } from '../support/files.js';
import {
  ADDRESS_AND_UNDEFINED,
  type CProgram,
  cannotSanitize,
  compileProgram,
  SANITIZED,
} from '../support/native-programs.js';
import { publish } from '../support/proof.js';
import { scaled } from '../support/scale.js';

const SEED = Number(process.env.SMMAP_SEED ?? 1);

/** Tells the program which branches an input takes. */
const COVERAGE = '-fsanitize-coverage=trace-pc';

const folder = tempDir();
const skip = cannotSanitize('libasan.so');

/** The addon with a host that is not Node, and a system that has limits. */
const FACE: Omit<CProgram, 'name' | 'coreFlags'> = {
  files: [
    ...['host.c', 'host_later.c', 'host_references.c', 'host_values.c'],
    ...['face_files.c', 'face_system.c', 'face_values.c'],
  ],
  core: () => true,
  flags: ADDRESS_AND_UNDEFINED,
  wrapped: [
    ...['open', 'map_limit', 'map', 'unmap', 'reserve', 'unreserve'],
    ...['populate', 'flush', 'advise', 'lock', 'unlock'],
    ...['residency', 'has_private_pages', 'name'],
  ].map((name) => `smmap_os_${name}`),
};

/** Its allocations are those of `face_system.c`. */
const SYSTEM = ['mmap', 'malloc', 'calloc', 'realloc'].map((name) => `-D${name}=face_${name}`);

/** Fuzzes for some seconds, and fails with the input that ended the program. */
function fuzz(program: string, seconds: number): Record<string, number> {
  const crash = join(folder, 'crash');
  const env = { ...SANITIZED, TMPDIR: folder };
  try {
    return JSON.parse(run(program, [`${seconds}`, `${SEED}`, crash], { env }));
  } catch (error) {
    const input = existsSync(crash) ? readFileSync(crash).toString('base64') : 'none';
    throw new Error(`seed ${SEED}; the input, in base64: ${input}`, { cause: error });
  }
}

describe('the native part, fuzzed', { skip }, () => {
  test('the functions of the addon, called with anything in any order', (t) => {
    const seconds = scaled(20, 600);
    const program = compileProgram(folder, {
      ...FACE,
      name: 'fuzz-face',
      files: [...FACE.files, 'fuzz_face.c', 'fuzz_main.c'],
      coreFlags: [COVERAGE, ...SYSTEM],
    });
    const figures = fuzz(program, seconds);
    t.diagnostic(JSON.stringify(figures));
    assert.ok((figures.kept ?? 0) > 100, 'hardly anything of it was reached');
    publish('native-fuzz-face', { ...figures, seconds, seed: SEED, crashes: 0 });
  });

  test('what was found that way', () => {
    const program = compileProgram(folder, {
      ...FACE,
      name: 'cases-face',
      files: [...FACE.files, 'cases_face.c'],
      wrapped: [...(FACE.wrapped ?? []), 'smmap_guard_ring'],
      coreFlags: SYSTEM,
    });
    run(program, [], { env: { ...SANITIZED, TMPDIR: folder } });
  });

  test('the searches, against naive ones at the edges of memory', (t) => {
    const seconds = scaled(15, 300);
    const program = compileProgram(folder, {
      name: 'fuzz-search',
      files: ['fuzz_search.c', 'fuzz_main.c'],
      including: [`kernels_${process.arch}.c`, 'kernels_plain.c'],
      core: (name) => name === 'search',
      flags: ADDRESS_AND_UNDEFINED,
      coreFlags: [COVERAGE],
    });
    const figures = fuzz(program, seconds);
    t.diagnostic(JSON.stringify(figures));
    assert.ok((figures.kept ?? 0) > 30, 'hardly anything of it was reached');
    publish('native-fuzz-search', { ...figures, seconds, seed: SEED, crashes: 0 });
  });
});
