import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { CLI, smmap, start, startProgram } from './support/cli.js';
import { tempDir, writeContent } from './support/files.js';

const file = join(tempDir(), 'content');
writeContent(file, 100_000);

/** Runs a line of shell; `"$@"` in it is the command `smmap scan FILE`. */
function shell(line: string) {
  return startProgram('sh', ['-c', line, 'sh', process.execPath, CLI, 'scan', file]).ended;
}

const posix = { skip: process.platform === 'win32' && 'needs a POSIX shell' };

for (const args of [['scan', file], ['scan', '--json', file], ['--help']]) {
  test(`a reader who is gone before "${args.join(' ')}" writes is no failure`, async () => {
    const { child, ended } = start(args);
    child.stdout?.destroy();
    const { code, signal, stderr } = await ended;
    assert.equal(stderr, '');
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
  });
}

test('a reader who takes the first line only is no failure', posix, async () => {
  const { stdout, stderr } = await shell('{ "$@"; echo "exit $?" >&2; } | head -n 1');
  assert.equal(stdout, `${file}\n`);
  assert.equal(stderr, 'exit 0\n');
});

for (const { args, code } of [
  { args: ['scan', `${file}-missing`], code: 1 },
  { args: ['scan', '--windw', '1M'], code: 2 },
]) {
  test(`exit ${code} when nobody reads the message either`, async () => {
    const { child, ended } = start(args);
    child.stdout?.destroy();
    child.stderr?.destroy();
    assert.equal((await ended).code, code);
  });
}

test('a full disk under the output is a failure', {
  skip: process.platform !== 'linux',
}, async () => {
  const { code, stderr } = await shell('"$@" >/dev/full');
  assert.match(stderr, /^smmap: .*ENOSPC.*\n$/);
  assert.equal(code, 1);
});

test('output that goes to a file is whole', posix, async () => {
  const target = `${file}-report`;
  await shell(`"$@" >'${target}'`);
  const { stdout } = await smmap(['scan', target]);
  assert.match(stdout, /^[\d,]+ bytes, 2\d lines$/m);
});
