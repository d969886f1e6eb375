/** What the scripts of this process came to: a run in which nothing happens proves nothing. */

import type { ManagerModel } from './manager.js';

export const done = {
  scripts: 0,
  steps: 0,
  'failures ordered': 0,
  'regions mapped': 0,
  'regions evicted': 0,
  'mappings tried again': 0,
  'limits bent': 0,
  'pages lost': 0,
  'forgotten cursors found': 0,
};

/** Adds up what happened in one manager. */
export function count({ counts, budget, faults }: ManagerModel): void {
  done['regions mapped'] += counts.maps;
  done['regions evicted'] += budget.evictions;
  done['mappings tried again'] += budget.retries;
  done['limits bent'] += budget.bent;
  done['pages lost'] += faults;
  done['forgotten cursors found'] += counts.leaked;
}
