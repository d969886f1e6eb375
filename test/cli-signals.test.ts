import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { CLI, type Running, start } from './support/cli.js';
import { tempDir, writeIslands } from './support/files.js';

const dir = tempDir();
/** Milliseconds from one look at a scan to the next. */
const LOOK_MS = 5;

const linux = { skip: process.platform !== 'linux' && 'looks into /proc' };

/** A file that takes many seconds to scan and no room on the disk. */
function longFile(name: string): string {
  const path = join(dir, name);
  writeIslands(path, 64 * 1024 ** 3, [{ offset: 0, length: 100_000 }]);
  return path;
}

/** What the process has mapped of the file, as the kernel says: bytes, and where the last of them lies. */
function mappedBy(pid: number, path: string): { bytes: number; end: number } {
  const all = { bytes: 0, end: 0 };
  for (const line of readMaps(pid).split('\n')) {
    if (!line.endsWith(` ${path}`)) continue;
    const [range, , offset] = line.split(' ');
    const [from, to] = (range ?? '').split('-');
    const size = Number.parseInt(to ?? '', 16) - Number.parseInt(from ?? '', 16);
    all.bytes += size;
    all.end = Math.max(all.end, Number.parseInt(offset ?? '', 16) + size);
  }
  return all;
}

function readMaps(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

/** Holds the process still for a look: while it runs, the kernel lists what it unmaps and maps meanwhile. */
function whileStopped<T>(pid: number, look: () => T): T {
  process.kill(pid, 'SIGSTOP');
  while (!/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
  const seen = look();
  process.kill(pid, 'SIGCONT');
  return seen;
}

/** Waits until the command has mapped some of the file. */
async function mapping({ child, ended }: Running, path: string): Promise<void> {
  let hasEnded = false;
  ended.finally(() => {
    hasEnded = true;
  });
  while (mappedBy(child.pid, path).bytes === 0) {
    await setImmediate();
    if (hasEnded) assert.fail(`ended before it mapped: ${JSON.stringify(await ended)}`);
  }
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends a scan in a pipe with ${code} and one line`, linux, async () => {
    const path = longFile(signal);
    const running = start(['scan', path]);
    await mapping(running, path);
    running.child.kill(signal);
    const outcome = await running.ended;
    assert.deepEqual(outcome, {
      code,
      signal: null,
      stdout: '',
      stderr: `smmap: stopped by ${signal}\n`,
    });
  });
}

test('a file that shrinks is an error that names it, not wrong figures', linux, async () => {
  const path = longFile('shrinks');
  const running = start(['scan', path]);
  await mapping(running, path);
  truncateSync(path, 50_000);
  const { code, stdout, stderr } = await running.ended;
  assert.equal(stdout, '');
  assert.match(stderr, /^smmap: [^\n]+\n$/);
  assert.ok(stderr.includes(path), stderr);
  assert.equal(code, 1);
});

test('what is mapped stays within the budget at any moment', linux, async () => {
  const path = longFile('budget');
  const budget = 4 * 1024 ** 2;
  const running = start(['scan', path, '--window', '256K', '--budget', '4M']);
  await mapping(running, path);
  // Far beyond the budget, so that more would be mapped by then if more ever was.
  let most = 0;
  for (let end = 0; end < 50 * budget; ) {
    const now = whileStopped(running.child.pid, () => mappedBy(running.child.pid, path));
    assert.notEqual(now.bytes, 0, 'the scan goes on');
    most = Math.max(most, now.bytes);
    end = now.end;
    await setTimeout(LOOK_MS); // the scan gets on only between two looks
  }
  running.child.kill('SIGKILL');
  await running.ended;
  assert.ok(most > budget / 2 && most <= budget, `${most} bytes`);
});

/** Runs a command on a terminal of its own; presses Ctrl-C when it has printed `ctrlCAt`. */
async function runOnTerminal(
  t: TestContext,
  command: string,
  ctrlCAt?: RegExp,
): Promise<{ code: number; output: string }> {
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm' },
  });
  t.after(() => child.kill());
  let output = '';
  let pressed = false;
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    if (pressed || !ctrlCAt?.test(output)) return;
    pressed = true;
    child.stdin.write('\x03');
  });
  const code = await new Promise<number>((resolve) => child.once('close', resolve));
  return { code, output };
}

const script = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '';
const terminal = {
  skip: !script.includes('util-linux') && 'needs script of util-linux',
  // A bar that is never stopped keeps the command alive.
  timeout: 120_000,
};

/** What was printed after a line was cleared for the last time: where the bar was. */
function afterBar(output: string): string {
  const clearLine = '\x1b[2K';
  const at = output.lastIndexOf(clearLine);
  assert.notEqual(at, -1, 'a bar was drawn');
  return output.slice(at + clearLine.length);
}

test('Ctrl-C on a terminal leaves it clean', terminal, async (t) => {
  const path = longFile('terminal');
  const command = `'${process.execPath}' '${CLI}' scan '${path}'`;
  const { code, output } = await runOnTerminal(t, command, /in order \[=* +\] \d+% of 64\.0 GiB/);
  assert.equal(code, 130);
  assert.match(output, /smmap: stopped by SIGINT\r\n$/);
  // Line wrapping, the cursor: whatever was switched off is on again at the end.
  for (const mode of ['?7', '?25']) {
    assert.ok(output.lastIndexOf(`\x1b[${mode}l`) <= output.lastIndexOf(`\x1b[${mode}h`), mode);
  }
  assert.equal(afterBar(output), 'smmap: stopped by SIGINT\r\n');
});

test('a bar on a terminal is gone when the report is printed', terminal, async (t) => {
  const command = `'${process.execPath}' '${CLI}' scan`;
  const { code, output } = await runOnTerminal(t, command);
  assert.equal(code, 0);
  const report = afterBar(output);
  assert.ok(report.startsWith(`${process.execPath}\r\n`), report.slice(0, 200));
  assert.ok(!report.includes('\x1b'));
});
