import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ALLOCATION_GRANULARITY, PAGE_SIZE } from 'smmap';
import type { ScanResult } from '#src/cli/scan.js';
import { type Outcome, smmap } from './support/cli.js';
import { contentBytes, tempDir, writeContent } from './support/files.js';

const dir = tempDir();
const file = join(dir, 'content');
const SIZE = 5 * 1024 ** 2 + 123;
writeContent(file, SIZE);
const content = readFileSync(file);

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function newlines(bytes: Buffer): number {
  return bytes.filter((byte) => byte === 10).length;
}

/** Runs `smmap scan --json …`, which must succeed without a word on standard error. */
async function scanJson(...args: string[]): Promise<ScanResult> {
  const { code, stdout, stderr } = await smmap(['scan', '--json', ...args]);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  return JSON.parse(stdout);
}

/** One sentence on standard error, nothing on standard output, no stack. */
function assertRefused(outcome: Outcome, code: number, message: RegExp): void {
  assert.match(outcome.stderr, message);
  assert.match(outcome.stderr, /^smmap: /);
  assert.doesNotMatch(outcome.stderr, /^\s+at /m);
  assert.equal(outcome.stdout, '');
  assert.equal(outcome.code, code);
}

test('bytes, lines and SHA-256 are those of the file, whatever the windows', async () => {
  const settings = [
    [],
    ['--window', '64K', '--budget', '256K'],
    ['--window', '4K', '--budget', '64K'],
    ['--window', '1G', '--budget', '1G'],
    ['--window', '64K', '--budget', '64K', '--random', '0'],
  ];
  for (const setting of settings) {
    const result = await scanJson(...setting, file);
    assert.equal(result.bytes, SIZE);
    assert.equal(result.lines, newlines(content));
    assert.equal(result.sha256, sha256(content));
  }
});

test('the figures of a scan with a budget of four windows', async () => {
  const window = Math.max(65536, ALLOCATION_GRANULARITY);
  const budget = 4 * window;
  const result = await scanJson('--window', `${window}`, '--budget', `${budget}`, file);
  const pieces = Math.ceil(SIZE / window);
  assert.equal(result.file, file);
  assert.equal(result.window, window);
  assert.equal(result.budget, budget);
  assert.equal(result.inOrder.maps, pieces);
  assert.equal(result.inOrder.evictions, pieces - 4);
  assert.equal(result.random.probes, 10_000);
  assert.ok(result.random.maps > 1000, 'most probes fall outside of the four windows');
  assert.ok(result.random.hits > 0, 'some fall inside');
  assert.equal(result.stats.maps, result.inOrder.maps + result.random.maps);
  assert.equal(result.stats.evictions, result.inOrder.evictions + result.random.evictions);
  assert.equal(result.stats.peakMappedBytes, budget);
  assert.equal(result.windows.length, result.stats.regions);
  assert.ok(result.memory.total > 0 && result.memory.peak >= result.memory.total);
  const ends = result.windows.map(({ offset, size }) => offset + size);
  result.windows.forEach(({ offset, size }, i) => {
    assert.equal(offset % window, 0);
    assert.equal(size, Math.min(window, SIZE - offset));
    assert.ok(i === 0 || offset >= (ends[i - 1] as number), 'in order, without overlap');
  });
});

test('the last 63 places of a file have shorter probes', async () => {
  const short = join(dir, 'short');
  writeContent(short, 100);
  const { random } = await scanJson(short, '--random', '1000');
  assert.ok(random.bytesVerified > 36_000 && random.bytesVerified < 64_000);
});

test('the same seed probes the same places', async () => {
  const args = ['--window', '64K', '--budget', '256K', '--random', '500', file];
  const first = await scanJson(...args);
  const again = await scanJson(...args);
  const other = await scanJson(...args, '--seed', '2');
  assert.deepEqual(again.windows, first.windows);
  assert.deepEqual(again.stats, first.stats);
  assert.notDeepEqual(other.windows, first.windows);
});

test('on Linux the resident set is told apart', {
  skip: process.platform !== 'linux',
}, async () => {
  const { memory } = await scanJson(file);
  assert.ok(memory.anonymous && memory.file);
});

