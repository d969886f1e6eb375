/*
 * The searches against naive ones, with every set of instructions that this processor has. What
 * is searched, what for and where the answer goes lies at the edge of memory that must not be
 * touched, before it or behind it: a byte too far ends the program.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "kernels.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LONGEST 20000
#define ROOM ((size_t)1 << 16)

/* ---- the kernel that search.c finds: the one that an input chose ---- */

static const smmap_kernel *chosen;

static smmap_hit first(const uint8_t *bytes, size_t length, const uint8_t *needle, size_t size,
                       smmap_probes probes) {
  return chosen->first(bytes, length, needle, size, probes);
}
static smmap_hit first_alone(const uint8_t *bytes, size_t length, const uint8_t *needle,
                             size_t size, size_t *credit) {
  return chosen->first_alone(bytes, length, needle, size, credit);
}
static smmap_hit last(const uint8_t *bytes, size_t length, const uint8_t *needle, size_t size,
                      smmap_probes probes) {
  return chosen->last(bytes, length, needle, size, probes);
}
static size_t count_byte(const uint8_t *bytes, size_t length, uint8_t byte) {
  return chosen->count_byte(bytes, length, byte);
}
static size_t positions(const uint8_t *bytes, size_t length, uint8_t byte, uint32_t *into,
                        size_t most) {
  return chosen->positions(bytes, length, byte, into, most);
}

static const smmap_kernel through = {first, first_alone, last, count_byte, positions};

const smmap_kernel *smmap_search_kernel(void) { return &through; }

static const smmap_kernel *choose_kernel(uint32_t choice) {
  int count = 0;
  while (kernel_of_processor(count) != NULL) count++;
  int index = (int)choice % (count + 1);
  return index == count ? kernel_without_vectors() : kernel_of_processor(index);
}

/* ---- memory with edges ---- */

/* ROOM bytes between two pages that nobody may touch. */
static uint8_t *island(void) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  uint8_t *all = mmap(NULL, ROOM + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  FUZZ_CHECK(all != MAP_FAILED && mprotect(all + page, ROOM, PROT_READ | PROT_WRITE) == 0, "mmap");
  return all + page;
}

/* Where `length` bytes of an island begin: they end at its end, or begin near its beginning. */
static uint8_t *place(uint8_t *island, size_t length, uint32_t choice) {
  return choice % 2 == 0 ? island + ROOM - length : island + choice / 2 % 64;
}

/* ---- what is searched ---- */

/* Fills `bytes` with stretches: given ones, repeated ones, and mixtures of few letters. */
static void fill(fuzz_input *input, uint8_t *bytes, size_t length) {
  uint32_t mixed = 1;
  for (size_t at = 0; at < length;) {
    uint32_t kind = fuzz_byte(input);
    size_t stretch = 1 + fuzz_number(input, LONGEST);
    uint32_t letters = 1 + fuzz_byte(input) % 8;
    size_t period = 1 + fuzz_byte(input);
    if (stretch > length - at) stretch = length - at;
    for (size_t end = at + stretch; at < end; at++) {
      mixed = mixed * 1664525u + 1013904223u;
      if (kind % 4 == 0) bytes[at] = (uint8_t)fuzz_byte(input);
      else if (kind % 4 == 1) bytes[at] = at < period ? (uint8_t)kind : bytes[at - period];
      else if (kind % 4 == 2) bytes[at] = (uint8_t)('a' + (mixed >> 24) % letters);
      else bytes[at] = 'a';
    }
  }
}

/* A stretch of what is searched, a byte of it changed or not, or anything. */
static void fill_needle(fuzz_input *input, uint8_t *needle, size_t size, const uint8_t *bytes,
                        size_t length) {
  uint32_t kind = fuzz_byte(input);
  if (kind % 4 == 0 || size > length) {
    fill(input, needle, size);
    return;
  }
  memcpy(needle, bytes + fuzz_number(input, (uint32_t)(length - size)), size);
  if (kind % 4 == 1) needle[fuzz_number(input, (uint32_t)size - 1)] ^= (uint8_t)(1 + kind / 4 % 8);
}

/* ---- the naive searches ---- */

typedef struct {
  const uint8_t *bytes, *needle;
  size_t length, size;
} search;

static bool is_at(const search *asked, size_t at) {
  return memcmp(asked->bytes + at, asked->needle, asked->size) == 0;
}

static void check_ends(const search *asked) {
  size_t places = asked->size > asked->length ? 0 : asked->length - asked->size + 1;
  size_t front = 0, back = places;
  while (front < places && !is_at(asked, front)) front++;
  while (back > 0 && !is_at(asked, back - 1)) back--;
  size_t first_place = front == places ? SMMAP_NOT_FOUND : front;
  size_t last_place = back == 0 ? SMMAP_NOT_FOUND : back - 1;
  size_t found = smmap_search_first(asked->bytes, asked->length, asked->needle, asked->size);
  FUZZ_CHECK(found == first_place, "%zd and not %zd", (ssize_t)found, (ssize_t)first_place);
  found = smmap_search_last(asked->bytes, asked->length, asked->needle, asked->size);
  FUZZ_CHECK(found == last_place, "%zd and not %zd", (ssize_t)found, (ssize_t)last_place);
}

