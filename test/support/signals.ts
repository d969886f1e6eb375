/** Signals from outside. */

import { spawnSync } from 'node:child_process';

/** Has another process send a signal to this one: not every runtime does it for itself. */
export function sendSignal(signal: NodeJS.Signals): void {
  spawnSync('sh', ['-c', `kill -${signal.slice('SIG'.length)} ${process.pid}`]);
}
