/** Hostile calls over the whole public face: no crash, no hang, every failure one that can be told. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ByteSource } from '#src/byte-source.js';
import { MapClosedError } from '#src/errors.js';
import { copyOut } from '#src/stretch.js';
import { publish } from '../support/proof.js';
import { scaled } from '../support/scale.js';

const PROGRAM = fileURLToPath(new URL('hostile/run.js', import.meta.url));
const SEED = Number(process.env.SMMAP_SEED ?? 1);
const SECONDS = scaled(25, 900);

/** Milliseconds without a word after which the process counts as hung: a round takes a tenth of a second. */
const HUNG_AFTER = 60_000;

/** No file becomes longer than this, in the 512-byte units of `ulimit -f`: what asks for more gets EFBIG. */
const MOST_BLOCKS = 8_192;

/** Runs the program to its end, and gives the lines that it wrote. */
async function hostile(): Promise<string[]> {
  const limits = `ulimit -c 0 && ulimit -f ${MOST_BLOCKS} && exec "$@"`;
  const command = [process.execPath, '--expose-gc', PROGRAM, `${SEED}`, `${SECONDS}`];
  const child = spawn('/bin/sh', ['-c', limits, 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const hung = setTimeout(() => child.kill('SIGKILL'), HUNG_AFTER);
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
    hung.refresh();
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const [status, signal] = await new Promise<unknown[]>((resolve) => {
    child.once('close', (...ended) => resolve(ended));
  });
  clearTimeout(hung);
  const lines = stdout.trimEnd().split('\n');
  const last = lines.at(-1)?.startsWith('seed') ? lines.at(-1) : 'no seed';
  assert.equal(status, 0, `${last}: ended with ${signal ?? status}\n${stderr}`);
  return lines;
}

test('a window that is closed while it is read is a closed map to whoever reads', () => {
  const empty: ByteSource = {
    length: 10,
    windowAt: () => ({ bytes: Buffer.alloc(0), begin: 0 }),
    verify: () => undefined,
  };
  assert.throws(() => copyOut(empty, 0, 10), MapClosedError);
});

test('any call with anything, on anything, while it is closed in the middle', async (t) => {
  const lines = await hostile();
  const figures = JSON.parse(lines.at(-1) ?? '');
  t.diagnostic(`seeds from ${SEED} on: ${JSON.stringify(figures)}`);
  // What was tried was not refused at the door: calls went through, and the caller's own errors came back.
  assert.ok(figures.answers > figures.calls / 4 && figures.markers > 0);
  publish('hostile-calls', { ...figures, seconds: SECONDS, seed: SEED, crashes: 0 });
});
