/** What is no file to map, or no number, or no option: each refused by a named error. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import {
  MapRegion,
  MapRegionList,
  MapWindow,
  NotMappableError,
  PAGE_SIZE,
  SlidingWindowMapBuffer,
  SlidingWindowMapManager,
  StaticWindowMapManager,
} from 'smmap';
import { checkout } from './support/checkout.js';
import { contentBytes, tempDir, writeContent } from './support/files.js';
import { withoutPrivileges } from './support/unprivileged.js';

const SIZE = 3 * PAGE_SIZE + 17;
const dir = tempDir();
const path = join(dir, 'good.bin');
writeContent(path, SIZE);

const managers = [
  new SlidingWindowMapManager({ windowSize: PAGE_SIZE }),
  new StaticWindowMapManager(),
];

/** Every way to reach the file that `item` names must fail as `expected` says. */
function refuses(item: string | number, expected: object): void {
  for (const manager of managers) {
    assert.throws(() => manager.makeCursor(item).useRegion(), expected);
    assert.throws(() => manager.makeCursor(item).fileSize, expected);
    assert.throws(() => new SlidingWindowMapBuffer(manager.makeCursor(item)), expected);
    assert.equal(manager.numOpenFiles, 0);
  }
  assert.throws(() => new MapRegion(item, 0, 10), expected);
}

const NOT_MAPPABLE = { name: 'NotMappableError', code: 'ERR_SMMAP_NOT_MAPPABLE' };
const RANGE = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const TYPE = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };

describe('what is no file to map', () => {
  test('a missing file: at the first use, not before', () => {
    const missing = join(dir, 'missing');
    for (const manager of managers) assert.equal(manager.makeCursor(missing).isAssociated, true);
    refuses(missing, { code: 'ENOENT', path: missing });
    refuses(join(path, 'below-a-file'), { code: 'ENOTDIR', path: join(path, 'below-a-file') });
  });

  test('a path of no letters is no file, as for node:fs', () => {
    refuses('', { code: 'ENOENT' });
  });

  test('a failure of the system is told as node:fs tells it', () => {
    const missing = join(dir, 'missing');
    assert.throws(
      () => managers[0]?.makeCursor(missing).useRegion(),
      (error: NodeJS.ErrnoException) => {
        assert.ok(error instanceof Error);
        assert.equal(error.errno, -2);
        assert.equal(typeof error.syscall, 'string');
        assert.ok(error.message.includes('ENOENT') && error.message.includes(missing));
        return true;
      },
    );
  });

  test('a missing file that appears is read by the same cursor', () => {
    const late = join(dir, 'late');
    const cursor = managers[0]?.makeCursor(late);
    assert.throws(() => cursor?.useRegion(), { code: 'ENOENT' });
    writeContent(late, 10);
    assert.equal(cursor?.useRegion().isValid, true);
    assert.deepEqual(cursor?.buffer(), contentBytes(0, 10));
    cursor?.close();
    managers[0]?.collect();
  });

  test('a directory, by name and by descriptor', () => {
    refuses(dir, { code: 'EISDIR', path: dir });
    const fd = openSync(dir, 'r');
    refuses(fd, { code: 'EISDIR' });
    closeSync(fd);
  });

  test('a pipe: opening it never waits for a writer', () => {
    const pipe = join(dir, 'pipe');
    execFileSync('mkfifo', [pipe]);
    refuses(pipe, NOT_MAPPABLE);
    const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    refuses(fd, NOT_MAPPABLE);
    closeSync(fd);
  });

  test('a socket', async () => {
    const socket = join(dir, 'socket');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    after(() => server.close());
    refuses(socket, NOT_MAPPABLE);
  });

  test('character devices', () => {
    for (const device of ['/dev/null', '/dev/zero', '/dev/urandom']) {
      refuses(device, NOT_MAPPABLE);
      const fd = openSync(device, 'r');
      refuses(fd, NOT_MAPPABLE);
      closeSync(fd);
    }
  });

  test('a file that claims no size and has content', () => {
    refuses('/proc/self/status', NOT_MAPPABLE);
    const fd = openSync('/proc/self/maps', 'r');
    refuses(fd, NOT_MAPPABLE);
    closeSync(fd);
  });

  test('what cannot be mapped is an SmmapError of its own class', () => {
    assert.throws(() => managers[0]?.makeCursor('/dev/null').useRegion(), NotMappableError);
  });

  test('an unreadable file', { skip: process.platform === 'win32' }, () => {
    const open = join(dir, 'open');
    mkdirSync(open);
    chmodSync(dir, 0o755);
    const secret = join(open, 'secret');
    const readable = join(open, 'readable');
    writeContent(secret, 100);
    writeContent(readable, 100);
    chmodSync(secret, 0o200);
    chmodSync(readable, 0o444);
    withoutPrivileges(() => {
      refuses(secret, { code: 'EACCES', path: secret });
      using manager = new SlidingWindowMapManager();
      assert.equal(manager.makeCursor(readable).useRegion().isValid, true);
    });
  });

  test('a closed descriptor', () => {
    const fd = openSync(path, 'r');
    closeSync(fd);
    refuses(fd, { code: 'EBADF' });
    refuses(2 ** 31 - 1, { code: 'EBADF' });
  });

  test('a descriptor that is open for writing only', () => {
    const fd = openSync(join(dir, 'write-only'), 'w');
    writeContent(join(dir, 'write-only'), 10);
    for (const manager of managers) {
      assert.throws(() => manager.makeCursor(fd).useRegion(), { code: 'EACCES' });
    }
    closeSync(fd);
  });

  test('what is no name and no descriptor', () => {
    const nonsense = [undefined, null, true, 5n, {}, [], () => path, Symbol('path')];
    for (const manager of managers) {
      for (const item of nonsense) {
        assert.throws(() => manager.makeCursor(item as unknown as string), TYPE);
      }
      for (const fd of [-1, -2, 0.5, Number.NaN, Infinity, 2 ** 31, 2 ** 53]) {
        assert.throws(() => manager.makeCursor(fd), RANGE);
      }
      assert.throws(() => manager.makeCursor('with\0zero'), {
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_VALUE',
      });
      assert.throws(() => manager.makeCursor(new URL('http://localhost/a')).useRegion(), {
        name: 'TypeError',
        code: 'ERR_INVALID_URL_SCHEME',
      });
    }
  });
});

