/** The guard that survives lost pages, as a user may refuse it. */
import { invalidState, invalidType } from './arguments.js';
import { native } from './native.js';

/**
 * Refuses the fault guard, or wants it after all. It is installed with the first
 * mapping of the process; before that it can be refused. Without it a page that
 * cannot be had (file cut short, disk full, device or server lost) ends the
 * process with SIGBUS, as in every program that maps files without a guard.
 * @param enabled whether lost pages are to be survived. Default: true
 * @throws TypeError `ERR_INVALID_ARG_TYPE` · `ERR_INVALID_STATE` when it is refused after it was installed
 */
export function setFaultGuard(enabled: boolean): void {
  if (typeof enabled !== 'boolean') throw invalidType('enabled', 'a boolean', enabled);
  if (!native.setGuard(enabled)) {
    throw invalidState('the fault guard is in force since the first mapping: refuse it before');
  }
}

let kept = false;

/**
 * Keeps the guard in force when the program listens for SIGBUS, or ceases to:
 * Node then puts its own handler in the place of ours, or takes both away. Done
 * with the first mapping of a thread; nothing is hooked before.
 */
export function keepGuard(): void {
  if (kept) return;
  kept = true;
  const events: NodeJS.EventEmitter = process;
  for (const event of ['newListener', 'removeListener']) {
    // Of the addon: copies of this module that load the same binary share it, and it keeps none of them.
    if (events.listeners(event).includes(native.armAfter)) continue;
    events.on(event, native.armAfter); // Node's own listener, which changes the handler, runs before
  }
}
