/*
 * The ranges of memory that are ours, readable from a signal handler.
 *
 * Slots live in chunks that are only ever added, so a reader needs no lock and
 * never meets freed memory. A writer publishes `end` before `start` and takes a
 * range back by clearing `start` and waiting until no reader is at work in it.
 */
#ifndef SMMAP_REGISTRY_H
#define SMMAP_REGISTRY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  _Atomic uintptr_t start; /* 0: the slot is free */
  _Atomic uintptr_t end;
  _Atomic uint32_t faults; /* pages lost, as often as it was noticed */
  _Atomic uint32_t busy;   /* readers at work in the range */
  void *_Atomic waker;     /* whom to tell of a fault; NULL: nobody in particular */
  uint32_t next_free;      /* index of the next free slot; under the writers' lock */
  uint32_t index;
} smmap_slot;

/* Faults in all ranges since the process started; never goes down (it may wrap). */
extern _Atomic uint32_t smmap_fault_epoch;

/* Ranges that can be published at one time. */
extern const uint64_t smmap_registry_capacity;

/* Publishes a range. NULL: out of memory. */
smmap_slot *smmap_registry_add(uintptr_t start, uintptr_t end, void *waker);

/* Takes the waker away; when this returns no handler uses it. */
void smmap_registry_silence(smmap_slot *slot);

/* Takes the range back; when this returns no handler is at work in it. */
void smmap_registry_remove(smmap_slot *slot);

static inline uint32_t smmap_slot_faults(const smmap_slot *slot) {
  return atomic_load(&slot->faults);
}

/* What a handler does with the range an address fell into; false: it could not help. */
typedef bool (*smmap_heal)(uintptr_t start, uintptr_t end, uintptr_t address,
                           const void *context);

/* Tells of a fault that was mended. */
typedef void (*smmap_ring)(void *waker);

/*
 * Finds the range that holds `address`, lets `heal` work on it, counts the fault
 * and rings. False: the address is not ours, or could not be helped.
 * Async-signal-safe when `heal` and `ring` are.
 */
bool smmap_registry_heal(uintptr_t address, smmap_heal heal, const void *context, smmap_ring ring);

#endif