describe('what is no number of bytes', () => {
  const outside = [-1, -0.5, 0.5, 1.5, Number.NaN, -Infinity, 2 ** 53, -(2 ** 53)];
  const notNumbers = ['0', '10', '', 1n, null, true, [], {}];

  for (const manager of managers) {
    const name = manager.constructor.name;

    test(`offset and size of a region, ${name}; the cursor stays as it was`, () => {
      using cursor = manager.makeCursor(path).useRegion(5, 10);
      for (const bad of [...outside, Infinity]) {
        assert.throws(() => cursor.useRegion(bad, 10), RANGE);
        assert.throws(() => cursor.useRegion(0, bad), RANGE);
        assert.throws(() => cursor.useRegion(0, 0, bad), RANGE);
      }
      for (const bad of notNumbers as unknown as number[]) {
        assert.throws(() => cursor.useRegion(bad, 10), TYPE);
        assert.throws(() => cursor.useRegion(0, bad), TYPE);
        if (typeof bad !== 'object') assert.throws(() => cursor.useRegion(0, 0, bad), TYPE);
      }
      assert.equal(cursor.isValid, true);
      assert.deepEqual(cursor.buffer(), contentBytes(5, 10));
    });

    test(`offset and size of a buffer, ${name}`, () => {
      using cursor = manager.makeCursor(path);
      const buf = new SlidingWindowMapBuffer();
      for (const bad of outside) {
        assert.throws(() => new SlidingWindowMapBuffer(cursor, bad), RANGE);
        assert.throws(() => new SlidingWindowMapBuffer(cursor, 0, bad), RANGE);
        assert.throws(() => buf.beginAccess(cursor, bad), RANGE);
        assert.throws(() => buf.beginAccess(cursor, 0, bad), RANGE);
      }
      for (const bad of notNumbers as unknown as number[]) {
        assert.throws(() => new SlidingWindowMapBuffer(cursor, bad), TYPE);
        assert.throws(() => new SlidingWindowMapBuffer(cursor, 0, bad), TYPE);
      }
    });

    test(`indices of a buffer, ${name}`, () => {
      using cursor = manager.makeCursor(path);
      const buf = new SlidingWindowMapBuffer(cursor);
      for (const bad of [...outside, SIZE, Infinity]) assert.throws(() => buf.get(bad), RANGE);
      assert.throws(() => buf.get('0' as unknown as number), TYPE);
      assert.equal(buf.at(SIZE), undefined);
      assert.equal(buf.at(-SIZE - 1), undefined);
      assert.throws(() => buf.readUInt32LE(SIZE - 3), RANGE);
      assert.throws(() => buf.readUInt32LE(-1), RANGE);
      assert.throws(() => buf.readUInt32LE(0.5), RANGE);
      assert.throws(() => buf.slice(0, 10, 0), { code: /^ERR_/ });
      assert.throws(() => buf.slice('0' as unknown as number), TYPE);
    });
  }

  test('limits of a manager', () => {
    for (const Manager of [SlidingWindowMapManager, StaticWindowMapManager]) {
      for (const bad of [-2, 0.5, Number.NaN, -Infinity, 2 ** 53]) {
        for (const option of ['windowSize', 'maxMemorySize', 'maxOpenHandles']) {
          assert.throws(() => new Manager({ [option]: bad }), RANGE, `${option} ${bad}`);
        }
      }
      for (const bad of ['1M', '1', 1n, null, true, {}]) {
        for (const option of ['windowSize', 'maxMemorySize', 'maxOpenHandles']) {
          assert.throws(() => new Manager({ [option]: bad }), TYPE, option);
        }
      }
      assert.throws(() => new Manager({ maxMemorySize: -1 }), RANGE);
      assert.throws(() => new Manager({ hardLimit: 1 } as object), TYPE);
    }
  });

  test('regions', () => {
    for (const bad of outside) {
      assert.throws(() => new MapRegion(path, bad, 10), RANGE);
      assert.throws(() => new MapRegion(path, 0, bad), RANGE);
    }
    assert.throws(() => new MapRegion(path, '0' as unknown as number, 10), TYPE);
    assert.throws(() => new MapRegion(path, 1, 10), RANGE, 'offsets are aligned');
    assert.throws(() => new MapRegion(path, 2 ** 40, 10), RANGE);
  });
});

