/*
 * What the whole process has mapped, all threads together, and how much it may.
 *
 * V8 needs mappings of its own and ends the process when it gets none, so the
 * package stays below a ceiling: the system's limit less 4 mappings for each MiB
 * that the JavaScript heaps may grow to less 4,096, and at most 60 % of the limit
 * (measured: 60,000 one-page maps beside 1.4 GiB of heap ended the process). With
 * many threads, whose heaps will not all grow to their limits at once, at least a
 * quarter of the limit is left. Closed ranges in quarantine count.
 *
 * An eighth of the ceiling is kept for managers that have few regions, so that one
 * that wants many cannot starve them.
 */
#ifndef SMMAP_LEDGER_H
#define SMMAP_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t maps;              /* mappings that are open */
  uint64_t bytes;             /* and their bytes, whole pages */
  uint64_t quarantined_maps;  /* closed ranges that are still reserved */
  uint64_t quarantined_bytes;
  uint64_t ceiling;           /* what `maps` and `quarantined_maps` may reach together */
  uint64_t limit;             /* the system's own limit; 0: none known */
} smmap_counts;

/* A JavaScript heap that may grow to `heap_bytes` came or went. */
void smmap_ledger_heap_came(uint64_t heap_bytes);
void smmap_ledger_heap_went(uint64_t heap_bytes);

uint64_t smmap_ledger_ceiling(void);

/*
 * Counts one mapping more. False: there is no room under the ceiling, nothing was
 * counted. `reserved` is for those who may use what is kept back.
 */
bool smmap_ledger_open(size_t bytes, bool reserved);

/* The mapping went back to the system. */
void smmap_ledger_closed(size_t bytes);

/* The mapping became a closed range in quarantine, and later left it. */
void smmap_ledger_quarantined(size_t bytes);
void smmap_ledger_released(size_t bytes);

smmap_counts smmap_ledger_counts(void);

#endif
