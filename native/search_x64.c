/* Searching with SSE2, which every x86-64 processor has, and with AVX2 where there is that. */
#include "search_kernel.h"

#include <immintrin.h>
#include <string.h>

/* The compiler takes the instructions only inside functions that say so; MSVC takes them anywhere. */
#ifdef _MSC_VER
#include <intrin.h>
#define WITH_AVX2
#define LOWEST(lanes) _tzcnt_u32(lanes)
#define HIGHEST(lanes) (31 - _lzcnt_u32(lanes))
static bool has_avx2(void) {
  int leaf[4];
  __cpuid(leaf, 1);
  bool saved = (leaf[2] & (1 << 27)) != 0 && (_xgetbv(0) & 6) == 6; /* by the system, at a switch */
  __cpuidex(leaf, 7, 0);
  return saved && (leaf[1] & (1 << 5)) != 0;
}
#else
#define WITH_AVX2 __attribute__((target("avx2")))
#define LOWEST(lanes) (unsigned)__builtin_ctz(lanes)
#define HIGHEST(lanes) (unsigned)(31 - __builtin_clz(lanes))
static bool has_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2");
}
#endif

typedef uint32_t lanes;
#define STRIDE 1
#define first_lane(hits) LOWEST(hits)
#define last_lane(hits) HIGHEST(hits)
#define fetch(address) _mm_prefetch((const char *)(address), _MM_HINT_T0)

#define KERNEL(name) sse2_##name
#define TARGET
#define WIDTH 16
#define vector __m128i
#define load(address) _mm_loadu_si128((const __m128i *)(address))
#define splat(byte) _mm_set1_epi8((char)(byte))
#define equal(a, b) _mm_cmpeq_epi8(a, b)
#define both(a, b) _mm_and_si128(a, b)
#define either(a, b) _mm_or_si128(a, b)
#define lanes_of(hits) (lanes) _mm_movemask_epi8(hits)
#define less_equal(counts, hits) _mm_sub_epi8(counts, hits)
#define sum_of(counts) sse2_sum(counts)

static size_t sse2_sum(__m128i counts) {
  __m128i sums = _mm_sad_epu8(counts, _mm_setzero_si128());
  return (size_t)_mm_cvtsi128_si64(sums) + (size_t)_mm_cvtsi128_si64(_mm_srli_si128(sums, 8));
}

#include "search_kernel.inc"

#undef KERNEL
#undef TARGET
#undef WIDTH
#undef vector
#undef load
#undef splat
#undef equal
#undef both
#undef either
#undef lanes_of
#undef less_equal
#undef sum_of

#define KERNEL(name) avx2_##name
#define TARGET WITH_AVX2
#define WIDTH 32
#define vector __m256i
#define load(address) _mm256_loadu_si256((const __m256i *)(address))
#define splat(byte) _mm256_set1_epi8((char)(byte))
#define equal(a, b) _mm256_cmpeq_epi8(a, b)
#define both(a, b) _mm256_and_si256(a, b)
#define either(a, b) _mm256_or_si256(a, b)
#define lanes_of(hits) (lanes) _mm256_movemask_epi8(hits)
#define less_equal(counts, hits) _mm256_sub_epi8(counts, hits)
#define sum_of(counts) avx2_sum(counts)

WITH_AVX2 static size_t avx2_sum(__m256i counts) {
  __m256i sums = _mm256_sad_epu8(counts, _mm256_setzero_si256());
  __m128i half = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  return (size_t)_mm_cvtsi128_si64(half) + (size_t)_mm_cvtsi128_si64(_mm_srli_si128(half, 8));
}

#include "search_kernel.inc"

const smmap_kernel *smmap_search_kernel(void) {
  return has_avx2() ? &avx2_kernel : &sse2_kernel;
}
