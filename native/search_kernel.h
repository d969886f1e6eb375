/* What a set of vector instructions does for search.c; see search_kernel.inc. */
#ifndef SMMAP_SEARCH_KERNEL_H
#define SMMAP_SEARCH_KERNEL_H

#include "search.h"

#include <stdbool.h>

/* Where a search stopped, and why. */
typedef struct {
  size_t at;   /* found: where it begins; gave up: places from here on (backwards: up to here) are open */
  bool found;
  bool gave_up; /* too much was compared in vain: go on in another way */
} smmap_hit;

/* The three bytes of a needle, by their indices in it, that are looked for together. */
typedef struct {
  size_t index[3];
} smmap_probes;

typedef struct {
  /* Occurrences of 2 bytes or more, `length` >= `size`; may give up. */
  smmap_hit (*first)(const uint8_t *bytes, size_t length, const uint8_t *needle, size_t size,
                     smmap_probes probes);
  /*
   * The same, looking for the first byte of the needle alone: three times as fast where memory
   * keeps up, as long as that byte is rare. Gives up when it is not: a place that is looked at
   * in vain takes from `*credit`, the way that was passed adds to it. Found nothing: places from
   * `at` on are open, too few for this.
   */
  smmap_hit (*first_alone)(const uint8_t *bytes, size_t length, const uint8_t *needle, size_t size,
                           size_t *credit);
  smmap_hit (*last)(const uint8_t *bytes, size_t length, const uint8_t *needle, size_t size,
                    smmap_probes probes);
  size_t (*count_byte)(const uint8_t *bytes, size_t length, uint8_t byte);
  size_t (*positions)(const uint8_t *bytes, size_t length, uint8_t byte, uint32_t *into,
                      size_t most);
} smmap_kernel;

/* The best that this processor can. */
const smmap_kernel *smmap_search_kernel(void);

#endif
