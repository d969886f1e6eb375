/* Searching with NEON, which every arm64 processor has. What was run of it: docs/platforms.md. */
#include "search_kernel.h"

#include <arm_neon.h>
#include <string.h>

/* Narrowing each pair of bytes by 4 bits leaves 4 bits for each byte of the vector. */
typedef uint64_t lanes;
#define STRIDE 4
#define first_lane(hits) ((size_t)__builtin_ctzll(hits) / STRIDE)
#define last_lane(hits) ((size_t)(63 - __builtin_clzll(hits)) / STRIDE)

#define KERNEL(name) neon_##name
#define TARGET
#define WIDTH 16
#define vector uint8x16_t
#define load(address) vld1q_u8(address)
#define splat(byte) vdupq_n_u8(byte)
#define equal(a, b) vceqq_u8(a, b)
#define both(a, b) vandq_u8(a, b)
#define either(a, b) vorrq_u8(a, b)
#define lanes_of(hits) \
  vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(hits), 4)), 0)
#define less_equal(counts, hits) vsubq_u8(counts, hits)
#define sum_of(counts) (size_t) vaddlvq_u8(counts)
#define fetch(address) __builtin_prefetch((const void *)(address))

#include "search_kernel.inc"

const smmap_kernel *smmap_search_kernel(void) { return &neon_kernel; }
