#include "ledger.h"

#include "mapping.h"
#include "registry.h"

#include <stdatomic.h>

#define MAPS_PER_HEAP_MIB 4
#define MAPS_FOR_THE_REST 4096
#define MOST_PERCENT 60
#define LEAST_PERCENT 25
#define KEPT_BACK 8 /* one in so many */

static _Atomic uint64_t maps, bytes, quarantined_maps, quarantined_bytes;
static _Atomic uint64_t heap_mib;
static _Atomic uint64_t system_limit; /* 0: not asked yet */

static uint64_t limit(void) {
  uint64_t known = atomic_load(&system_limit);
  if (known != 0) return known;
  known = smmap_os_map_limit();
  if (known == 0) known = UINT64_MAX; /* the system names none */
  atomic_store(&system_limit, known);
  return known;
}

void smmap_ledger_heap_came(uint64_t heap_bytes) { atomic_fetch_add(&heap_mib, heap_bytes >> 20); }
void smmap_ledger_heap_went(uint64_t heap_bytes) { atomic_fetch_sub(&heap_mib, heap_bytes >> 20); }

/* What cannot be guarded must not be mapped. */
static uint64_t guarded(uint64_t most) {
  return most < smmap_registry_capacity ? most : smmap_registry_capacity;
}

uint64_t smmap_ledger_ceiling(void) {
  uint64_t total = limit();
  uint64_t others = atomic_load(&heap_mib) * MAPS_PER_HEAP_MIB + MAPS_FOR_THE_REST;
  uint64_t most = total / 100 * MOST_PERCENT;
  uint64_t least = total / 100 * LEAST_PERCENT;
  uint64_t ceiling = total > others ? total - others : 0;
  if (ceiling < least) ceiling = least;
  if (ceiling > most) ceiling = most;
  return guarded(ceiling);
}

bool smmap_ledger_open(size_t length, bool reserved) {
  uint64_t ceiling = smmap_ledger_ceiling();
  /* Threads that came since lowered the ceiling; what others took before must not cost
     them what they are guaranteed. */
  uint64_t most = reserved ? guarded(limit() / 100 * MOST_PERCENT) : ceiling - ceiling / KEPT_BACK;
  uint64_t now = atomic_fetch_add(&maps, 1) + 1 + atomic_load(&quarantined_maps);
  if (now > most) {
    atomic_fetch_sub(&maps, 1);
    return false;
  }
  atomic_fetch_add(&bytes, length);
  return true;
}

void smmap_ledger_closed(size_t length) {
  atomic_fetch_sub(&maps, 1);
  atomic_fetch_sub(&bytes, length);
}

void smmap_ledger_quarantined(size_t length) {
  atomic_fetch_add(&quarantined_maps, 1);
  atomic_fetch_add(&quarantined_bytes, length);
  smmap_ledger_closed(length);
}

void smmap_ledger_released(size_t length) {
  atomic_fetch_sub(&quarantined_maps, 1);
  atomic_fetch_sub(&quarantined_bytes, length);
}

smmap_counts smmap_ledger_counts(void) {
  uint64_t total = limit();
  return (smmap_counts){
      .maps = atomic_load(&maps),
      .bytes = atomic_load(&bytes),
      .quarantined_maps = atomic_load(&quarantined_maps),
      .quarantined_bytes = atomic_load(&quarantined_bytes),
      .ceiling = smmap_ledger_ceiling(),
      .limit = total == UINT64_MAX ? 0 : total,
  };
}
