#include "lifetime.h"

#include "guard.h"
#include "ledger.h"
#include "quarantine.h"

#include <errno.h>
#include <stdlib.h>

/* How many quarantined ranges make room for one mapping at the ceiling. */
#define RELEASE_AT_CEILING 16

static size_t whole_pages(size_t length) {
  size_t page = smmap_os_page_size();
  return (length + page - 1) / page * page; /* length <= 2^53: no overflow in 64 bits */
}

static bool count_in(size_t extent, bool reserved) {
  while (!smmap_ledger_open(extent, reserved)) {
    if (smmap_quarantine_release(RELEASE_AT_CEILING) == 0) return false;
  }
  return true;
}

static void *map_or_make_room(const smmap_map_request *request, smmap_failure *failure) {
  for (;;) {
    void *address = smmap_os_map(request, failure);
    if (address != NULL || failure->code != ENOMEM) return address;
    if (smmap_quarantine_release(SIZE_MAX) == 0) return NULL;
  }
}

smmap_opening smmap_mapping_open(const smmap_map_request *request, bool reserved, void *waker,
                                 smmap_mapping **opened, smmap_failure *failure) {
  smmap_mapping *mapping = calloc(1, sizeof *mapping);
  if (mapping == NULL) {
    *failure = (smmap_failure){ENOMEM, "malloc"};
    return SMMAP_FAILED;
  }
  mapping->length = request->length;
  mapping->extent = whole_pages(request->length);
  mapping->mode = request->mode;
  mapping->refs = 1;
  if (!count_in(mapping->extent, reserved)) {
    free(mapping);
    return SMMAP_AT_CEILING;
  }
  void *address = map_or_make_room(request, failure);
  if (address == NULL) {
    smmap_ledger_closed(mapping->extent);
    free(mapping);
    return SMMAP_FAILED;
  }
  mapping->address = address;
  if (smmap_guard_active()) {
    /* The last page belongs to us whole: end at its edge. */
    mapping->slot =
        smmap_registry_add((uintptr_t)address, (uintptr_t)address + mapping->extent, waker);
    if (mapping->slot == NULL) {
      smmap_mapping_unref(mapping);
      *failure = (smmap_failure){ENOMEM, "malloc"};
      return SMMAP_FAILED;
    }
  }
  *opened = mapping;
  return SMMAP_OPENED;
}

void smmap_mapping_ref(smmap_mapping *mapping) { mapping->refs++; }

static void give_back(smmap_mapping *mapping) {
  smmap_slot *slot = mapping->slot;
  if (slot != NULL) {
    mapping->faults = smmap_slot_faults(slot);
    smmap_registry_silence(slot); /* what faults from here on concerns nobody */
  }
  smmap_quarantine_put(mapping->address, mapping->extent, slot);
  mapping->slot = NULL;
  mapping->address = NULL;
}

void smmap_mapping_unref(smmap_mapping *mapping) {
  if (--mapping->refs > 0) return;
  /* No view, job or handle is left in this thread. But memory that was moved out of a view
     and sent to another thread is finalized when this one ends, and is still read there. */
  if (mapping->address != NULL) give_back(mapping);
  free(mapping);
}

void smmap_mapping_close(smmap_mapping *mapping) {
  if (mapping->closed) return;
  mapping->closed = true;
  if (mapping->moved) {
    /* Failing to overlay leaves the file's own bytes there, which is safe too. */
    smmap_os_zero(mapping->address, mapping->extent);
  } else if (mapping->jobs == 0) {
    give_back(mapping);
  }
}

void smmap_mapping_begin_job(smmap_mapping *mapping) {
  mapping->jobs++;
  smmap_mapping_ref(mapping);
}

void smmap_mapping_end_job(smmap_mapping *mapping) {
  if (--mapping->jobs == 0 && mapping->closed && !mapping->moved) {
    give_back(mapping);
  }
  smmap_mapping_unref(mapping);
}

uint32_t smmap_mapping_faults(smmap_mapping *mapping) {
  if (mapping->slot != NULL) mapping->faults = smmap_slot_faults(mapping->slot);
  return mapping->faults;
}
