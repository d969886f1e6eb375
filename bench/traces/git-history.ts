/** A history for `git fast-import`: a source tree that grows and changes, the same for the same seed. */
import type { randomFrom } from '../../test/support/random.js';

type Random = ReturnType<typeof randomFrom>;

const FOLDERS = 60;
const FILES = 1_200;
const COMMITS = 8_000;
/** Seconds since 1970, and between two commits. */
const BEGIN = 1_500_000_000;
const STEP = 3_600;

/** The whole stream. */
export function history(random: Random): Buffer {
  const files = Array.from({ length: FILES }, () => textOf(random, random(30, 400)));
  const parts: string[] = [];
  const commit = (number: number, changed: readonly number[]) => {
    const when = `A Writer <writer@example.org> ${BEGIN + number * STEP} +0000`;
    const message = `Change ${changed.length} files, the ${number}th time\n`;
    parts.push(`commit refs/heads/main\ncommitter ${when}\ndata ${message.length}\n${message}\n`);
    for (const file of changed) {
      const text = (files[file] as string[]).join('');
      parts.push(`M 100644 inline ${pathOf(file)}\ndata ${text.length}\n${text}\n`);
    }
  };
  commit(0, [...files.keys()]);
  for (let number = 1; number < COMMITS; number++) {
    const changed = new Set(Array.from({ length: random(1, 6) }, () => busyFile(random, number)));
    for (const file of changed) edit(random, files[file] as string[]);
    commit(number, [...changed]);
  }
  return Buffer.from(parts.join(''));
}

function pathOf(file: number): string {
  return `part${file % FOLDERS}/section${file % 7}/file${file}.txt`;
}

/** Some files change all the time, and which those are changes slowly. */
function busyFile(random: Random, number: number): number {
  const rank = Math.floor(FILES ** (random(0, 1_000) / 1_000)) - 1;
  return (rank + Math.floor(number / 100) * 17) % FILES;
}

function edit(random: Random, lines: string[]): void {
  const at = random(0, lines.length);
  lines.splice(at, random(0, 4), ...textOf(random, random(1, 5)));
}

function textOf(random: Random, lines: number): string[] {
  return Array.from({ length: lines }, () => {
    const words = Array.from({ length: random(1, 12) }, () => random(0, 20_000).toString(36));
    return `${words.join(' ')}\n`;
  });
}
