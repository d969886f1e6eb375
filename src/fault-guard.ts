/** The guard that survives lost pages, as a user may refuse it. */
import { invalidState, invalidType } from './arguments.js';
import { native } from './native.js';

/**
 * Refuses the fault guard, or wants it after all. It is installed with the first
 * mapping of the process; before that it can be refused. Without it a page that
 * cannot be had (file cut short, disk full, device or server lost) ends the
 * process with SIGBUS, as in every program that maps files without a guard.
 * @param enabled whether lost pages are to be survived. Default: true
 * @throws TypeError `ERR_INVALID_ARG_TYPE` · `ERR_INVALID_STATE` when something was mapped already
 */
export function setFaultGuard(enabled: boolean): void {
  if (typeof enabled !== 'boolean') throw invalidType('enabled', 'a boolean', enabled);
  if (!native.setGuard(enabled)) {
    throw invalidState('the fault guard is in force since the first mapping: refuse it before');
  }
}