test('the report for people: plain, at most 80 columns, quiet in a pipe', async () => {
  const { code, stdout, stderr } = await smmap(['scan', file, '--window', '64K', '--budget', '1M']);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.match(stdout, /\n$/);
  const [name, ...lines] = stdout.trimEnd().split('\n');
  assert.equal(name, file);
  for (const line of lines) assert.ok(line.length <= 80, line);
  assert.match(stdout, /^[\n\x20-\x7e]*$/, 'no control characters, no colour');
  assert.ok(stdout.includes(`5,243,003 bytes, ${newlines(content).toLocaleString('en-US')} lines`));
  assert.ok(stdout.includes(`sha256 ${sha256(content)}`));
  assert.match(stdout, /^windows mapped +81 +[\d,]+$/m);
  assert.match(stdout, /^evictions +65 +[\d,]+$/m);
  assert.match(stdout, /^probes +10,000 of 64 bytes, seed 1; every one equals/m);
  assert.match(stdout, /^mapped +1\.0 MiB at most, 100% of the budget of 1\.0 MiB$/m);
  assert.match(stdout, /^resident set +\d/m);
  assert.match(stdout, /^16 windows mapped at the end/m);
  assert.match(stdout, /^ +0 bytes \|[#+.]{64}\|$/m);
});

test('without FILE the running Node executable is scanned', async () => {
  const result = await scanJson('--random', '100');
  assert.equal(result.file, process.execPath);
  assert.equal(result.sha256, sha256(readFileSync(process.execPath)));
});

test('an empty file', async () => {
  const empty = join(dir, 'empty');
  writeFileSync(empty, '');
  const result = await scanJson(empty);
  assert.equal(result.bytes, 0);
  assert.equal(result.lines, 0);
  assert.equal(result.sha256, sha256(Buffer.alloc(0)));
  assert.equal(result.random.probes, 0);
  assert.deepEqual(result.windows, []);
  const { code, stdout, stderr } = await smmap(['scan', empty]);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.match(stdout, /^0 bytes, 0 lines$/m);
  assert.match(stdout, /the file is empty/);
});

test('lines are newline characters, as wc -l counts them', async () => {
  const texts: [text: string, lines: number][] = [
    ['x', 0],
    ['\n', 1],
    ['one\ntwo', 1],
    ['one\ntwo\n', 2],
    ['\n'.repeat(ALLOCATION_GRANULARITY + 1), ALLOCATION_GRANULARITY + 1],
  ];
  const path = join(dir, 'lines');
  for (const [text, lines] of texts) {
    writeFileSync(path, text);
    const result = await scanJson(path, '--window', `${PAGE_SIZE}`, '--random', '10');
    assert.equal(result.lines, lines);
  }
});

test('any name will do', async () => {
  for (const name of ['with space', 'Zeilen\nsprung', '名前', '-dash', '16Q']) {
    const path = join(dir, name);
    writeFileSync(path, contentBytes(0, 10));
    assert.equal((await scanJson('--', path)).bytes, 10);
  }
});

test('a budget smaller than the usual window makes the window smaller', async () => {
  const budget = 3 * ALLOCATION_GRANULARITY + 5;
  const result = await scanJson('--budget', `${budget}`, '--random', '100', file);
  assert.equal(result.window, 3 * ALLOCATION_GRANULARITY);
  assert.equal(result.sha256, sha256(content));
  assert.ok(result.stats.peakMappedBytes <= budget);
});

const MISUSE: [args: string[], message: RegExp][] = [
  [['--window', '16Q'], /--window <size>' argument '16Q' is invalid\. Give .*K, M, G, T or P/],
  [['--budget', '16Q'], /--budget <size>' argument '16Q' is invalid\. Give /],
  [['--window', '-5'], /--window .*'-5' is invalid\. Give /],
  [['--window=-5'], /--window .*'-5' is invalid\. Give /],
  [['--budget', '1.5.2'], /--budget .*'1\.5\.2' is invalid\. Give /],
  [['--window', ''], /--window .*'' is invalid\. Give /],
  [['--window='], /--window .*'' is invalid\. Give /],
  [['--budget', '0x10'], /--budget .*'0x10' is invalid\. Give /],
  [['--budget', '0'], /--budget .*'0' is invalid\. Give at least 1 byte/],
  [['--window', '8P'], /--window .*'8P' is invalid\. Give at most 4P/],
  [['--window', '0.3K'], /--window .*'0\.3K' is invalid\. Give whole bytes/],
  [['--random', '-1'], /--random .*'-1' is invalid\. Give a whole number/],
  [['--random', '1.5'], /--random .*'1\.5' is invalid\. Give a whole number/],
  [['--seed', '4294967296'], /--seed .*'4294967296' is invalid\. Give .*4,294,967,295/],
  [['--window'], /'--window <size>' argument missing/],
  [['--windw', '1M'], /unknown option '--windw'\n\(Did you mean --window\?\)/],
  [['--bugdet', '1M'], /unknown option '--bugdet'\n\(Did you mean --budget\?\)/],
  [['--jsno'], /unknown option '--jsno'\n\(Did you mean --json\?\)/],
  [[''], /argument value '' is invalid for argument 'FILE'\. Give the path of a file/],
  [['a', 'b'], /too many arguments/],
  [
    ['--window', '1M', '--budget', '512K'],
    /--budget .* 524,288 bytes .*1,048,576 bytes.* larger --budget or a smaller --window/,
  ],
  [['--budget', '100'], /--budget .* 100 bytes .*larger --budget/],
];

for (const [args, message] of MISUSE) {
  test(`refused: smmap scan ${args.map((arg) => arg || "''").join(' ')}`, async () => {
    assertRefused(await smmap(['scan', ...args]), 2, message);
  });
}

test('an unknown command names the near miss', async () => {
  assertRefused(await smmap(['scna']), 2, /unknown command 'scna'\n\(Did you mean scan\?\)/);
});

test('no command at all shows the help as a refusal', async () => {
  const { code, stdout, stderr } = await smmap([]);
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^Usage: smmap /);
});

for (const args of [['--help'], ['help'], ['scan', '--help'], ['help', 'scan']]) {
  test(`smmap ${args.join(' ')}`, async () => {
    const { code, stdout, stderr } = await smmap(args);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.match(stdout, args.includes('scan') ? /--budget <size>/ : /scan/);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  });
}

test('smmap --version is the version of the package', async () => {
  const manifest = readFileSync(new URL(import.meta.resolve('smmap/package.json')), 'utf8');
  assert.equal((await smmap(['--version'])).stdout, `${JSON.parse(manifest).version}\n`);
});

test('a missing file', async () => {
  const missing = join(dir, 'missing');
  const outcome = await smmap(['scan', missing]);
  assertRefused(outcome, 1, /ENOENT/);
  assert.ok(outcome.stderr.includes(missing));
  assertRefused(await smmap(['scan', '--json', missing]), 1, /ENOENT/);
});

test('a directory', async () => {
  mkdirSync(join(dir, 'folder'));
  assertRefused(await smmap(['scan', join(dir, 'folder')]), 1, /EISDIR.*folder/);
});

test('an unreadable file', { skip: process.getuid?.() === 0 && 'root reads all' }, async () => {
  const path = join(dir, 'unreadable');
  writeFileSync(path, 'x');
  chmodSync(path, 0);
  assertRefused(await smmap(['scan', path]), 1, /EACCES.*unreadable/);
});

test('what cannot be mapped', { skip: process.platform !== 'linux' }, async () => {
  const pipe = join(dir, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const path of [pipe, '/dev/zero', '/dev/null', '/proc/self/status']) {
    const outcome = await smmap(['scan', path]);
    assertRefused(outcome, 1, /smmap: ./);
    assert.ok(outcome.stderr.includes(path), outcome.stderr);
  }
});

test('SMMAP_DEBUG=1 adds the stack', async () => {
  const { code, stderr } = await smmap(['scan', join(dir, 'missing')], { SMMAP_DEBUG: '1' });
  assert.equal(code, 1);
  assert.match(stderr, /^smmap: .*ENOENT/);
  assert.match(stderr, /^\s+at /m);
});
