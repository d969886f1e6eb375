/* The sets of vector instructions that search.c could choose from, so that each can be tried. */
#ifndef SMMAP_TEST_KERNELS_H
#define SMMAP_TEST_KERNELS_H

#include "../../native/search_kernel.h"

/* Short enough for what a fuzzer makes. */
#define LONG_WAY ((size_t)1024)
#define STRETCH ((size_t)512)

/* Number `index`; NULL past the last. */
const smmap_kernel *kernel_of_processor(int index);
const smmap_kernel *kernel_without_vectors(void);

#endif
