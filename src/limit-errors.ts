/** What is said when a limit stands in the way: which one, and how things are. */
import { BudgetExceededError, type RegionHolder } from './errors.js';
import type { Limits } from './manager-options.js';
import { processCounts } from './native.js';
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

/** The ceiling of mappings of the whole process. */
export function ceilingReached(holders: RegionHolder[]): BudgetExceededError {
  const { maps, quarantinedMaps, ceiling, limit } = processCounts();
  return new BudgetExceededError(
    `the process is at its ceiling of ${ceiling} mappings (vm.max_map_count is ${limit}): ` +
      `${maps} are open, ${quarantinedMaps} closed ones are still reserved, and everything this ` +
      `manager has is in use (${list(holders)}); close cursors, use larger windows, or raise vm.max_map_count`,
    holders,
  );
}

/** What to add to the system's `ENOMEM`: the limits that can be behind it. */
export function limitsNow(stats: ManagerStats): string {
  const { maps, quarantinedMaps, bytes, limit, addressLimit } = processCounts();
  const addresses = addressLimit === 0 ? 'unlimited' : `${addressLimit} bytes`;
  return (
    `vm.max_map_count is ${limit}, of which this package has ${maps + quarantinedMaps}; ` +
    `ulimit -v is ${addresses}, of which it has ${bytes} bytes; this manager has ` +
    `${stats.mappedBytes} bytes in ${stats.regions} regions${stats.regions > 0 ? ', all in use' : ''}`
  );
}

/** The largest few. */
function list(holders: RegionHolder[]): string {
  const shown = holders.slice(0, 3).map(({ file, offset, size, users }) => {
    const why = users > 0 ? `${users} users` : 'stored into';
    return `${file} at ${offset}, ${size} bytes, ${why}`;
  });
  const more = holders.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '') || 'none by others';
}
