#!/usr/bin/env node
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { addScan } from './commands/scan.js';
import { EXIT, exitCodeFor, Interrupted, STOPPING_SIGNALS } from './exit.js';

/** Every command, in the order of the help text. */
const COMMANDS: ((program: Command, signal: AbortSignal) => void)[] = [addScan];

handleOutputErrors();
process.exitCode = await run(process.argv);

/** Runs the command line and answers with the exit code. */
async function run(argv: string[]): Promise<number> {
  const program = new Command('smmap')
    .description('Reads files through memory-mapped windows.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'smmap: ')),
    });
  const signal = stopOnSignals();
  for (const add of COMMANDS) add(program, signal);
  try {
    await program.parseAsync(argv);
    return EXIT.ok;
  } catch (error) {
    // Commander has printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    complain(error);
    return exitCodeFor(error);
  }
}

/** The version in the package's own manifest, wherever in the package this file came to lie. */
function packageVersion(): string {
  const manifest = createRequire(import.meta.url)('smmap/package.json') as { version: string };
  return manifest.version;
}

/** A signal that is aborted by the first Ctrl-C or SIGTERM; the second has its default effect. */
function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of STOPPING_SIGNALS) {
    process.once(name, () => controller.abort(new Interrupted(name)));
  }
  return controller.signal;
}

/** Nobody reads on (`smmap scan | head -1`): that is not a failure. Any other failing write is one. */
function handleOutputErrors(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    complain(error);
    process.exit(EXIT.failure);
  });
  // When messages cannot be written either, the exit code must do.
  process.stderr.on('error', () => {});
}

/** One sentence on standard error; the whole error with its stack when SMMAP_DEBUG is set. */
function complain(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`smmap: ${message}`);
  if (process.env.SMMAP_DEBUG) console.error(inspect(error));
}
