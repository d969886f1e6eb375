/* Searching without vectors of the processor's: eight bytes in one number. */
#include "search_kernel.h"

#include <string.h>

typedef uint64_t lanes;
#define STRIDE 8
#define LOW UINT64_C(0x0101010101010101)

static uint64_t load_eight(const uint8_t *address) {
  uint64_t word;
  memcpy(&word, address, sizeof word); /* WIDTH bytes, which the caller knows to be there */
  return word;
}

/* All bits of each byte that is the same in both. */
static uint64_t equal_bytes(uint64_t a, uint64_t b) {
  uint64_t differ = a ^ b;
  uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
  uint64_t same = ~(((differ & low) + low) | differ | low); /* the top bit of each equal byte */
  return (same >> 7) * 0xff;
}

static size_t first_byte(uint64_t hits) {
  size_t lane = 0;
  while ((hits & 0xff) == 0) {
    hits >>= 8;
    lane++;
  }
  return lane;
}

static size_t last_byte(uint64_t hits) {
  size_t lane = 7;
  while ((hits & (UINT64_C(0xff) << 56)) == 0) {
    hits <<= 8;
    lane--;
  }
  return lane;
}

static size_t sum_of_bytes(uint64_t counts) {
  size_t sum = 0;
  for (; counts != 0; counts >>= 8) sum += counts & 0xff;
  return sum;
}

#define first_lane(hits) first_byte(hits)
#define last_lane(hits) last_byte(hits)
#define KERNEL(name) plain_##name
#define TARGET
#define WIDTH 8
#define vector uint64_t
#define load(address) load_eight(address)
#define splat(byte) ((uint64_t)(byte) * LOW)
#define equal(a, b) equal_bytes(a, b)
#define both(a, b) ((a) & (b))
#define either(a, b) ((a) | (b))
#define lanes_of(hits) (hits)
#define less_equal(counts, hits) ((counts) + ((hits) & LOW))
#define sum_of(counts) sum_of_bytes(counts)
#define fetch(address) ((void)(address))

#include "search_kernel.inc"

const smmap_kernel *smmap_search_kernel(void) { return &plain_kernel; }
