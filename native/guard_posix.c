#define _GNU_SOURCE
#include "guard.h"

#include "handover_posix.h"
#include "lock.h"
#include "mapping_posix.h"
#include "registry.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static smmap_lock arming = SMMAP_LOCK_INIT;
static _Atomic bool refused, installed;

static void on_fault(int signal, siginfo_t *info, void *context);

/* ---- other copies of this package in the process ---- */

/*
 * How another copy of this package asks where our handler passes faults on to. The
 * name carries the version of the agreement.
 */
typedef struct {
  void (*handler)(int, siginfo_t *, void *);
  void *(*passes_on_to)(int depth); /* in the order in which they are asked; NULL past the last */
} smmap_guard_peer;

static void *passes_on_to(int depth) {
  const struct sigaction *action = smmap_handover_predecessor(depth);
  return action == NULL ? NULL : smmap_handover_code(action);
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
static bool leads_to_us(void *handler, int steps) {
  if (handler == (void *)(uintptr_t)on_fault) return true;
  const smmap_guard_peer *peer = steps == 0 ? NULL : peer_of(handler);
  if (peer == NULL) return false;
  void *next;
  for (int depth = 0; (next = peer->passes_on_to(depth)) != NULL; depth++) {
    if (leads_to_us(next, steps - 1)) return true;
  }
  return false;
}

/* Copies in one process are few; a chain this long turns in a circle. */
#define MOST_COPIES 4

/* ---- being in force ---- */

bool smmap_guard_set_enabled(bool enabled) {
  if (atomic_load(&installed)) return enabled;
  atomic_store(&refused, !enabled);
  return true;
}

bool smmap_guard_active(void) { return atomic_load(&installed); }

/* Whether SIGBUS comes to us, first or through a copy of this package. */
static bool in_force(const struct sigaction *current) {
  void *handler = smmap_handover_code(current);
  if (handler == (void *)(uintptr_t)on_fault) return true;
  return atomic_load(&installed) && leads_to_us(handler, MOST_COPIES);
}

/* Under `arming`. */
static void install_over(const struct sigaction *current) {
  struct sigaction ours;
  if (!smmap_handover_remember(current)) return; /* out of memory: the next mapping tries again */
  if (!atomic_load(&installed)) smmap_posix_bell_init();
  memset(&ours, 0, sizeof ours);
  ours.sa_sigaction = on_fault;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigemptyset(&ours.sa_mask);
  if (sigaction(SIGBUS, &ours, NULL) == 0) atomic_store(&installed, true);
}

void smmap_guard_arm(void) {
  struct sigaction current;
  if (atomic_load(&refused) || smmap_handover_dying()) return;
  if (sigaction(SIGBUS, NULL, &current) != 0) return;
  if (smmap_handover_code(&current) == (void *)(uintptr_t)on_fault) return; /* as nearly always */
  smmap_lock_take(&arming);
  /* Asked again: another thread may have done it meanwhile. */
  if (sigaction(SIGBUS, NULL, &current) == 0 && !in_force(&current)) install_over(&current);
  smmap_lock_give(&arming);
}

/* ---- inside the handler: nothing below may lock or allocate ---- */

static bool overlay_zeros(uintptr_t start, uintptr_t end, uintptr_t address, const void *context) {
  size_t page = smmap_os_page_size();
  uintptr_t lost = address - address % page; /* start is page-aligned, so lost >= start */
  bool only_one;
  if (smmap_posix_reachable(address, context)) return true; /* another thread has just mended it */
  uintptr_t first = smmap_posix_first_lost(start, lost, page, &only_one);
  uintptr_t stop = only_one ? first + page : end; /* [first, stop) lies in the range: end is aligned too */
  return smmap_os_zero((void *)first, stop - first);
}

/* A page that could not be had: gone from the file, or failed by its device or memory. */
static bool is_lost_page(const siginfo_t *info) {
  return info->si_code == BUS_ADRERR || info->si_code == BUS_OBJERR ||
         info->si_code == smmap_posix_memory_error;
}

static void (*_Atomic ring_waker)(void *waker);

void smmap_guard_set_ring(void (*ring)(void *waker)) { atomic_store(&ring_waker, ring); }

static void ring(void *waker) {
  void (*through)(void *) = atomic_load(&ring_waker);
  if (waker != NULL && through != NULL) through(waker);
  else smmap_posix_bell_ring();
}

static void on_fault(int signal, siginfo_t *info, void *context) {
  int before = errno;
  uintptr_t address = (uintptr_t)info->si_addr;
  if (!is_lost_page(info) || !smmap_registry_heal(address, overlay_zeros, context, ring)) {
    smmap_handover(signal, info, context);
  }
  errno = before;
}

/* ---- the thread that hears the bell ---- */

void smmap_guard_ring(void) {
  if (smmap_guard_active()) smmap_posix_bell_ring();
}

void smmap_guard_wait(void) { smmap_posix_bell_wait(); }

static void *run_thread(void *run) {
  ((void (*)(void))(uintptr_t)run)();
  return NULL;
}

/* Bytes: the thread only wakes others; the default of 8 MiB would count against `ulimit -v`. */
#define THREAD_STACK ((size_t)256 << 10)

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
