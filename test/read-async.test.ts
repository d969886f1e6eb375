/** Reading without holding up the event loop: it gets its turn, and a file that is cut meanwhile is seen. */

import assert from 'node:assert/strict';
import fs, { truncateSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { contentBytes, tempDir, writeContent } from './support/files.js';

const { errno } = constants;
const MIB = 2 ** 20;
const SIZE = 3 * MIB;
const dir = tempDir();

/** Descriptors that are open on a file. What the other tests have for that imports the package. */
function descriptorsOn(path: string): number {
  const folder = '/proc/self/fd';
  const paths = fs.readdirSync(folder).map((fd) => {
    try {
      return fs.readlinkSync(join(folder, fd));
    } catch {
      return ''; // that of the folder, closed again
    }
  });
  return paths.filter((each) => each === path).length;
}

/** What happens to the file between the read on the other thread and its end. */
let afterRead: (bytes: Buffer) => void = () => {};
/** What refuses a read of a descriptor. */
let beforeRead: (fd: number) => void = () => {};
const read = promisify(fs.read);
/** The only place where a test can come in between; put there before the package takes it. */
const watched = Object.assign(() => assert.fail('not by callback'), {
  async [promisify.custom](fd: number, bytes: Buffer, at: number, size: number, from: number) {
    beforeRead(fd);
    const done = await read(fd, bytes, at, size, from);
    afterRead(bytes.subarray(at, at + done.bytesRead));
    return done;
  },
});
Object.assign(fs, { read: watched });
syncBuiltinESMExports();
const { MapClosedError, MapFaultError, MemoryMap, ...smmap } = await import('smmap');
const { SlidingWindowMapBuffer, SlidingWindowMapManager } = smmap;
type Manager = InstanceType<typeof SlidingWindowMapManager>;
type Bytes = InstanceType<typeof SlidingWindowMapBuffer>;

const managers: Manager[] = [];
const SOURCES = {
  'a buffer': (path: string) => {
    const manager = new SlidingWindowMapManager();
    managers.push(manager);
    return new SlidingWindowMapBuffer(manager.makeCursor(path));
  },
  'a map': (path: string) => MemoryMap.open(path),
} as const;

for (const [name, open] of Object.entries(SOURCES)) {
  describe(`readAsync of ${name}`, () => {
    const path = join(dir, name);
    writeContent(path, SIZE);

    test('gives way to the event loop, though all is in memory', async () => {
      const bytes = open(path);
      let turns = 0;
      const count = () => {
        turns++;
        timer = setImmediate(count);
      };
      let timer = setImmediate(count);
      for (let i = 0; i < 8; i++) await bytes.readAsync(i, MIB / 4);
      clearImmediate(timer);
      assert.ok(turns >= 1, 'two MiB were copied in one turn');
      assert.deepEqual(await bytes.readAsync(5, MIB), contentBytes(5, MIB));
    });

    test('comes to its end where a test has replaced the timers', async (t) => {
      t.mock.timers.enable({ apis: ['setImmediate'] });
      assert.deepEqual(await open(path).readAsync(9, MIB), contentBytes(9, MIB));
    });

    test('heeds the signal behind that turn too', async () => {
      const bytes = open(path);
      const abort = new AbortController();
      setImmediate(() => abort.abort(new Error('enough')));
      await assert.rejects(bytes.readAsync(0, MIB, { signal: abort.signal }), /enough/);
    });

    test('takes no zeros of a page that a cut has just cleared', async () => {
      const cut = join(dir, `${name}, cut`);
      writeContent(cut, SIZE);
      const bytes = open(cut);
      afterRead = (got) => {
        truncateSync(cut, 2 * MIB); // inside what was read …
        got.fill(0, got.length - 4096); // … of which the end came too late
      };
      await assert.rejects(bytes.readAsync(100, SIZE - 100), MapFaultError);
      afterRead = () => {};
    });

    test('opens the file again when a server no longer knows its descriptor, once', async (t) => {
      t.after(() => {
        beforeRead = () => {};
      });
      const stale = () =>
        Object.assign(new Error('ESTALE'), { errno: -errno.ESTALE, syscall: 'read' });
      let times = 1;
      beforeRead = () => {
        if (times-- > 0) throw stale();
      };
      assert.deepEqual(await open(path).readAsync(7, SIZE), contentBytes(7, SIZE - 7));
      times = Number.POSITIVE_INFINITY;
      await assert.rejects(open(path).readAsync(7, SIZE), (error) => {
        return error instanceof MapFaultError && (error.cause as Error).message === 'ESTALE';
      });
    });

    test('gives the signal’s reason also where that is a failure of the system', async () => {
      const abort = new AbortController();
      const reason = Object.assign(new Error('of another'), { errno: -errno.ESTALE, syscall: 'x' });
      let reads = 0;
      afterRead = () => {
        reads++;
      };
      beforeRead = () => {
        abort.abort(reason);
        throw reason;
      };
      const reading = open(path).readAsync(7, SIZE, { signal: abort.signal });
      await assert.rejects(reading, (error) => error === reason);
      beforeRead = () => {};
      afterRead = () => {};
      assert.equal(reads, 0);
    });

    test('opens no file again that was closed meanwhile', async () => {
      const own = join(dir, `${name}, closed`);
      writeContent(own, SIZE);
      const bytes = open(own);
      beforeRead = () => {
        if (bytes instanceof MemoryMap) bytes.close();
        else managers.at(-1)?.close();
        throw Object.assign(new Error('ESTALE'), { errno: -errno.ESTALE, syscall: 'read' });
      };
      await assert.rejects(bytes.readAsync(7, SIZE));
      beforeRead = () => {};
      assert.equal(descriptorsOn(own), 0);
    });

    test('more than is copied at once comes from two places, and is whole', async () => {
      let reads = 0;
      afterRead = () => {
        reads++;
      };
      assert.deepEqual(await open(path).readAsync(77, SIZE), contentBytes(77, SIZE - 77));
      afterRead = () => {};
      assert.equal(reads, 1);
    });
  });
}

describe('readAsync of private copies reads what it was asked for', () => {
  const paths = [join(dir, 'private'), join(dir, 'another')] as const;
  for (const [number, path] of paths.entries()) writeContent(path, SIZE - number * MIB);

  const changes = {
    'nothing happens': () => {},
    'access ends': (bytes) => bytes.endAccess(),
    'access begins anew with less': (bytes) => void bytes.beginAccess(null, 5 * 4096, 8),
    'access begins anew elsewhere': (bytes) => void bytes.beginAccess(null, 7),
    'access begins on another file': (bytes, manager) =>
      void bytes.beginAccess(manager.makeCursor(paths[1])),
    'its cursor is closed': (bytes) => bytes.cursor?.close(),
  } satisfies Record<string, (bytes: Bytes, manager: Manager) => void>;

  for (const [what, change] of Object.entries(changes)) {
    test(`while ${what}`, async () => {
      using manager = new SlidingWindowMapManager({ windowSize: MIB, access: 'copy' });
      const bytes = new SlidingWindowMapBuffer(manager.makeCursor(paths[0]));
      using writer = manager.makeCursor(paths[0]).useRegion(MIB - 2, 1);
      writer.buffer().fill(0);
      const wanted = contentBytes(MIB - 7, 4 * 4096);
      wanted[5] = 0;
      const reading = bytes.readAsync(MIB - 7, wanted.length);
      change(bytes, manager);
      assert.deepEqual(await reading, wanted);
    });
  }

  test('or says that the file was cut, and seen to be', async () => {
    const path = join(dir, 'private and cut');
    writeContent(path, SIZE);
    using manager = new SlidingWindowMapManager({ windowSize: MIB, access: 'copy' });
    const bytes = new SlidingWindowMapBuffer(manager.makeCursor(path));
    using other = manager.makeCursor(path).useRegion(0);
    const reading = bytes.readAsync(2 * MIB, MIB);
    bytes.endAccess();
    truncateSync(path, 4096);
    other.refresh();
    await assert.rejects(reading, MapFaultError);
  });

  test('or says that it was closed, or that a map was resized', async () => {
    const manager = new SlidingWindowMapManager({ access: 'copy' });
    const reading = new SlidingWindowMapBuffer(manager.makeCursor(paths[0])).readAsync(0, 99);
    manager.close();
    await assert.rejects(reading, MapClosedError);
    const map = MemoryMap.anonymous(2 * 4096, { access: 'copy' });
    const read = map.readAsync(4096, 4096);
    map.resize(4096);
    await assert.rejects(read, MapClosedError);
  });
});
