/* The pool's one thread, and the judge of what is read. */
#define _GNU_SOURCE
#include "threads.h"

#include "../../native/mapping.h"

#include <setjmp.h>
#include <signal.h>

static job *_Atomic waiting[THREADS];
_Atomic int running = THREADS;
_Atomic unsigned long long wrong_bytes, jobs_done;

uint8_t content(int file, size_t at) {
  return (uint8_t)(1 + ((at * 2654435761u >> 13) + (size_t)file * 71) % 255);
}

/*
 * Not watched: the guard puts zeros where others read, as it must, and ThreadSanitizer takes an
 * mmap for a store.
 */
__attribute__((no_sanitize_thread)) size_t judge(const volatile uint8_t *bytes, int file,
                                                 size_t offset, size_t length) {
  size_t lost = 0;
  for (size_t at = 0; at < length; at += 509) {
    uint8_t byte = bytes[at];
    lost += byte == 0;
    if (byte != 0 && byte != content(file, offset + at)) atomic_fetch_add(&wrong_bytes, 1);
  }
  return lost;
}

static sigjmp_buf beyond;            /* of the pool's thread alone */
static __thread volatile sig_atomic_t may_come_late; /* also read by the handler */

/*
 * A stray reader came so late that the addresses are nobody's: no part of what is promised. As a
 * fault this arrives here through the guard, which was put over us.
 */
static void leave_stray(int number) {
  if (may_come_late) siglongjmp(beyond, 1);
  signal(number, SIG_DFL);
}

__attribute__((no_sanitize_thread)) static void stray(const job *each) {
  const volatile uint8_t *bytes = each->address;
  may_come_late = 1;
  if (sigsetjmp(beyond, 1) == 0) {
    for (int again = 0; again < 4; again++) {
      for (size_t at = 0; at < each->length; at += PAGE) (void)bytes[at];
    }
  }
  may_come_late = 0;
}

static void run_job(job *each) {
  smmap_failure failure;
  if (each->stray) {
    stray(each);
    free(each);
    return;
  }
  judge(each->address, each->file, each->offset, each->length);
  smmap_os_populate((void *)(uintptr_t)each->address, each->length, &failure);
  atomic_fetch_add(&jobs_done, 1);
  atomic_store(&each->done, true);
}

void *pool_run(void *unused) {
  while (atomic_load(&running) > 0) {
    for (int i = 0; i < THREADS; i++) {
      job *each = atomic_exchange(&waiting[i], NULL);
      if (each != NULL) run_job(each);
    }
    smmap_os_yield();
  }
  return unused;
}

bool pool_offer(int number, job *each) {
  job *none = NULL;
  return atomic_compare_exchange_strong(&waiting[number], &none, each);
}

void pool_prepare(void) {
  struct sigaction leave = {.sa_handler = leave_stray};
  sigaction(SIGSEGV, &leave, NULL);
  sigaction(SIGBUS, &leave, NULL); /* the guard goes over it */
}

void pool_end(void) {
  for (int i = 0; i < THREADS; i++) free(atomic_load(&waiting[i]));
}
