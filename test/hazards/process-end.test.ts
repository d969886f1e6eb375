/** The process ends, in every way, with files mapped. */

import assert from 'node:assert/strict';
import { writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { tempDir } from '../support/files.js';
import { type Hazard, hazards } from '../support/hazards.js';
import { sendSignal } from '../support/signals.js';
import { type CutFile, cutBytes, cuttableFile, LOST } from './fixtures/cut-file.js';

/** Ways to end, and how the process then ends. */
const ENDS: Readonly<Record<string, [end: () => unknown, ends: NonNullable<Hazard['ends']>]>> = {
  'by coming to its end': [() => undefined, { status: 0 }],
  'by process.exit': [() => process.exit(3), { status: 3 }],
  'by process.exit in the middle of a promise': [
    () => turn().then(() => process.exit(4)),
    { status: 4 },
  ],
  'by an exception': [() => setTimeout(() => fail()), { status: 1 }],
  'by a rejection': [() => Promise.reject(new Error('rejected on purpose')), { status: 1 }],
  'by process.abort': [() => process.abort(), { status: null, signal: 'SIGABRT' }],
  'by SIGTERM': [() => die('SIGTERM'), { status: null, signal: 'SIGTERM' }],
  'by SIGBUS': [() => die('SIGBUS'), { status: null, signal: 'SIGBUS' }],
};

/** What is under way when it ends. */
const MOMENTS: Readonly<Record<string, (file: CutFile) => void>> = {
  'files mapped': () => undefined,
  'a prefetch under way': ({ cursor }) => void cursor.prefetch().catch(() => undefined),
  'a fault that the loop has not heard of': ({ view, cut }) => {
    cut();
    assert.equal(view[LOST], 0);
  },
  'a view read in the exit handler': ({ view, cut }) => {
    process.prependListener('exit', () => {
      cut();
      if (view.length > 0) assert.ok(view.equals(cutBytes()));
    });
  },
};

function fail(): never {
  throw new Error('thrown on purpose');
}

function die(signal: NodeJS.Signals): never {
  sendSignal(signal);
  for (;;) process.hrtime();
}

const table: Record<string, Hazard> = {};
for (const [how, [end, ends]] of Object.entries(ENDS)) {
  const run = async () => {
    const files = Object.values(MOMENTS).map((prepare) => {
      const file = cuttableFile();
      prepare(file);
      return file;
    });
    writeSync(1, 'ready');
    await end();
    return files;
  };
  table[`ends ${how}`] = { run, ends: { ...ends, stdout: 'ready' } };
}

await hazards(import.meta.url, {
  ...table,

  'faults are survived when uncaught exceptions abort': {
    run: () => {
      const { manager, view, cut } = cuttableFile();
      cut();
      assert.ok(view.equals(cutBytes()));
      assert.equal(manager.stats().faults, 1);
      writeSync(1, 'ready');
      setTimeout(fail);
    },
    node: ['--abort-on-uncaught-exception'],
    ends: { status: null, signal: 'SIGTRAP', stdout: 'ready' },
  },

  'faults are survived while the processor is profiled': {
    run: () => {
      for (let i = 0; i < 200; i++) {
        const { manager, view, cut } = cuttableFile();
        cut();
        assert.ok(view.equals(cutBytes()));
        manager.close();
      }
    },
    node: ['--cpu-prof', '--cpu-prof-interval=100', `--cpu-prof-dir=${tempDir()}`],
  },
});
