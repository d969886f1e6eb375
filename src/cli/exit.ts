import { constants } from 'node:os';

/** What the process says to its caller when it ends; `docs/cli.md` lists the same codes for users. */
export const EXIT = {
  /** The command did what was asked; also when the reader of its output went away early. */
  ok: 0,
  /** The operation failed: a missing file, a file cut short, a probe that read other bytes. */
  failure: 1,
  /** The command line makes no sense: an unknown option, a size that is none. */
  usage: 2,
} as const;

/** Signals after which a command still cleans up; each ends it with 128 + its number, as shells report it. */
export const STOPPING_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** One of {@link STOPPING_SIGNALS}. */
export type StoppingSignal = (typeof STOPPING_SIGNALS)[number];

/** The arguments are each well formed, but do not go together. The message names the option and the remedy. */
export class UsageError extends Error {}

/** The operation failed in a way that only the command itself could notice. */
export class OperationError extends Error {}

/** A signal asked the command to stop. */
export class Interrupted extends Error {
  /** The signal that came. */
  readonly signal: StoppingSignal;

  constructor(signal: StoppingSignal) {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

/** The exit code for whatever a command threw. */
export function exitCodeFor(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof Interrupted) return 128 + constants.signals[error.signal];
  return EXIT.failure;
}
