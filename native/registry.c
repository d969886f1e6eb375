#include "registry.h"

#include "lock.h"

#include <stdlib.h>

/* 256 slots a chunk; 1,024 chunks hold 262,144 ranges, four times vm.max_map_count's default. */
#define SLOTS_PER_CHUNK 256u
#define CHUNKS 1024u
#define NONE UINT32_MAX

const uint64_t smmap_registry_capacity = SLOTS_PER_CHUNK * CHUNKS;

static smmap_slot *_Atomic chunks[CHUNKS];
static _Atomic uint32_t used; /* slots ever handed out: where a reader may stop */

static smmap_lock writers = SMMAP_LOCK_INIT;
static uint32_t first_free = NONE; /* under `writers` */

_Atomic uint32_t smmap_fault_epoch;

static smmap_slot *slot_at(uint32_t index) {
  smmap_slot *chunk = atomic_load(&chunks[index / SLOTS_PER_CHUNK]);
  return chunk == NULL ? NULL : &chunk[index % SLOTS_PER_CHUNK]; /* chunks are never freed */
}

/* Under `writers`. What was freed last is used again first, so that `used` grows only when it must. */
static smmap_slot *take_free(void) {
  if (first_free != NONE) {
    smmap_slot *slot = slot_at(first_free);
    first_free = slot->next_free;
    return slot;
  }
  uint32_t index = atomic_load(&used);
  if (index == SLOTS_PER_CHUNK * CHUNKS) return NULL;
  if (index % SLOTS_PER_CHUNK == 0) {
    smmap_slot *chunk = calloc(SLOTS_PER_CHUNK, sizeof *chunk);
    if (chunk == NULL) return NULL;
    atomic_store(&chunks[index / SLOTS_PER_CHUNK], chunk);
  }
  smmap_slot *slot = slot_at(index);
  slot->index = index;
  atomic_store(&used, index + 1);
  return slot;
}

smmap_slot *smmap_registry_add(uintptr_t start, uintptr_t end, void *waker) {
  smmap_lock_take(&writers);
  smmap_slot *slot = take_free();
  smmap_lock_give(&writers);
  if (slot == NULL) return NULL;
  atomic_store(&slot->faults, 0);
  atomic_store(&slot->waker, waker);
  atomic_store(&slot->end, end);
  atomic_store(&slot->start, start); /* from here on a reader may see it: last */
  return slot;
}

static void wait_for_readers(const smmap_slot *slot) {
  while (atomic_load(&slot->busy) != 0) smmap_os_yield();
}

void smmap_registry_silence(smmap_slot *slot) {
  atomic_store(&slot->waker, NULL);
  wait_for_readers(slot);
}

void smmap_registry_remove(smmap_slot *slot) {
  atomic_store(&slot->start, 0);
  wait_for_readers(slot);
  smmap_lock_take(&writers);
  slot->next_free = first_free;
  first_free = slot->index;
  smmap_lock_give(&writers);
}

static bool heal_slot(smmap_slot *slot, uintptr_t start, uintptr_t address, smmap_heal heal,
                      const void *context, smmap_ring ring) {
  bool healed = false;
  atomic_fetch_add(&slot->busy, 1);
  /* Still the same range? From here on remove() waits for us, so `end` belongs to `start`. */
  if (atomic_load(&slot->start) == start) {
    uintptr_t end = atomic_load(&slot->end);
    if (address < end && heal(start, end, address, context)) {
      atomic_fetch_add(&slot->faults, 1);
      atomic_fetch_add(&smmap_fault_epoch, 1);
      ring(atomic_load(&slot->waker));
      healed = true;
    }
  }
  atomic_fetch_sub(&slot->busy, 1);
  return healed;
}

bool smmap_registry_heal(uintptr_t address, smmap_heal heal, const void *context,
                         smmap_ring ring) {
  uint32_t count = atomic_load(&used);
  for (uint32_t index = 0; index < count; index++) {
    smmap_slot *slot = slot_at(index);
    uintptr_t start = atomic_load(&slot->start);
    if (start == 0 || address < start) continue;
    if (heal_slot(slot, start, address, heal, context, ring)) return true;
  }
  return false;
}
