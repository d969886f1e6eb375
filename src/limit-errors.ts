/** What is said when a limit stands in the way: which one, and how things are. */
import { list, processLimits } from './ceiling.js';
import { BudgetExceededError, type RegionHolder } from './errors.js';
import type { Limits } from './manager-options.js';
import type { ManagerStats } from './stats.js';

/** The manager's own limit, with `hardLimit`. */
export function budgetExceeded(
  cause: 'maxMemorySize' | 'maxOpenHandles',
  limits: Limits,
  stats: ManagerStats,
  extent: number,
  holders: RegionHolder[],
): BudgetExceededError {
  if (extent > limits.maxMemorySize) {
    return new BudgetExceededError(
      `maxMemorySize is too small: one window of ${extent} bytes is wanted, ${limits.maxMemorySize} are ` +
        'allowed in all; raise maxMemorySize or lower windowSize',
      holders,
    );
  }
  const figures =
    cause === 'maxMemorySize'
      ? `${stats.mappedBytes} bytes are mapped, ${extent} more are wanted, ${limits.maxMemorySize} are allowed`
      : `${stats.regions} regions are mapped, ${limits.maxOpenHandles} are allowed`;
  return new BudgetExceededError(
    `${cause} is reached: ${figures}, and everything mapped is in use (${list(holders)}); ` +
      `close or unuse cursors, or raise ${cause}`,
    holders,
  );
}

/** What to add to the system's `ENOMEM`: the limits that can be behind it. */
export function limitsNow(stats: ManagerStats): string {
  return (
    `${processLimits()}; this manager has ` +
    `${stats.mappedBytes} bytes in ${stats.regions} regions${stats.regions > 0 ? ', all in use' : ''}`
  );
}
