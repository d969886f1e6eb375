/** SIGBUS that is not ours: other handlers before and after, and signals from outside. */

import assert from 'node:assert/strict';
import { writeSync } from 'node:fs';
import { PAGE_SIZE, SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { hazards } from '../support/hazards.js';
import { sendSignal } from '../support/signals.js';
import { cutBytes, cuttableFile } from './fixtures/cut-file.js';
import { KIND, loadForeign } from './fixtures/foreign.js';

/** Cuts a file under a new mapping: making it re-arms the guard. */
function surviveOne(): void {
  const { manager, view, cut } = cuttableFile();
  cut();
  assert.ok(view.equals(cutBytes()));
  assert.equal(manager.stats().faults, 1);
}

/** As {@link surviveOne}, with another's handler put in front after the mapping was made. */
function surviveBehind(install: () => void): void {
  const { manager, view, cut } = cuttableFile();
  install();
  cut();
  assert.ok(view.equals(cutBytes()));
  assert.equal(manager.stats().faults, 1);
}

/** Waits for listeners of signals to be called. */
async function until(done: () => boolean): Promise<void> {
  for (let turns = 0; !done() && turns < 1_000_000; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(done());
}

const dies = { status: null, signal: 'SIGBUS', stdout: 'survived until here\n' } as const;

function foreignFault(): void {
  writeSync(1, 'survived until here\n');
  loadForeign().fault();
}

function sent(): void {
  writeSync(1, 'survived until here\n');
  sendSignal('SIGBUS');
  for (;;) process.hrtime();
}

await hazards(import.meta.url, {
  'a foreign fault has its normal effect': {
    run: () => {
      surviveOne();
      foreignFault();
    },
    ends: dies,
  },

  'so has a signal from outside': {
    run: () => {
      surviveOne();
      sent();
    },
    ends: dies,
  },

  'so has a foreign fault when a listener of Node waits for signals': {
    run: () => {
      process.on('SIGBUS', () => undefined);
      surviveOne();
      foreignFault();
    },
    ends: dies,
  },

  'so has a foreign fault in front of a handler that does not help': {
    run: () => {
      loadForeign().install(KIND.returns);
      surviveOne();
      foreignFault();
    },
    ends: dies,
  },

  'a handler in front of us that chains: our faults are survived, foreign ones are not': {
    run: () => {
      surviveOne();
      surviveBehind(() => loadForeign().install(KIND.chains));
      assert.ok(loadForeign().handled() > 0);
      surviveOne();
      foreignFault();
    },
    ends: dies,
  },

  'a handler in front of us that chains, and a signal from outside': {
    run: () => {
      surviveBehind(() => loadForeign().install(KIND.chains));
      surviveOne();
      sent();
    },
    ends: dies,
  },

  'a handler that ends the process does so for foreign faults only': {
    run: () => {
      surviveOne();
      loadForeign().install(KIND.exits);
      surviveOne();
      foreignFault();
    },
    ends: { status: 7, stdout: 'survived until here\n' },
  },

  'a handler that mends its own faults goes on doing so': () => {
    loadForeign().install(KIND.mends);
    for (let i = 1; i <= 10; i++) {
      surviveOne();
      assert.equal(loadForeign().fault(), 0);
      assert.equal(loadForeign().handled(), i);
    }
  },

  'a handler that jumps out goes on doing so, in one thread and in many': () => {
    surviveOne();
    loadForeign().install(KIND.jumps);
    surviveOne();
    for (let i = 0; i < 100; i++) {
      assert.equal(loadForeign().fault(), 1);
      surviveOne();
    }
    assert.equal(loadForeign().faultInThreads(600), 700);
    surviveOne();
    assert.equal(loadForeign().fault(), 1);
  },

  'a listener of Node, put on before the first mapping, hears signals from outside': async () => {
    let heard = 0;
    process.on('SIGBUS', () => heard++);
    for (let sent = 1; sent <= 3; sent++) {
      surviveOne();
      sendSignal('SIGBUS');
      await until(() => heard === sent);
    }
    surviveOne();
  },

  'a listener of Node, put on after a mapping, hears signals from outside': async () => {
    let heard = 0;
    surviveOne();
    process.on('SIGBUS', () => heard++);
    for (let sent = 1; sent <= 3; sent++) {
      sendSignal('SIGBUS');
      await until(() => heard === sent);
      surviveOne();
    }
  },

  'a listener put on after the mapping does not take our faults': () => {
    surviveBehind(() => process.on('SIGBUS', () => undefined));
  },

  'a listener taken off does not take the guard along': () => {
    const listener = () => undefined;
    process.on('SIGBUS', listener);
    surviveBehind(() => process.off('SIGBUS', listener));
  },

  'entering a region takes the guard back from whoever took it': () => {
    const { path, manager, view, cut } = cuttableFile();
    loadForeign().install(KIND.returns);
    manager.makeCursor(path).useRegion();
    cut();
    assert.ok(view.equals(cutBytes()));
    assert.equal(manager.stats().faults, 1);
  },

  'so do the moves of a buffer between mapped windows, sixteen at the most': () => {
    const { path, manager, view, cut } = cuttableFile();
    const windows = new SlidingWindowMapManager({ windowSize: PAGE_SIZE });
    const buffer = new SlidingWindowMapBuffer(windows.makeCursor(path));
    for (const index of [0, PAGE_SIZE]) buffer.at(index);
    loadForeign().install(KIND.returns);
    for (let move = 0; move < 16; move++) buffer.at((move % 2) * PAGE_SIZE);
    assert.equal(windows.stats().maps, 2);
    cut();
    assert.ok(view.equals(cutBytes()));
    assert.equal(manager.stats().faults, 1);
  },

  'a listener that was taken off again leaves the normal effect': {
    run: () => {
      const listener = () => undefined;
      process.on('SIGBUS', listener);
      surviveOne();
      process.off('SIGBUS', listener);
      surviveOne();
      sent();
    },
    ends: dies,
  },
});
