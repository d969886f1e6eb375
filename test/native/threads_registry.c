/*
 * The registry alone: ranges of addresses that nobody has come and go in eight threads, while all
 * of them look for all of them, as handlers do.
 */
#include "threads.h"

#include "../../native/mapping.h"
#include "../../native/registry.h"

#include <pthread.h>

#define RANGES 64 /* of each thread */

/* Far from what is mapped; the end of a range follows from its start. */
#define FIRST ((uintptr_t)1 << 60)
#define STRIDE ((uintptr_t)1 << 20)

static uintptr_t start_of(size_t range) { return FIRST + range * STRIDE; }
static uintptr_t end_of(size_t range) { return start_of(range) + PAGE * (1 + range % 7); }

/* Set before a range is published, and cleared when it was taken back. */
static _Atomic bool alive[THREADS * RANGES];
static _Atomic unsigned long long found;
static unsigned long long rounds;

/* What a handler does; it may be slow, and the range has to wait for it. */
static bool look(uintptr_t start, uintptr_t end, uintptr_t address, const void *context) {
  size_t range = (start - FIRST) / STRIDE;
  (void)context;
  CHECK(end == end_of(range) && address >= start && address < end);
  CHECK(atomic_load(&alive[range]));
  if (address % 3 == 0) smmap_os_yield();
  CHECK(atomic_load(&alive[range]));
  return true;
}

static void ring_nobody(void *waker) { CHECK(waker == NULL); }

static void *come_and_go(void *given) {
  size_t own = *(const size_t *)given * RANGES;
  smmap_slot *slots[RANGES] = {NULL};
  unsigned long long state = own;
  for (unsigned long long round = 0; round < rounds; round++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    size_t place = (size_t)(state >> 33) % RANGES;
    size_t range = own + place;
    if (slots[place] == NULL) {
      atomic_store(&alive[range], true);
      slots[place] = smmap_registry_add(start_of(range), end_of(range), NULL);
      CHECK(slots[place] != NULL);
    } else {
      smmap_registry_remove(slots[place]);
      atomic_store(&alive[range], false);
      slots[place] = NULL;
    }
    uintptr_t address = start_of((size_t)(state >> 40) % (THREADS * RANGES)) + state % PAGE;
    if (smmap_registry_heal(address, look, NULL, ring_nobody)) atomic_fetch_add(&found, 1);
  }
  for (size_t place = 0; place < RANGES; place++) {
    if (slots[place] != NULL) smmap_registry_remove(slots[place]);
  }
  return NULL;
}

unsigned long long registry_storm(unsigned long long steps) {
  pthread_t threads[THREADS];
  size_t numbers[THREADS];
  rounds = steps;
  for (size_t i = 0; i < THREADS; i++) {
    numbers[i] = i;
    CHECK(pthread_create(&threads[i], NULL, come_and_go, &numbers[i]) == 0);
  }
  for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  return found;
}
