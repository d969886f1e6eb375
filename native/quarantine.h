/*
 * Closed ranges, kept out of use for a while.
 *
 * An asynchronous read that was started on a view may still be writing when the
 * view's mapping is closed. If the next mapping landed on that address, the read
 * would write into it, and through it into another file (seen). A range in
 * quarantine is reserved: the kernel answers EFAULT there, and a thread that reads or
 * writes there by itself meets zeros of no consequence.
 */
#ifndef SMMAP_QUARANTINE_H
#define SMMAP_QUARANTINE_H

#include "registry.h"

#include <stddef.h>

/*
 * Turns an open, counted mapping into a quarantined range; the oldest make room. Its
 * slot in the registry, where it has one, stays until the range is released.
 */
void smmap_quarantine_put(void *address, size_t length, smmap_slot *slot);

/* Gives up to `most` ranges back to the system, oldest first; returns how many. */
size_t smmap_quarantine_release(size_t most);

#endif
