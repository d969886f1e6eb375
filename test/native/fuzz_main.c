/*
 * Feeds a fuzzed function with inputs: some new, most of them variations of inputs that reached
 * code which none before them had reached. The code under test is compiled with
 * -fsanitize-coverage=trace-pc and calls us at each branch; this file is not.
 *
 *   program SECONDS SEED FILE    runs so long; an input that ends the program is kept in FILE
 *   program FILE                 runs the input in FILE again
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LONGEST 4096 /* bytes of an input */
#define KEPT 4096    /* inputs */

typedef struct {
  uint8_t *data;
  size_t size;
} kept_input;

static kept_input corpus[KEPT];
static size_t kept;

static uint8_t current[LONGEST];
static size_t current_size;
static volatile unsigned long long inputs;

/* ---- what was reached ---- */

#define EDGES (1u << 18)
static uint8_t reached[EDGES];
static uint32_t edges;
static __thread uintptr_t before;

/* Called by the compiled code, also inside signal handlers and on other threads: touches bytes only. */
void __sanitizer_cov_trace_pc(void) {
  uintptr_t here = (uintptr_t)__builtin_return_address(0);
  uintptr_t edge = (here ^ before << 3) % EDGES;
  before = here;
  if (reached[edge]) return;
  reached[edge] = 1;
  edges++;
}

/* ---- numbers that depend on the seed alone ---- */

static uint64_t state;

static uint32_t below(uint32_t limit) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)((state >> 33) % limit);
}

/* ---- inputs ---- */

static void start_anew(void) {
  current_size = 1 + below(below(4) == 0 ? LONGEST : 256);
  for (size_t i = 0; i < current_size; i++) current[i] = (uint8_t)below(256);
}

static void insert(size_t at, const uint8_t *bytes, size_t count) {
  if (count > LONGEST - current_size) count = LONGEST - current_size;
  memmove(current + at + count, current + at, current_size - at);
  memcpy(current + at, bytes, count);
  current_size += count;
}

static void vary(void) {
  static const uint8_t extreme[] = {0, 1, 2, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 254, 255};
  size_t at = below((uint32_t)current_size);
  size_t rest = current_size - at;
  uint8_t fresh[16];
  const kept_input *other;
  switch (below(6)) {
    case 0: current[at] ^= (uint8_t)(1u << below(8)); break;
    case 1: current[at] = (uint8_t)below(256); break;
    case 2: current[at] = extreme[below(sizeof extreme)]; break;
    case 3: /* less */
      if (current_size > 1) {
        size_t less = 1 + below(rest < 32 ? (uint32_t)rest : 32);
        if (less == current_size) less--;
        memmove(current + at, current + at + less, rest - less);
        current_size -= less;
      }
      break;
    case 4: /* more */
      for (size_t i = 0; i < sizeof fresh; i++) fresh[i] = (uint8_t)below(256);
      insert(at, fresh, 1 + below(sizeof fresh));
      break;
    default: /* a stretch of another one */
      other = &corpus[below((uint32_t)kept)];
      size_t from = below((uint32_t)other->size);
      size_t most = other->size - from < 256 ? other->size - from : 256;
      insert(at, other->data + from, 1 + below((uint32_t)most));
      break;
  }
}

static void choose(void) {
  if (kept == 0 || below(16) == 0) {
    start_anew();
    return;
  }
  /* Half of the time one of the last that were kept: they are the least explored. */
  size_t recent = kept < 64 ? kept : 64;
  size_t index = below(2) == 0 ? kept - 1 - below((uint32_t)recent) : below((uint32_t)kept);
  current_size = corpus[index].size;
  memcpy(current, corpus[index].data, current_size);
  for (uint32_t times = 1 + below(8); times > 0; times--) vary();
}

static void keep(void) {
  kept_input *place = &corpus[kept < KEPT ? kept++ : below(KEPT)];
  free(place->data);
  place->data = malloc(current_size);
  if (place->data == NULL) abort();
  memcpy(place->data, current, current_size);
  place->size = current_size;
}

/* ---- ends ---- */

static const char *crash_file;

/* abort() has arrived here, also that of a sanitizer (abort_on_error=1). Calls what a handler may call. */
static void save(int number) {
  static const char told[] = "the input is kept\n";
  int file = open(crash_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file >= 0 && write(file, current, current_size) == (ssize_t)current_size) {
    if (write(STDERR_FILENO, told, sizeof told - 1) < 0) _exit(2);
  }
  signal(number, SIG_DFL);
  raise(number);
}

/* Every 15 seconds; many times what the slowest input takes. */
static void watch(int number) {
  static const char told[] = "one input took longer than 15 seconds\n";
  static unsigned long long seen;
  (void)number;
  if (seen == inputs && inputs > 0 && write(STDERR_FILENO, told, sizeof told - 1) > 0) abort();
  seen = inputs;
}

static void prepare(const char *file) {
  struct sigaction action = {.sa_handler = save};
  struct sigaction alarm = {.sa_handler = watch, .sa_flags = SA_RESTART};
  struct itimerval period = {{15, 0}, {15, 0}};
  crash_file = file;
  sigaction(SIGABRT, &action, NULL);
  sigaction(SIGALRM, &alarm, NULL);
  setitimer(ITIMER_REAL, &period, NULL);
}

static int again(const char *path) {
  int file = open(path, O_RDONLY);
  ssize_t got = file < 0 ? -1 : read(file, current, sizeof current);
  if (got < 0) {
    perror(path);
    return 2;
  }
  LLVMFuzzerTestOneInput(current, (size_t)got);
  return 0;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc == 2) return again(argv[1]);
  if (argc != 4) return 2;
  state = strtoull(argv[2], NULL, 10);
  prepare(argv[3]);
  for (double end = now() + strtod(argv[1], NULL); now() < end; inputs++) {
    uint32_t known = edges;
    before = 0;
    choose();
    LLVMFuzzerTestOneInput(current, current_size);
    if (edges != known) keep();
  }
  printf("{\"inputs\":%llu,\"kept\":%zu,\"edges\":%u}\n", inputs, kept, edges);
  for (size_t i = 0; i < kept; i++) free(corpus[i].data);
  return 0;
}
