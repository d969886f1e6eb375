/**
 * Records `git.trace.br`: what a reader of a git pack touches, index and pack.
 * Makes a repository from a seed, lets git pack it, and follows objects through
 * the index (fan-out, binary search, offset) and the pack (object, then the base
 * of each delta) as git's formats demand. Needs git; run it as
 * `node .out/bench/traces/record-git.js`.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../../test/support/files.js';
import { randomFrom } from '../../test/support/random.js';
import { history } from './git-history.js';
import { PackReader } from './git-pack.js';
import { keep } from './recorded.js';

const random = randomFrom(11);
const folder = tempDir();

function git(args: readonly string[], input?: string | Buffer): string {
  const options = { cwd: folder, maxBuffer: 2 ** 30, encoding: 'utf8' as const };
  return execFileSync('git', args, input === undefined ? options : { ...options, input });
}

function makeRepository(): string {
  git(['init', '--quiet', '--bare', '.']);
  git(['fast-import', '--quiet'], history(randomFrom(10)));
  git(['-c', 'pack.threads=1', 'repack', '-adfq', '--depth=50', '--window=10']);
  const pack = readdirSync(join(folder, 'objects/pack')).find((name) => name.endsWith('.pack'));
  return join(folder, 'objects/pack', pack as string);
}

/** Objects that a reader asks for, in order. */
function* wanted(): Generator<string> {
  const commits = git(['rev-list', '--all']).split('\n').filter(Boolean);
  // The newest commits with what each changed, as `git log --patch` reads them.
  yield* changes(['--all', '--max-count=400']);
  // Whole revisions, as a checkout, a build or an archive reads them.
  for (let i = 0; i < 3; i++) {
    const commit = commits[random(0, 200)] as string;
    yield* revision(commit);
    yield* changes(['--all', '--max-count=60', `--skip=${random(0, 300)}`]);
  }
  // The history of some files, as `git log FILE` reads it: every commit and the trees on the way.
  for (let i = 0; i < 3; i++) yield* commits.slice(0, 2_000);
  yield* changes(['--all', '--max-count=200']);
  yield* revision(commits[0] as string);
}

/** Each commit, then the old and the new of every tree and file that it changed. */
function* changes(which: readonly string[]): Generator<string> {
  const raw = git(['log', '--raw', '-r', '-t', '--no-abbrev', '--format=%H %T', ...which]);
  for (const line of raw.split('\n')) {
    yield* (line.match(/\b[0-9a-f]{40}\b/g) ?? []).filter((id) => !/^0+$/.test(id));
  }
}

function* revision(commit: string): Generator<string> {
  yield commit;
  for (const line of git(['ls-tree', '-r', '-t', commit]).split('\n')) {
    const [id] = line.match(/\b[0-9a-f]{40}\b/) ?? [];
    if (id !== undefined) yield id;
  }
}

const packPath = makeRepository();
const indexPath = packPath.replace(/pack$/, 'idx');
const reader = new PackReader(git(['verify-pack', '-v', packPath]));
for (const id of wanted()) reader.read(id);
keep({
  name: 'git',
  about:
    'objects of a packed git repository: look-ups in the index, objects and the bases of deltas in the pack',
  windowSize: 2 ** 16,
  fileSizes: [statSync(indexPath).size, statSync(packPath).size],
  accesses: reader.accesses,
});