describe('options that are not known', () => {
  test('the near miss is named', () => {
    const slips = {
      windowsize: 'windowSize',
      window_size: 'windowSize',
      max_memory_size: 'maxMemorySize',
      maxOpenHandle: 'maxOpenHandles',
      hardlimit: 'hardLimit',
      acess: 'access',
    };
    for (const [slip, meant] of Object.entries(slips)) {
      for (const Manager of [SlidingWindowMapManager, StaticWindowMapManager]) {
        assert.throws(() => new Manager({ [slip]: 1 } as object), {
          name: 'TypeError',
          code: 'ERR_INVALID_ARG_VALUE',
          message: new RegExp(`"${slip}".*"${meant}"`),
        });
      }
    }
    const cursor = managers[0]?.makeCursor(path);
    assert.throws(() => cursor?.useRegion(0, 1, { hole: true } as object), {
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_VALUE',
      message: /"hole".*"whole"/,
    });
  });

  test('a name like none of them is answered with all of them', () => {
    assert.throws(() => new SlidingWindowMapManager({ colour: 'red' } as object), {
      code: 'ERR_INVALID_ARG_VALUE',
      message: /"colour".*windowSize.*maxMemorySize.*maxOpenHandles.*hardLimit/,
    });
  });

  test('options that are no object, and an access that there is not', () => {
    for (const bad of [null, 1, '1M', true] as unknown as object[]) {
      assert.throws(() => new SlidingWindowMapManager(bad), TYPE);
      assert.throws(() => new StaticWindowMapManager(bad), TYPE);
    }
    assert.throws(() => new SlidingWindowMapManager({ access: 'raed' } as object), {
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_VALUE',
    });
  });
});

test('failures of the system are told by name where a program has frozen what errors inherit', () => {
  const program = `
    import { MemoryMap, SlidingWindowMapManager } from 'smmap';
    Object.freeze(Error.prototype);
    const calls = [
      () => new SlidingWindowMapManager().makeCursor('/').useRegion(),
      () => new SlidingWindowMapManager().makeCursor('/no such file').useRegion(),
      () => new MemoryMap(-2, 0),
      () => new MemoryMap({ fd: -1 }, 0),
    ];
    for (const call of calls) try { call(); } catch (error) { console.log(error.code); }
  `;
  const args = ['--input-type=module', '-e', program];
  const told = execFileSync(process.execPath, args, { cwd: checkout, encoding: 'utf8' });
  assert.equal(told, 'EISDIR\nENOENT\nEBADF\nEBADF\n');
});

test('the parts refuse what covers no range and names no file', () => {
  for (const bad of [undefined, null, 5, 'x'] as never[]) {
    assert.throws(() => MapWindow.fromRegion(bad), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: /^"region" must be a MapRegion/,
    });
  }
  assert.throws(() => new MapRegionList(null as never), {
    code: 'ERR_INVALID_ARG_TYPE',
    message: /^"pathOrFd" must be /,
  });
});

test('a minus before a zero is not seen again', () => {
  const path = join(dir, 'zero.bin');
  writeContent(path, 100);
  const manager = new SlidingWindowMapManager({ windowSize: -0 });
  const cursor = manager.makeCursor(path).useRegion(-0, -0);
  const bytes = new SlidingWindowMapBuffer(cursor, -0, -0);
  const region = new MapRegion(path, -0, 10);
  const seen = [manager.windowSize, cursor.ofsBegin, bytes.length, region.ofsBegin];
  assert.deepStrictEqual([...seen, manager.makeCursor(-0).pathOrFd], [0, 0, 0, 0, 0]);
});

test('a region says where it lies, and cannot be told', () => {
  using manager = new SlidingWindowMapManager();
  const path = join(dir, 'fixed.bin');
  writeContent(path, 100);
  const { region } = manager.makeCursor(path).useRegion(0);
  for (const name of ['ofsBegin', 'size', 'ofsEnd', 'clientCount', 'closed']) {
    assert.throws(() => Object.assign(region as object, { [name]: 7 }), TypeError, name);
  }
  assert.equal(manager.mappedMemorySize, 100);
});
