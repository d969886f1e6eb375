/* What the threads of the program threads.c share. */
#ifndef SMMAP_TEST_THREADS_H
#define SMMAP_TEST_THREADS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 8
#define PAGE ((size_t)4096)

#define CHECK(truth)                                                   \
  do {                                                                 \
    if (!(truth)) {                                                    \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #truth);      \
      abort();                                                         \
    }                                                                  \
  } while (0)

/* Threads that still work. */
extern _Atomic int running;

extern _Atomic unsigned long long wrong_bytes, jobs_done;

/* What each byte of a file is: never 0, which is what a lost page reads as. */
uint8_t content(int file, size_t at);

/* How many bytes are those of a lost page; the others are the file's own, or `wrong_bytes` grows. */
size_t judge(const volatile uint8_t *bytes, int file, size_t offset, size_t length);

/* ---- the pool: one thread that reads in mappings which their owners may close meanwhile ---- */

typedef struct {
  const uint8_t *address;
  int file;
  size_t offset, length;
  bool stray; /* the owner knows nothing of it: what is read may be anybody's, or nobody's, by now */
  _Atomic bool done;
} job;

/* Gives the pool a job of thread `number`. False: one is waiting already. A stray one is the pool's to free. */
bool pool_offer(int number, job *each);

/* What the pool's thread runs, until no thread works any more. */
void *pool_run(void *unused);

/* To be called before the guard is armed: a stray reader may come too late. */
void pool_prepare(void);

/* Frees what nobody took. */
void pool_end(void);

/* Ranges come and go, so many times in each thread; how many were found meanwhile. */
unsigned long long registry_storm(unsigned long long steps);

#endif
