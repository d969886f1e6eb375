import { type Command, InvalidArgumentError, Option } from 'commander';
import { alignToMmap } from '../../index.js';
import { formatCount, parseCount } from '../count.js';
import { UsageError } from '../exit.js';
import { formatReport } from '../report.js';
import { scan } from '../scan.js';
import { parseSize } from '../size.js';

const DEFAULT_WINDOW = 1024 ** 2;
const DEFAULT_BUDGET = 16 * 1024 ** 2;
const DEFAULT_PROBES = 10_000;
const DEFAULT_SEED = 1;

interface Arguments {
  window?: number;
  budget: number;
  random: number;
  seed: number;
  json?: true;
}

/** Adds `smmap scan` to the program; it stops when `signal` is aborted. */
export function addScan(program: Command, signal: AbortSignal): void {
  program
    .command('scan')
    .summary('read a file larger than the memory that is allowed')
    .description(
      'Reads FILE through windows that never take more memory than the budget: first in order ' +
        '(bytes, lines, SHA-256), then at random places, where each probe is compared with what ' +
        'read(2) gives. Then shows what the windows did.',
    )
    .argument('[FILE]', 'file to read (default: the Node.js executable)', parsePath)
    .option(
      '--window <size>',
      'bytes to map at a time (default: 1M, or the budget if less)',
      parseSize,
    )
    .addOption(
      new Option('--budget <size>', 'bytes that may be mapped at one time')
        .argParser(parseSize)
        .default(DEFAULT_BUDGET, '16M'),
    )
    .option(
      '--random <n>',
      'probes at random places',
      parseCount(Number.MAX_SAFE_INTEGER),
      DEFAULT_PROBES,
    )
    .option(
      '--seed <n>',
      'where the random places begin; the same seed gives the same places',
      parseCount(2 ** 32 - 1),
      DEFAULT_SEED,
    )
    .option('--json', 'print one JSON document instead of text')
    .addHelpText(
      'after',
      '\nSizes are bytes, or take K, M, G, T or P for powers of 1,024: 4096, 64K, 1.5G.',
    )
    .action(async (file: string | undefined, given: Arguments) => {
      const { budget, random, seed } = given;
      const window = windowWithin(budget, given.window);
      const result = await scan(
        { file: file ?? process.execPath, window, budget, random, seed },
        signal,
      );
      process.stdout.write(
        given.json ? `${JSON.stringify(result, null, 2)}\n` : formatReport(result),
      );
    });
}

/** The window to use: what was asked for, if the budget holds one such window, else the default, if need be smaller. */
function windowWithin(budget: number, asked: number | undefined): number {
  const window = asked ?? Math.min(DEFAULT_WINDOW, alignToMmap(budget, false));
  const smallest = alignToMmap(asked ?? 1, true);
  if (smallest > budget) {
    throw new UsageError(
      `--budget of ${formatCount(budget)} bytes holds no window of ${formatCount(smallest)} bytes: ` +
        `give a larger --budget${asked === undefined ? '' : ' or a smaller --window'}`,
    );
  }
  return window;
}

function parsePath(text: string): string {
  if (text === '') throw new InvalidArgumentError('Give the path of a file.');
  return text;
}
