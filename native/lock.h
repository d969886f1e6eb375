/* A lock for short sections that never wait for another thread. Not for signal handlers. */
#ifndef SMMAP_LOCK_H
#define SMMAP_LOCK_H

#include "mapping.h"

#include <stdatomic.h>

typedef struct {
  atomic_flag taken;
} smmap_lock;

#define SMMAP_LOCK_INIT {ATOMIC_FLAG_INIT}

static inline void smmap_lock_take(smmap_lock *lock) {
  while (atomic_flag_test_and_set_explicit(&lock->taken, memory_order_acquire)) smmap_os_yield();
}

static inline void smmap_lock_give(smmap_lock *lock) {
  atomic_flag_clear_explicit(&lock->taken, memory_order_release);
}

#endif
