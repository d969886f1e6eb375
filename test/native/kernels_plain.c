#include "kernels.h"

/* search.c is to ask the test for its kernel. */
#define smmap_search_kernel kernel_without_vectors
#include "../../native/search_plain.c"
