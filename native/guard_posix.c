#define _GNU_SOURCE
#include "guard.h"

#include "lock.h"
#include "mapping_posix.h"
#include "registry.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* ---- handlers that were there before ours ---- */

typedef struct predecessor {
  struct sigaction action;
  struct predecessor *next;
} predecessor;

/* Never freed: a handler may be reading one. Bounded by the number of different handlers. */
static predecessor *known; /* under `arming` */
static predecessor *_Atomic previous;

static smmap_lock arming = SMMAP_LOCK_INIT;
static _Atomic bool refused, installed, dying;

static void on_fault(int signal, siginfo_t *info, void *context);

/*
 * How another copy of this package, loaded into the same process, asks where our
 * handler passes faults on to. The name carries the version of the agreement.
 */
typedef struct {
  void (*handler)(int, siginfo_t *, void *);
  void *(*passes_on_to)(void); /* NULL: the default action, or none known */
} smmap_guard_peer;

static void *address_of(const struct sigaction *action) {
  /* POSIX lets the two share storage; either way this is the code that runs. */
  return action->sa_flags & SA_SIGINFO ? (void *)(uintptr_t)action->sa_sigaction
                                       : (void *)(uintptr_t)action->sa_handler;
}

static void *passes_on_to(void) {
  predecessor *before = atomic_load(&previous);
  return before == NULL ? NULL : address_of(&before->action);
}

__attribute__((visibility("default"))) extern const smmap_guard_peer smmap_guard_peer_v1;
const smmap_guard_peer smmap_guard_peer_v1 = {on_fault, passes_on_to};

