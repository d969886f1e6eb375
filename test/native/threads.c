/*
 * The core without JavaScript, under eight threads at once: they map, fault, close, flush and
 * prefetch, while files are cut and grow again. Built with ThreadSanitizer, which sees every
 * access that nothing orders; the bytes that are read are judged as well.
 *
 *   threads ROUNDS SEED FOLDER
 */
#define _GNU_SOURCE
#include "threads.h"

#include "../../native/guard.h"
#include "../../native/ledger.h"
#include "../../native/lifetime.h"
#include "../../native/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FILES 4
#define PAGES 16
#define HELD 12 /* mappings that a thread has open at one time */

/* So few that threads meet the ceiling: linked with --wrap. */
size_t __wrap_smmap_os_map_limit(void);
size_t __wrap_smmap_os_map_limit(void) { return 120; }

static char paths[FILES][4096];
static unsigned long long rounds, seed;
static _Atomic unsigned long long opened, refused, survived, rung, heard;

/* Of each file: goes up when it is going to be cut, and when it has its bytes again; odd in between. */
static _Atomic unsigned long long changes[FILES];

/* ---- wakers: memory of one thread that handlers on all threads ring ---- */

typedef struct {
  _Atomic uint32_t rings;
  uint32_t made_by; /* written once, before any handler can see it */
} waker;

static void ring(void *ringing) {
  waker *each = ringing;
  smmap_os_yield(); /* time for its owner to take it away, which has to wait for us */
  if (each->made_by < THREADS) atomic_fetch_add(&each->rings, 1);
}

/* The thread that hears of faults that have no waker. */
static void hear(void) {
  for (;;) {
    smmap_guard_wait();
    atomic_fetch_add(&heard, 1);
  }
}

/* ---- one thread ---- */

typedef struct {
  smmap_mapping *mapping;
  int file;
  size_t offset;
  job *job; /* at work in it; NULL: none */
} held;

typedef struct {
  int number;
  unsigned long long state;
  int fds[FILES];
  waker *waker;
  held mappings[HELD];
} worker;

static uint32_t below(worker *self, uint32_t limit) {
  self->state = self->state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)((self->state >> 33) % limit);
}

static bool finish_job(held *place, bool wait) {
  if (place->job == NULL) return true;
  while (wait && !atomic_load(&place->job->done)) smmap_os_yield();
  if (!atomic_load(&place->job->done)) return false;
  free(place->job);
  place->job = NULL;
  smmap_mapping_end_job(place->mapping);
  return true;
}

static void close_it(held *place) {
  if (place->mapping == NULL) return;
  smmap_mapping_close(place->mapping); /* also while a job is at work in it */
  finish_job(place, true);
  atomic_fetch_add(&survived, smmap_mapping_faults(place->mapping));
  smmap_mapping_unref(place->mapping);
  place->mapping = NULL;
}

static void open_one(worker *self, held *place) {
  close_it(place);
  int file = (int)below(self, FILES);
  smmap_map_request request = {
      .fd = self->fds[file],
      .offset = below(self, PAGES - 1) * PAGE,
      .mode = below(self, 8) == 0 ? SMMAP_WRITE : SMMAP_READ,
  };
  uint64_t left = PAGES - request.offset / PAGE;
  request.length = (1 + below(self, (uint32_t)left)) * PAGE - below(self, 2);
  void *rings = below(self, 4) == 0 ? NULL : self->waker;
  smmap_failure failure;
  smmap_guard_arm();
  smmap_opening opening =
      smmap_mapping_open(&request, below(self, 4) == 0, rings, &place->mapping, &failure);
  if (opening == SMMAP_OPENED) {
    place->file = file;
    place->offset = request.offset;
    atomic_fetch_add(&opened, 1);
  } else {
    place->mapping = NULL;
    CHECK(opening == SMMAP_AT_CEILING || failure.code == ENOMEM);
    atomic_fetch_add(&refused, 1);
  }
}

static void start_job(worker *self, held *place, bool stray) {
  if (place->mapping == NULL || (place->job != NULL && !stray)) return;
  job *fresh = calloc(1, sizeof *fresh);
  CHECK(fresh != NULL);
  fresh->address = place->mapping->address;
  fresh->file = place->file;
  fresh->offset = place->offset;
  fresh->length = place->mapping->length;
  fresh->stray = stray;
  if (!stray) {
    smmap_mapping_begin_job(place->mapping);
    place->job = fresh;
  }
  if (pool_offer(self->number, fresh)) return;
  if (stray) free(fresh);
  else atomic_store(&fresh->done, true);
}

static void mends_nothing(int number) { (void)number; }

/* Another handler is put over ours: until ours is back, whoever faults does so again and again. */
static void take_over(void) {
  struct sigaction other = {.sa_handler = mends_nothing};
  sigaction(SIGBUS, &other, NULL);
  smmap_guard_arm();
}

/* Stores what the file has there already, so that no judge is misled. Not watched: see judge. */
__attribute__((no_sanitize_thread)) static void store(const held *place) {
  if (place->mapping->mode != SMMAP_WRITE || place->job != NULL) return;
  volatile uint8_t *bytes = place->mapping->address;
  for (size_t at = 0; at < place->mapping->length; at += PAGE) {
    bytes[at] = content(place->file, place->offset + at);
  }
}

