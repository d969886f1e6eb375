/** What is said when the process as a whole may map no more. */
import { BudgetExceededError, type RegionHolder } from './errors.js';
import { processCounts } from './native.js';

/** The ceiling of mappings of the whole process. */
export function ceilingReached(holders: RegionHolder[]): BudgetExceededError {
  return atCeiling(
    `, and everything this manager has is in use (${list(holders)}); ` +
      'close cursors, use larger windows, or raise vm.max_map_count',
    holders,
  );
}

/** The same for a map that belongs to no manager. */
export function ceilingReachedByMaps(): BudgetExceededError {
  return atCeiling(' and no manager has an idle one; close maps, or raise vm.max_map_count', []);
}

function atCeiling(end: string, holders: RegionHolder[]): BudgetExceededError {
  const { maps, quarantinedMaps, ceiling, limit } = processCounts();
  return new BudgetExceededError(
    `the process is at its ceiling of ${ceiling} mappings (vm.max_map_count is ${limit}): ` +
      `${maps} are open, ${quarantinedMaps} closed ones are still reserved${end}`,
    holders,
  );
}

/** The limits of the process that can be behind the system's `ENOMEM`. */
export function processLimits(): string {
  const { maps, quarantinedMaps, bytes, limit, addressLimit } = processCounts();
  const addresses = addressLimit === 0 ? 'unlimited' : `${addressLimit} bytes`;
  return (
    `vm.max_map_count is ${limit}, of which this package has ${maps + quarantinedMaps}; ` +
    `ulimit -v is ${addresses}, of which it has ${bytes} bytes`
  );
}

/** The largest few. */
export function list(holders: RegionHolder[]): string {
  const shown = holders.slice(0, 3).map(({ file, offset, size, users }) => {
    const why = users > 0 ? `${users} users` : 'stored into';
    return `${file} at ${offset}, ${size} bytes, ${why}`;
  });
  const more = holders.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '') || 'none by others';
}
