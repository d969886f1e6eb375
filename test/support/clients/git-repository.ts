/** Makes git repositories with one pack, by git itself. */

import { execFileSync } from 'node:child_process';
import { contentBytes } from '../files.js';

/** What git prints. */
export function git(repository: string, args: readonly string[], input?: string | Buffer): Buffer {
  const options = {
    cwd: repository,
    maxBuffer: 2 ** 30,
    ...(input === undefined ? {} : { input }),
  };
  return execFileSync('git', args, { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
}

/** A blob: lines that are alike in all editions of a file but for a few, so that packs have deltas. */
function blobOf(file: number, edition: number): Buffer {
  const lines = Array.from({ length: 1 + (file % 97) * 4 }, (_, i) => {
    const changed = i % 20 === edition ? `, changed in edition ${edition}` : '';
    return `line ${i} of file ${file}${changed}: ${contentBytes(file * 10_000 + i, 20).toString('hex')}\n`;
  });
  return Buffer.from(lines.join(''));
}

/** A bare repository of `files` files in `editions` commits, all in one pack. */
export function makeRepository(path: string, files: number, editions: number): void {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=master', path]);
  const stream: (string | Buffer)[] = [];
  for (let edition = 0; edition < editions; edition++) {
    stream.push(`commit refs/heads/master\ncommitter A <a> ${edition} +0000\ndata 1\n${edition}\n`);
    for (let file = 0; file < files; file++) {
      const blob = blobOf(file, edition);
      const mode = file % 50 === 7 ? '100755' : '100644';
      stream.push(`M ${mode} inline dir-${file % 7}/sub-${file % 3}/file-${file}.txt\n`);
      stream.push(`data ${blob.length}\n`, blob, '\n');
    }
  }
  git(path, ['fast-import', '--quiet'], Buffer.concat(stream.map((part) => Buffer.from(part))));
  git(path, ['repack', '-a', '-d', '-f', '-q']);
}
