/* The sets of vector instructions that search.c could choose from, so that each can be tried. */
#ifndef SMMAP_TEST_KERNELS_H
#define SMMAP_TEST_KERNELS_H

#include "../../native/search_kernel.h"

/* Number `index`; NULL past the last. */
const smmap_kernel *kernel_of_processor(int index);
const smmap_kernel *kernel_without_vectors(void);

#endif
