/*
 * What the whole process has mapped, all threads together, and how much it may.
 *
 * V8 needs mappings of its own and ends the process when it gets none, so the
 * package stays below a ceiling: the system's limit less 4 mappings for each MiB
 * that the JavaScript heaps may grow to less 4,096, and at most 60 % of the limit
 * (measured: 60,000 one-page maps beside 1.4 GiB of heap ended the process). With
 * many threads, whose heaps will not all grow to their limits at once, at least a
 * quarter of the limit is left. Closed ranges in quarantine count, and so does
 * what was guaranteed and is not used yet.
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
  uint64_t guaranteed;        /* mappings promised and not used yet */
  uint64_t ceiling;           /* what all of these may reach together */
  uint64_t limit;             /* the system's own limit; 0: none known */
} smmap_counts;

/* A JavaScript heap that may grow to `heap_bytes` came or went. */
void smmap_ledger_heap_came(uint64_t heap_bytes);
void smmap_ledger_heap_went(uint64_t heap_bytes);

uint64_t smmap_ledger_ceiling(void);

/* Counts one mapping more. False: the ceiling is reached, nothing was counted. */
bool smmap_ledger_open(size_t bytes);

/* The mapping went back to the system. */
void smmap_ledger_closed(size_t bytes);

/* The mapping became a closed range in quarantine, and later left it. */
void smmap_ledger_quarantined(size_t bytes);
void smmap_ledger_released(size_t bytes);

/* Promises so many mappings. False: they do not fit under the ceiling. */
bool smmap_ledger_promise(uint64_t maps);

/* Promises one mapping again that was promised before and has gone. */
void smmap_ledger_promise_again(void);

/* Takes a promise back that was not used. */
void smmap_ledger_unpromise(uint64_t maps);

/* Counts one mapping more, out of what was promised: always fits. */
void smmap_ledger_open_promised(size_t bytes);

/* Whether more is counted than the ceiling allows, as when a promised mapping went to quarantine. */
bool smmap_ledger_is_over(void);

smmap_counts smmap_ledger_counts(void);

#endif
