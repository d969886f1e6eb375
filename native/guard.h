/*
 * Survives the fault that a page raises which cannot be had: the file was cut
 * short, the disk is full, the device or server failed. Inside our own mappings
 * the lost part becomes private zeros and the range is marked; anybody else's
 * fault goes on to whoever would have had it.
 */
#ifndef SMMAP_GUARD_H
#define SMMAP_GUARD_H

#include <stdbool.h>

/* Switches the guard off or on before the first mapping. False: it is too late. */
bool smmap_guard_set_enabled(bool enabled);

/* To be called before each mapping, and now and then: in force, and not replaced by another handler. */
void smmap_guard_arm(void);

/* Whether faults are survived. */
bool smmap_guard_active(void);

/* How a fault reaches the loop of its mapping's thread. Async-signal-safe; set before the first mapping. */
void smmap_guard_set_ring(void (*ring)(void *waker));

/* Has every thread without a waker look, as after a fault; nothing where faults are not survived. */
void smmap_guard_ring(void);

/* Waits until a fault was survived that has no waker, or somebody rang; for a thread that then tells the others. */
void smmap_guard_wait(void);

/* Starts `run` on a thread of its own that takes no signals. False: no thread could be had. */
bool smmap_guard_start_thread(void (*run)(void));

#endif
