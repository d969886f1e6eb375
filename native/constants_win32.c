#include "constants.h"

/* Windows maps by access alone: it has none of the POSIX flags, protections and advices. */
const smmap_constant smmap_constants[] = {{NULL, 0}};
