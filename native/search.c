/* Searching: what the vectors leave over, and what they are too slow for. */
#include "search_kernel.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const smmap_kernel *kernel(void) {
  static const smmap_kernel *_Atomic chosen;
  const smmap_kernel *have = atomic_load_explicit(&chosen, memory_order_acquire);
  if (have == NULL) {
    have = smmap_search_kernel(); /* every thread chooses the same */
    atomic_store_explicit(&chosen, have, memory_order_release);
  }
  return have;
}

/* A byte of a sequence that is read from the front, or from the back. */
static uint8_t byte_at(const uint8_t *bytes, size_t length, size_t index, bool backwards) {
  return bytes[backwards ? length - 1 - index : index]; /* index < length */
}

/*
 * Knuth, Morris and Pratt: each byte is looked at once or twice, whatever is looked for. The table
 * says, for each length of a beginning that was matched, how much of it can still hold when the next byte is wrong.
 */
static size_t linear(const uint8_t *bytes, size_t length, const uint8_t *needle, size_t size,
                     bool backwards) {
  size_t *shorter = malloc(size * sizeof *shorter);
  if (shorter == NULL) { /* then slowly: one place after the other */
    for (size_t at = 0; at + size <= length; at++) {
      size_t place = backwards ? length - size - at : at;
      if (memcmp(&bytes[place], needle, size) == 0) return place;
    }
    return SMMAP_NOT_FOUND;
  }
  shorter[0] = 0;
  for (size_t i = 1, matched = 0; i < size; i++) {
    uint8_t next = byte_at(needle, size, i, backwards);
    while (matched > 0 && byte_at(needle, size, matched, backwards) != next) {
      matched = shorter[matched - 1];
    }
    if (byte_at(needle, size, matched, backwards) == next) matched++;
    shorter[i] = matched; /* matched <= i: inside the needle */
  }
  size_t found = SMMAP_NOT_FOUND;
  for (size_t i = 0, matched = 0; i < length; i++) {
    uint8_t next = byte_at(bytes, length, i, backwards);
    while (matched > 0 && byte_at(needle, size, matched, backwards) != next) {
      matched = shorter[matched - 1];
    }
    if (byte_at(needle, size, matched, backwards) == next) matched++;
    if (matched == size) {
      found = backwards ? length - 1 - i : i + 1 - size;
      break;
    }
  }
  free(shorter);
  return found;
}

static size_t last_byte(const uint8_t *bytes, size_t length, uint8_t byte) {
  while (length > 0 && bytes[length - 1] != byte) length--;
  return length == 0 ? SMMAP_NOT_FOUND : length - 1;
}

/* To begin with: the ends and the middle, which in text leaves a handful of places in a thousand. */
static smmap_probes spread_probes(size_t size) {
  return (smmap_probes){{0, size - 1, size / 2}};
}

#define SAMPLE 4096

/* The bytes of the needle that are rarest among some bytes. */
static smmap_probes rarest_probes(const uint8_t *sample, size_t length, const uint8_t *needle,
                                  size_t size) {
  smmap_probes probes = spread_probes(size);
  uint32_t counts[256] = {0};
  for (size_t i = 0; i < length; i++) counts[sample[i]]++;
  for (size_t i = 0; i < size; i++) {
    size_t probe = i; /* takes the place of the first that is more common, and that one goes on */
    for (size_t k = 0; k < 3; k++) {
      size_t other = probes.index[k];
      if (other == i) break;
      if (counts[needle[probe]] >= counts[needle[other]]) continue;
      probes.index[k] = probe;
      probe = other;
    }
  }
  return probes;
}

/* It pays to look with other probes, also more than once, where those before went so far. */
#define WORTH_MORE_PROBES ((size_t)1 << 20)

/* What may be lost until a byte is known to be no rare one, and where there is more than that to be won. */
#define CREDIT 1024
#define WORTH_A_TRY 8192

/* Needles of 2 bytes or more, `length` >= `size`. `*credit` is for `first_alone`; 0: no more of that. */
static size_t first_of(const uint8_t *bytes, size_t length, const uint8_t *needle, size_t size,
                       size_t *credit) {
  size_t from = 0;
  if (*credit > 0 && length >= WORTH_A_TRY) {
    smmap_hit hit = kernel()->first_alone(bytes, length, needle, size, credit);
    if (hit.found) return hit.at;
    if (hit.gave_up) *credit = 0;
    from = hit.at; /* places before are passed; from <= length - size + 1 */
    if (from + size > length) return SMMAP_NOT_FOUND;
  }
  smmap_probes probes = spread_probes(size);
  for (bool tried = false;; tried = true) {
    smmap_hit hit = kernel()->first(bytes + from, length - from, needle, size, probes);
    if (!hit.gave_up) return hit.found ? from + hit.at : SMMAP_NOT_FOUND;
    from += hit.at; /* places before are passed; from <= length - size + 1 */
    if (from + size > length) return SMMAP_NOT_FOUND;
    if (tried && hit.at < WORTH_MORE_PROBES) break;
    size_t sample = from < SAMPLE ? from : SAMPLE;
    probes = rarest_probes(bytes + from - sample, sample, needle, size);
  }
  size_t rest = linear(bytes + from, length - from, needle, size, false);
  return rest == SMMAP_NOT_FOUND ? rest : from + rest;
}

size_t smmap_search_first(const uint8_t *bytes, size_t length, const uint8_t *needle, size_t size) {
  if (size > length) return SMMAP_NOT_FOUND;
  if (size > 1) return first_of(bytes, length, needle, size, &(size_t){CREDIT});
  const uint8_t *at = memchr(bytes, needle[0], length);
  return at == NULL ? SMMAP_NOT_FOUND : (size_t)(at - bytes);
}

size_t smmap_search_last(const uint8_t *bytes, size_t length, const uint8_t *needle, size_t size) {
  if (size > length) return SMMAP_NOT_FOUND;
  if (size == 1) return last_byte(bytes, length, needle[0]);
  smmap_probes probes = spread_probes(size);
  size_t open = length; /* an occurrence that is left ends there or before */
  for (bool tried = false;; tried = true) {
    smmap_hit hit = kernel()->last(bytes, open, needle, size, probes);
    if (!hit.gave_up) return hit.found ? hit.at : SMMAP_NOT_FOUND;
    size_t passed = open - size + 1 - hit.at; /* open are the places below hit.at, which is below those before */
    open = hit.at + size - 1;                 /* <= length - 1 */
    if (open < size) return SMMAP_NOT_FOUND;
    if (tried && passed < WORTH_MORE_PROBES) break;
    size_t sample = length - open < SAMPLE ? length - open : SAMPLE;
    probes = rarest_probes(bytes + open, sample, needle, size);
  }
  return linear(bytes, open, needle, size, true);
}

size_t smmap_search_count(const uint8_t *bytes, size_t length, const uint8_t *needle, size_t size,
                          size_t *end) {
  size_t total = 0;
  *end = 0;
  if (size == 1) {
    *end = length;
    return kernel()->count_byte(bytes, length, needle[0]);
  }
  size_t credit = CREDIT;
  while (length - *end >= size) {
    size_t at = first_of(bytes + *end, length - *end, needle, size, &credit);
    if (at == SMMAP_NOT_FOUND) break;
    *end += at + size; /* the occurrence lies inside */
    total++;
  }
  return total;
}

size_t smmap_search_positions(const uint8_t *bytes, size_t length, uint8_t byte, uint32_t *into,
                              size_t most) {
  return kernel()->positions(bytes, length, byte, into, most);
}