/* The copy of this package that a handler belongs to; NULL: it is somebody else's. */
static const smmap_guard_peer *peer_of(void *handler) {
  Dl_info where;
  if (handler == NULL || dladdr(handler, &where) == 0 || where.dli_fname == NULL) return NULL;
  void *library = dlopen(where.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (library == NULL) return NULL;
  const smmap_guard_peer *peer = dlsym(library, "smmap_guard_peer_v1");
  dlclose(library); /* drops the reference that dlopen added; the library stays (linked nodelete) */
  return peer != NULL && (void *)(uintptr_t)peer->handler == handler ? peer : NULL;
}

/* Whether a fault given to `handler` comes to us in the end, through copies of this package. */
static bool leads_to_us(void *handler) {
  for (int steps = 0; steps < 16; steps++) {
    if (handler == (void *)(uintptr_t)on_fault) return true;
    const smmap_guard_peer *peer = peer_of(handler);
    if (peer == NULL) return false;
    handler = peer->passes_on_to();
  }
  return true; /* a chain that long turns in a circle: do not lengthen it */
}

/* Under `arming`. */
static predecessor *remember(const struct sigaction *action) {
  for (predecessor *each = known; each != NULL; each = each->next) {
    if (address_of(&each->action) == address_of(action) &&
        each->action.sa_flags == action->sa_flags) {
      return each;
    }
  }
  predecessor *fresh = malloc(sizeof *fresh);
  if (fresh == NULL) return NULL;
  fresh->action = *action;
  fresh->next = known;
  known = fresh;
  return fresh;
}

bool smmap_guard_set_enabled(bool enabled) {
  if (atomic_load(&installed)) return enabled;
  atomic_store(&refused, !enabled);
  return true;
}

bool smmap_guard_active(void) { return atomic_load(&installed); }

/* Whether SIGBUS comes to us, first or through a copy of this package. */
static bool in_force(const struct sigaction *current) {
  void *handler = address_of(current);
  if (handler == (void *)(uintptr_t)on_fault) return true;
  return atomic_load(&installed) && leads_to_us(handler);
}

/* Under `arming`. */
static void install_over(const struct sigaction *current) {
  predecessor *before = remember(current);
  if (before == NULL) return; /* out of memory: the next mapping tries again */
  if (!atomic_load(&installed)) smmap_posix_bell_init();
  atomic_store(&previous, before); /* before the handler can run */
  struct sigaction ours;
  memset(&ours, 0, sizeof ours);
  ours.sa_sigaction = on_fault;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigemptyset(&ours.sa_mask);
  if (sigaction(SIGBUS, &ours, NULL) == 0) atomic_store(&installed, true);
}

void smmap_guard_arm(void) {
  struct sigaction current;
  if (atomic_load(&refused) || atomic_load(&dying)) return;
  if (sigaction(SIGBUS, NULL, &current) != 0) return;
  if (address_of(&current) == (void *)(uintptr_t)on_fault) return; /* as nearly always */
  smmap_lock_take(&arming);
  /* Asked again: another thread may have done it meanwhile. */
  if (sigaction(SIGBUS, NULL, &current) == 0 && !in_force(&current)) install_over(&current);
  smmap_lock_give(&arming);
}

/* ---- inside the handler: nothing below may lock or allocate ---- */

static bool overlay_zeros(uintptr_t start, uintptr_t end, uintptr_t address) {
  size_t page = smmap_os_page_size();
  uintptr_t lost = address - address % page; /* start is page-aligned, so lost >= start */
  bool only_one;
  uintptr_t first = smmap_posix_first_lost(start, lost, page, &only_one);
  uintptr_t stop = only_one ? first + page : end; /* [first, stop) lies in the range: end is aligned too */
  return smmap_os_zero((void *)first, stop - first);
}

/* Threads that are passing a fault on. A slot is free while `thread` is 0. */
typedef struct {
  _Atomic uintptr_t thread;
  _Atomic uintptr_t info;
  _Atomic uintptr_t frame;
} passage;

#define PASSAGES 64
static passage passages[PASSAGES];

static passage *find_passage(uintptr_t thread) {
  for (int i = 0; i < PASSAGES; i++) {
    if (atomic_load(&passages[i].thread) == thread) return &passages[i];
  }
  return NULL;
}

static passage *enter_passage(uintptr_t thread) {
  for (;;) {
    for (int i = 0; i < PASSAGES; i++) {
      uintptr_t nobody = 0;
      if (atomic_compare_exchange_strong(&passages[i].thread, &nobody, thread)) return &passages[i];
    }
    smmap_os_yield(); /* more than 64 threads at once: one will be done soon */
  }
}

/* Lets the signal have its default effect: the process ends with its normal status. */
static void default_effect(int signal, const siginfo_t *info) {
  atomic_store(&dying, true);
  struct sigaction standard;
  memset(&standard, 0, sizeof standard);
  standard.sa_handler = SIG_DFL;
  sigaction(signal, &standard, NULL);
  /* A fault happens again on return. One that was sent does not: send it again,
     to arrive when this handler is left. */
  if (info == NULL || info->si_code <= 0) raise(signal);
}

static bool sent_by_somebody(const siginfo_t *info) { return info->si_code <= 0; }

/* Calls the handler that was there before; false: there is none, or it did not help. */
static bool predecessor_helped(int signal, siginfo_t *info, void *context) {
  predecessor *before = atomic_load(&previous);
  if (before == NULL || before->action.sa_handler == SIG_DFL) return false;
  if (before->action.sa_handler == SIG_IGN) return sent_by_somebody(info);
  uintptr_t stood = smmap_posix_program_counter(context);
  if (before->action.sa_flags & SA_SIGINFO) {
    before->action.sa_sigaction(signal, info, context);
  } else {
    before->action.sa_handler(signal);
  }
  if (sent_by_somebody(info)) return true;
  /* Returning from a fault that was not mended repeats it for ever. */
  return smmap_posix_program_counter(context) != stood ||
         smmap_posix_reachable((uintptr_t)info->si_addr, context);
}

static void pass_on(int signal, siginfo_t *info, void *context) {
  uintptr_t thread = smmap_posix_thread();
  char here; /* its address tells a call from inside (deeper) from a fresh signal */
  passage *own = find_passage(thread);
  if (own != NULL && atomic_load(&own->info) == (uintptr_t)info &&
      (uintptr_t)&here < atomic_load(&own->frame)) {
    /* Our predecessor passed the same fault back to us: everybody has seen it. */
    default_effect(signal, info);
    return;
  }
  /* An old entry of this thread was left by a handler that jumped out: use it again. */
  if (own == NULL) own = enter_passage(thread);
  atomic_store(&own->info, (uintptr_t)info);
  atomic_store(&own->frame, (uintptr_t)&here);
  if (!predecessor_helped(signal, info, context)) default_effect(signal, info);
  atomic_store(&own->thread, 0);
}

/* BUS_MCEERR_AO tells of a broken page that nobody has touched: not a fault to mend. */
static bool is_page_fault(const siginfo_t *info) {
  return info->si_code > 0 && info->si_code != smmap_posix_early_warning;
}

static void on_fault(int signal, siginfo_t *info, void *context) {
  int before = errno;
  if (is_page_fault(info) && smmap_registry_heal((uintptr_t)info->si_addr, overlay_zeros)) {
    smmap_posix_bell_ring();
  } else {
    pass_on(signal, info, context);
  }
  errno = before;
}

/* ---- the thread that hears the bell ---- */

/* Bytes: the thread only wakes others; the default of 8 MiB would count against `ulimit -v`. */
#define THREAD_STACK ((size_t)256 << 10)

void smmap_guard_wait(void) { smmap_posix_bell_wait(); }

static void *run_thread(void *run) {
  ((void (*)(void))(uintptr_t)run)();
  return NULL;
}

bool smmap_guard_start_thread(void (*run)(void)) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_attr_t attributes;
  pthread_t thread;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, THREAD_STACK);
  /* A new thread inherits the mask: signals for the process go to the other threads. */
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = pthread_create(&thread, &attributes, run_thread, (void *)(uintptr_t)run) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return started;
}
