import { SingleBar } from 'cli-progress';
import { formatSize } from './size.js';

/** Shows how far a long step has come. */
export interface Progress {
  /** The step has come to `done` units of its total. */
  update(done: number): void;
  /** Takes the bar off the terminal and leaves the terminal as it was found. May be called twice. */
  [Symbol.dispose](): void;
}

const NONE: Progress = { update() {}, [Symbol.dispose]() {} };

/**
 * A bar on standard error when that is a terminal that can redraw a line, else nothing.
 * @param format what to print of `done` and `total`, for instance {@link formatSize}
 */
export function startProgress(
  label: string,
  total: number,
  format: (n: number) => string,
): Progress {
  if (total === 0 || !process.stderr.isTTY || process.env.TERM === 'dumb') return NONE;
  const bar = new SingleBar({
    stream: process.stderr,
    format: `${label.padEnd(8)} [{bar}] {percentage}% of {of}, {rate}/s`,
    barsize: 32,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    clearOnComplete: true,
    // Else it switches the terminal's line wrapping off, which Ctrl-Z would leave so.
    linewrap: true,
  });
  const started = performance.now();
  const of = format(total);
  bar.start(total, 0, { of, rate: format(0) });
  return {
    update(done) {
      const seconds = (performance.now() - started) / 1000;
      bar.update(done, { of, rate: format(Math.round(done / seconds)) });
    },
    [Symbol.dispose]() {
      bar.stop();
    },
  };
}
