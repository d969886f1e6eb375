/** The package in contexts of `node:vm`, as test frameworks load it: the addon's objects are of another realm. */

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';
import type * as Smmap from 'smmap';
import type * as Clients from 'smmap/clients';
import { contentByte, contentBytes, tempDir, writeContent } from './support/files.js';
import { type Hazard, hazards } from './support/hazards.js';

const FLAG = '--experimental-vm-modules';
const WINDOW = 65_536;
const SIZE = 3 * 2 ** 20;
const path = join(tempDir(), 'file.bin');

interface Realm {
  smmap: typeof Smmap;
  clients: typeof Clients;
  /** What `name` stands for there. */
  global(name: string): unknown;
}

/** A context with its own copy of the package, and classes for what comes from outside that are nobody's. */
async function realm(): Promise<Realm> {
  const context = vm.createContext({
    process,
    Buffer,
    queueMicrotask,
    URL: class extends URL {},
    AbortSignal: class {},
  });
  const smmap = moduleIn(context, 'smmap');
  await smmap.link((name) => assert.fail(`${name} is imported`));
  const clients = moduleIn(context, 'smmap/clients');
  await clients.link((name) => (name === './index.js' ? smmap : assert.fail(name)));
  await clients.evaluate();
  return {
    smmap: smmap.namespace as typeof Smmap,
    clients: clients.namespace as typeof Clients,
    global: (name) => vm.runInContext(name, context),
  };
}

function moduleIn(context: vm.Context, name: string): vm.SourceTextModule {
  const url = import.meta.resolve(name);
  return new vm.SourceTextModule(readFileSync(fileURLToPath(url), 'utf8'), {
    context,
    initializeImportMeta: (meta) => {
      meta.url = url;
    },
  });
}

function inRealm(run: (realm: Realm) => unknown, more: Partial<Hazard> = {}): Hazard {
  return { node: [FLAG, '--no-warnings'], ...more, run: async () => run(await realm()) };
}

await hazards(import.meta.url, {
  'a failure of the system is known as such': inRealm(({ smmap, global }) => {
    const manager = new smmap.SlidingWindowMapManager();
    assert.throws(
      () => manager.makeCursor('/none/at/all').useRegion(),
      (error: NodeJS.ErrnoException) => {
        assert.ok(error instanceof (global('Error') as ErrorConstructor));
        assert.equal(error.code, 'ENOENT');
        assert.equal(error.message, "ENOENT: no such file or directory, stat '/none/at/all'");
        return true;
      },
    );
  }),

  'descriptors that ran out are had by closing what is idle': inRealm(
    ({ smmap }) => {
      const manager = new smmap.SlidingWindowMapManager({ windowSize: WINDOW });
      for (let k = 0; k < 20; k++) {
        writeContent(`${path}${k}`, WINDOW);
        manager.makeCursor(`${path}${k}`).useRegion();
      }
      writeContent(path, WINDOW);
      const taken: number[] = [];
      assert.throws(
        () => {
          for (;;) taken.push(openSync('/dev/null', 'r'));
        },
        { code: 'EMFILE' },
      );
      const cursor = manager.makeCursor(path).useRegion();
      assert.equal(cursor.buffer()[9], contentByte(9));
      for (const fd of taken) closeSync(fd);
    },
    { ulimit: ['-n 128'] },
  ),

  'a lost page is one': inRealm(async ({ smmap }) => {
    writeContent(path, WINDOW);
    const map = smmap.MemoryMap.open(path);
    truncateSync(path, 0);
    await assert.rejects(map.prefetch(0, WINDOW), { code: 'ERR_SMMAP_FAULT' });
    map.close();
  }),

  'URLs and signals of another realm are taken': inRealm(async ({ smmap }) => {
    writeContent(path, WINDOW);
    const map = smmap.MemoryMap.open(pathToFileURL(path));
    await map.prefetch(0, WINDOW, { signal: new AbortController().signal });
    await assert.rejects(map.prefetch(0, WINDOW, { signal: AbortSignal.abort(path) }), (reason) => {
      assert.equal(reason, path);
      return true;
    });
    const manager = new smmap.SlidingWindowMapManager();
    assert.equal(manager.makeCursor(pathToFileURL(path)).useRegion().buffer()[7], contentByte(7));
    manager.close();
    map.close();
  }),

  'what reads beside the event loop needs no Symbol.dispose there': inRealm(
    async ({ smmap, clients }) => {
      writeContent(path, SIZE);
      for (const access of ['read', 'copy'] as const) {
        const manager = new smmap.SlidingWindowMapManager({ access, windowSize: WINDOW });
        const buffer = new smmap.SlidingWindowMapBuffer(manager.makeCursor(path));
        await buffer.prefetch();
        const reading = buffer.readAsync(100, SIZE - 100); // too much to be read at once
        buffer.endAccess(); // private copies are had by another buffer then
        assert.ok((await reading).equals(contentBytes(100, SIZE - 100)));
        const handle = clients.openFileHandle(manager, path);
        assert.equal((await handle.stat()).size, SIZE);
        await handle.close();
        manager.close();
      }
    },
  ),

  'twenty copies listen no more often than one': {
    node: [FLAG, '--no-warnings'],
    run: async () => {
      writeContent(path, WINDOW);
      const warnings: Error[] = [];
      process.on('warning', (warning) => {
        if (warning.name !== 'ExperimentalWarning') warnings.push(warning); // of the flag
      });
      const counts: number[] = []; // Node itself listens, too
      for (let k = 0; k < 20; k++) {
        const { smmap } = await realm();
        const map = smmap.MemoryMap.open(path);
        assert.equal(map.at(k), contentByte(k));
        map.close();
        counts.push(process.listenerCount('newListener'), process.listenerCount('removeListener'));
      }
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(counts.slice(-2), counts.slice(0, 2));
      assert.deepEqual(warnings, []);
    },
  },
});
