#include "kernels.h"

/* search.c is to ask the test for its kernel. */
#define smmap_search_kernel best_of_processor
#include "../../native/search_x64.c"

const smmap_kernel *kernel_of_processor(int index) {
  if (index == 0) return &sse2_kernel;
  return index == 1 && best_of_processor() == &avx2_kernel ? &avx2_kernel : NULL;
}
