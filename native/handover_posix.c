#include "handover_posix.h"

#include "mapping_posix.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* How often another handler may take our place; more than that share the last room. */
#define PREDECESSORS 64

/* The oldest first. Entries are never freed: a handler may be reading one. */
static struct sigaction *_Atomic predecessors[PREDECESSORS];
static _Atomic int count;
static _Atomic bool dying;

void *smmap_handover_code(const struct sigaction *action) {
  /* POSIX lets the two share storage; the flag says which was meant. */
  return action->sa_flags & SA_SIGINFO ? (void *)(uintptr_t)action->sa_sigaction
                                       : (void *)(uintptr_t)action->sa_handler;
}

static bool is_same(const struct sigaction *one, const struct sigaction *other) {
  return smmap_handover_code(one) == smmap_handover_code(other) && one->sa_flags == other->sa_flags;
}

bool smmap_handover_remember(const struct sigaction *action) {
  int have = atomic_load(&count);
  if (have > 0 && is_same(atomic_load(&predecessors[have - 1]), action)) return true;
  struct sigaction *copy = malloc(sizeof *copy);
  if (copy == NULL) return false;
  *copy = *action;
  if (have == PREDECESSORS) have--;
  atomic_store(&predecessors[have], copy); /* have < PREDECESSORS */
  atomic_store(&count, have + 1);
  return true;
}

const struct sigaction *smmap_handover_predecessor(int depth) {
  int index = atomic_load(&count) - 1 - depth;
  return index < 0 ? NULL : atomic_load(&predecessors[index]);
}

bool smmap_handover_dying(void) { return atomic_load(&dying); }

/* Threads that are handing a fault on. A slot is free while `thread` is 0. */
typedef struct {
  _Atomic uintptr_t thread;
  _Atomic uintptr_t info;  /* which fault: handlers that chain pass the same pointer on */
  _Atomic uintptr_t frame; /* how deep the stack was when it arrived */
  _Atomic int depth;       /* predecessors that have seen it */
} passage;

#define PASSAGES 256
static passage passages[PASSAGES];

/* The thread's own slot. */
static passage *passage_of(uintptr_t thread) {
  for (int i = 0; i < PASSAGES; i++) {
    if (atomic_load(&passages[i].thread) == thread) return &passages[i];
  }
  for (int i = 0; i < PASSAGES; i++) {
    uintptr_t nobody = 0;
    if (atomic_compare_exchange_strong(&passages[i].thread, &nobody, thread)) {
      atomic_store(&passages[i].info, 0);
      return &passages[i];
    }
  }
  /* All are taken, most by threads that ended after a handler jumped out. Whoever is still
     at work in this one asks its handlers once more, which is the lesser harm. */
  passage *taken = &passages[thread % PASSAGES];
  atomic_store(&taken->thread, thread);
  atomic_store(&taken->info, 0);
  return taken;
}

/* Whether the kernel repeats it when the handler returns: the instruction faults again. */
static bool repeats(const siginfo_t *info) {
  return info->si_code > 0 && info->si_code != smmap_posix_early_warning;
}

/* Lets the signal have its default effect: the process ends with its normal status. */
static void default_effect(int signal) {
  struct sigaction standard;
  atomic_store(&dying, true);
  memset(&standard, 0, sizeof standard);
  standard.sa_handler = SIG_DFL;
  sigaction(signal, &standard, NULL);
  raise(signal); /* arrives when this handler is left, if the fault itself does not come first */
}

/* Whether the handler dealt with the fault. */
static bool helped(const struct sigaction *action, int signal, siginfo_t *info, void *context) {
  if (smmap_handover_code(action) == NULL) return false;
  if (action->sa_handler == SIG_IGN) return !repeats(info);
  uintptr_t stood = smmap_posix_program_counter(context);
  if (action->sa_flags & SA_SIGINFO) {
    action->sa_sigaction(signal, info, context);
  } else {
    action->sa_handler(signal);
  }
  if (!repeats(info)) return true;
  /* Returning from a fault that was not mended would repeat it for ever. */
  return smmap_posix_program_counter(context) != stood ||
         smmap_posix_reachable((uintptr_t)info->si_addr, context);
}

/* Whether one nearer to the top than `depth` is the same handler: it has seen the fault. */
static bool seen(const struct sigaction *action, int depth) {
  for (int i = 0; i < depth; i++) {
    const struct sigaction *nearer = smmap_handover_predecessor(i);
    if (nearer != NULL && is_same(nearer, action)) return true;
  }
  return false;
}

void smmap_handover(int signal, siginfo_t *info, void *context) {
  char here; /* its address tells a call from inside a handler (deeper) from a fresh signal */
  uintptr_t thread = smmap_posix_thread();
  passage *own = passage_of(thread);
  bool passed_back =
      atomic_load(&own->info) == (uintptr_t)info && (uintptr_t)&here < atomic_load(&own->frame);
  if (!passed_back) {
    /* A new fault; or one whose handler jumped out before. */
    atomic_store(&own->info, (uintptr_t)info);
    atomic_store(&own->frame, (uintptr_t)&here);
    atomic_store(&own->depth, 0);
  }
  /* Passed back, it goes on to those below the one that passed it. */
  for (;;) {
    int depth = atomic_fetch_add(&own->depth, 1);
    const struct sigaction *action = smmap_handover_predecessor(depth);
    /* A signal that was sent stops at the default action: whoever set that took away what
       was there before. A fault goes on to those who may be able to mend it. */
    if (action == NULL || (smmap_handover_code(action) == NULL && !repeats(info))) {
      default_effect(signal);
      break;
    }
    if (!seen(action, depth) && helped(action, signal, info, context)) break;
  }
  if (!passed_back) atomic_compare_exchange_strong(&own->thread, &thread, 0); /* unless it was taken */
}
