/*
 * Handing a fault that is not ours to whoever handled SIGBUS before us: each of
 * them once, the newest first, and then the default effect.
 */
#ifndef SMMAP_HANDOVER_POSIX_H
#define SMMAP_HANDOVER_POSIX_H

#include <signal.h>
#include <stdbool.h>

/* The code of a handler, however it was declared. NULL: the default action. */
void *smmap_handover_code(const struct sigaction *action);

/*
 * Notes a handler that ours is about to replace. False: out of memory. Calls must
 * not overlap; they may overlap with faults.
 */
bool smmap_handover_remember(const struct sigaction *action);

/* The handlers so noted, 0 the newest; NULL past the oldest. */
const struct sigaction *smmap_handover_predecessor(int depth);

/* Hands the fault on, or lets it have its default effect. Async-signal-safe. */
void smmap_handover(int signal, siginfo_t *info, void *context);

/* Whether a fault is having its default effect: from then on nothing must catch it. */
bool smmap_handover_dying(void);

#endif