static void check_count(const search *asked) {
  size_t total = 0, end = 0, told_end = SMMAP_NOT_FOUND;
  for (size_t at = 0; asked->size <= asked->length && at <= asked->length - asked->size;) {
    if (is_at(asked, at)) {
      total++;
      at += asked->size;
      end = at;
    } else {
      at++;
    }
  }
  if (asked->size == 1) end = asked->length; /* a single byte: all of it was looked at */
  size_t told =
      smmap_search_count(asked->bytes, asked->length, asked->needle, asked->size, &told_end);
  FUZZ_CHECK(told == total && told_end == end, "%zu to %zu, not %zu to %zu", told, told_end, total,
             end);
}

static void check_positions(const search *asked, uint32_t *into, size_t most) {
  size_t told =
      smmap_search_positions(asked->bytes, asked->length, asked->needle[0], into, most);
  size_t found = 0;
  for (size_t at = 0; at < asked->length && found < most; at++) {
    if (asked->bytes[at] != asked->needle[0]) continue;
    FUZZ_CHECK(found < told && into[found] == at, "number %zu is not %zu", found, at);
    found++;
  }
  FUZZ_CHECK(told == found, "%zu and not %zu", told, found);
}

/*
 * One letter, and a needle of it with one wrong byte: in vain at every place, until the search
 * goes on in another way. The needle stands at one place after the other, because where that
 * begins is where a place is easily forgotten.
 */
static void check_in_vain(fuzz_input *input, search *asked, uint8_t *bytes, uint8_t *needle) {
  memset(bytes, 'a', asked->length);
  memset(needle, 'a', asked->size);
  needle[fuzz_number(input, (uint32_t)asked->size - 1)] = 'b';
  if (asked->size > asked->length) return;
  size_t last_place = asked->length - asked->size;
  size_t start = fuzz_number(input, (uint32_t)last_place);
  for (size_t at = start; at <= last_place && at < start + 64; at++) {
    memcpy(bytes + at, needle, asked->size);
    check_ends(asked);
    memset(bytes + at, 'a', asked->size);
  }
}

/*
 * The first byte of the needle is rare, then it is not, or the other way about: the search begins
 * with that byte alone and goes on with more. The needle stands where either may find it.
 */
static void check_rare(fuzz_input *input, search *asked, uint8_t *bytes, uint8_t *needle) {
  memset(bytes, 'a', asked->length);
  memset(needle, 'a', asked->size);
  needle[0] = 'b';
  if (asked->size > 1) needle[asked->size - 1] = 'c';
  for (uint32_t stretch = 0; stretch < 2; stretch++) {
    size_t step = 1 + (fuzz_number(input, 4095) >> fuzz_byte(input) % 12);
    for (size_t at = fuzz_number(input, LONGEST); at < asked->length; at += step) bytes[at] = 'b';
    check_ends(asked);
    if (asked->size > asked->length) return;
    for (uint32_t times = fuzz_byte(input) % 4; times > 0; times--) {
      uint32_t last_place = (uint32_t)(asked->length - asked->size);
      size_t at = last_place - (fuzz_number(input, last_place) >> fuzz_byte(input) % 12);
      if (fuzz_byte(input) % 2 == 0) at -= at % 64; /* every round begins at such a place */
      memcpy(bytes + at, needle, asked->size);
    }
    size_t cut = fuzz_number(input, (uint32_t)asked->size - 1); /* the beginning of one, at the end */
    memcpy(bytes + asked->length - cut, needle, cut);
    check_ends(asked);
    check_count(asked);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t *searched, *wanted, *answers;
  if (searched == NULL) {
    searched = island();
    wanted = island();
    answers = island();
  }
  fuzz_input input = {data, size};
  chosen = choose_kernel(fuzz_byte(&input));
  search asked;
  asked.length = fuzz_number(&input, LONGEST) >> fuzz_byte(&input) % 12;
  asked.size = 1 + (fuzz_number(&input, 1023) >> fuzz_byte(&input) % 10);
  uint8_t *bytes = place(searched, asked.length, fuzz_byte(&input));
  uint8_t *needle = place(wanted, asked.size, fuzz_byte(&input));
  size_t most = fuzz_number(&input, 4095) >> fuzz_byte(&input) % 12;
  asked.bytes = bytes;
  asked.needle = needle;
  uint32_t shape = fuzz_byte(&input) % 8;
  if (shape < 2) {
    (shape == 0 ? check_in_vain : check_rare)(&input, &asked, bytes, needle);
    return 0;
  }
  fill(&input, bytes, asked.length);
  fill_needle(&input, needle, asked.size, bytes, asked.length);
  check_ends(&asked);
  check_count(&asked);
  check_positions(&asked, (uint32_t *)(void *)(answers + ROOM) - most, most);
  return 0;
}