static void step(worker *self) {
  held *place = &self->mappings[below(self, HELD)];
  smmap_failure failure;
  smmap_counts counts;
  unsigned long long before;
  switch (below(self, 16)) {
    case 0:
    case 1:
    case 2: open_one(self, place); break;
    case 3: close_it(place); break;
    case 4: start_job(self, place, false); break;
    case 11: start_job(self, place, true); break;
    case 5: finish_job(place, false); break;
    case 6: smmap_quarantine_release(1 + below(self, 8)); break;
    case 7:
      if (place->mapping == NULL) break;
      smmap_os_flush(place->mapping->address, place->mapping->length, SMMAP_FLUSH_ASYNC, -1, &failure);
      break;
    case 8:
      counts = smmap_ledger_counts();
      CHECK(counts.maps <= THREADS * HELD && counts.quarantined_maps <= counts.ceiling * 2);
      break;
    case 9:
      smmap_ledger_heap_came((uint64_t)1 << 24); /* the ceiling comes down, and goes up again */
      smmap_ledger_heap_went((uint64_t)1 << 24);
      break;
    case 10: take_over(); break;
    default:
      if (place->mapping == NULL) break;
      before = atomic_load(&changes[place->file]);
      store(place);
      if (judge(place->mapping->address, place->file, place->offset, place->mapping->length) > 0) {
        /* No zero that is not told of; but the kernel may clear a page before it takes it away. */
        CHECK(smmap_mapping_faults(place->mapping) > 0 || before % 2 == 1 ||
              atomic_load(&changes[place->file]) != before);
      }
      break;
  }
}

/* A new waker; the old one is freed when no handler can ring it any more. */
static void change_waker(worker *self) {
  waker *old = self->waker;
  for (int i = 0; i < HELD; i++) close_it(&self->mappings[i]);
  self->waker = calloc(1, sizeof *self->waker);
  CHECK(self->waker != NULL);
  self->waker->made_by = (uint32_t)self->number;
  if (old == NULL) return;
  atomic_fetch_add(&rung, atomic_load(&old->rings));
  free(old);
}

static void *work(void *given) {
  worker *self = given;
  for (int i = 0; i < FILES; i++) {
    self->fds[i] = open(paths[i], O_RDWR | O_CLOEXEC);
    CHECK(self->fds[i] >= 0);
  }
  for (unsigned long long round = 0; round < rounds; round++) {
    if (round % 64 == 0) change_waker(self);
    step(self);
  }
  change_waker(self);
  free(self->waker);
  for (int i = 0; i < FILES; i++) close(self->fds[i]);
  atomic_fetch_sub(&running, 1);
  return NULL;
}

/* ---- the ninth: cuts the files and lets them grow again ---- */

static void fill(int fd, int file) {
  static uint8_t bytes[PAGES * PAGE];
  for (size_t at = 0; at < sizeof bytes; at++) bytes[at] = content(file, at);
  CHECK(pwrite(fd, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes);
}

static unsigned long long cut_and_fill(void) {
  unsigned long long cuts = 0;
  while (atomic_load(&running) > 0) {
    int file = (int)(cuts % FILES);
    int fd = open(paths[file], O_RDWR | O_CLOEXEC);
    atomic_fetch_add(&changes[file], 1);
    CHECK(fd >= 0 && ftruncate(fd, (off_t)(cuts * 7 % PAGES * PAGE)) == 0);
    for (int i = 0; i < 20; i++) smmap_os_yield();
    fill(fd, file);
    atomic_fetch_add(&changes[file], 1);
    close(fd);
    for (int i = 0; i < 20; i++) smmap_os_yield(); /* all files as they should be, for a while */
    cuts++;
  }
  return cuts;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  rounds = strtoull(argv[1], NULL, 10);
  seed = strtoull(argv[2], NULL, 10);
  for (int i = 0; i < FILES; i++) {
    snprintf(paths[i], sizeof paths[i], "%s/threads-%d.bin", argv[3], i);
    int fd = open(paths[i], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    fill(fd, i);
    close(fd);
  }
  unsigned long long found = registry_storm(rounds);
  pool_prepare();
  smmap_guard_set_ring(ring);
  smmap_guard_arm();
  CHECK(smmap_guard_active() && smmap_guard_start_thread(hear));
  pthread_t threads[THREADS], pool;
  static worker workers[THREADS];
  CHECK(pthread_create(&pool, NULL, pool_run, NULL) == 0);
  for (int i = 0; i < THREADS; i++) {
    workers[i].number = i;
    workers[i].state = seed * THREADS + (unsigned long long)i;
    CHECK(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
  }
  unsigned long long cuts = cut_and_fill();
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  pthread_join(pool, NULL);
  pool_end();
  smmap_counts left = smmap_ledger_counts();
  CHECK(left.maps == 0 && left.bytes == 0);
  smmap_quarantine_release(SIZE_MAX);
  left = smmap_ledger_counts();
  CHECK(left.quarantined_maps == 0 && left.quarantined_bytes == 0);
  CHECK(wrong_bytes == 0);
  printf("{\"threads\":%d,\"maps\":%llu,\"atCeiling\":%llu,\"cuts\":%llu,\"faults\":%llu,"
         "\"rung\":%llu,\"heard\":%llu,\"jobs\":%llu,\"rangesFound\":%llu,\"wrongBytes\":%llu}\n",
         THREADS, opened, refused, cuts, survived, rung, heard, jobs_done, found, wrong_bytes);
  return 0;
}
