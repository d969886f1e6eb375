/*
 * One mapping from its birth to its end.
 *
 * A mapping is held by references: its JavaScript handle, each ArrayBuffer made
 * over it, each job at work in it. Closing it makes it unreachable at once; the
 * memory goes when the last job left it. The structure itself lives as long as
 * anybody refers to it, so a finalizer that runs late (Node) or inside the call
 * that detaches (Bun, Deno) finds it alive, and nobody looks it up by address.
 *
 * All calls for one mapping come from the thread of its JavaScript environment.
 */
#ifndef SMMAP_LIFETIME_H
#define SMMAP_LIFETIME_H

#include "mapping.h"
#include "registry.h"

typedef struct smmap_mapping {
  uint8_t *address;  /* NULL once the range went back to the system */
  size_t length;     /* bytes that were asked for */
  size_t extent;     /* bytes the system mapped: whole pages */
  smmap_mode mode;
  smmap_slot *slot;  /* NULL when faults are not survived */
  uint32_t refs;
  uint32_t jobs;     /* jobs that touch the memory now */
  uint32_t faults;   /* as the slot last said, kept after the slot is gone */
  bool closed;       /* no new view, no new job */
  bool moved;        /* somebody moved a view's memory to a buffer we do not know */
} smmap_mapping;

typedef enum {
  SMMAP_OPENED,
  SMMAP_AT_CEILING, /* the process may not map more (see ledger.h) */
  SMMAP_FAILED,     /* the system said no: see the failure */
} smmap_opening;

/*
 * Maps what is wanted. On SMMAP_OPENED `*mapping` has one reference.
 * `reserved` lets it use the mappings that are kept back (see ledger.h); `waker` is
 * rung at a fault (see registry.h). When the ceiling or ENOMEM
 * stands in the way, the quarantine is emptied first.
 */
smmap_opening smmap_mapping_open(const smmap_map_request *request, bool reserved, void *waker,
                                 smmap_mapping **mapping, smmap_failure *failure);

void smmap_mapping_ref(smmap_mapping *mapping);

/* Drops a reference; the last one gives memory and structure back. */
void smmap_mapping_unref(smmap_mapping *mapping);

/*
 * Closes the mapping: every view of it must be detached before. A mapping that
 * was `moved` becomes zeros, and stays until the buffer it was moved to is gone.
 */
void smmap_mapping_close(smmap_mapping *mapping);

/* A job begins to touch the memory, and leaves it; it holds a reference meanwhile. */
void smmap_mapping_begin_job(smmap_mapping *mapping);
void smmap_mapping_end_job(smmap_mapping *mapping);

/* Pages lost so far, as often as it was noticed. */
uint32_t smmap_mapping_faults(smmap_mapping *mapping);

#endif
