/* The system's own numbers for mapping, by name. constants_<system>.c holds them. */
#ifndef SMMAP_CONSTANTS_H
#define SMMAP_CONSTANTS_H

#include <stddef.h>

typedef struct {
  const char *name;
  int value;
} smmap_constant;

/* One entry of the table: the name and what the system's headers say it is. */
#define SMMAP_CONSTANT(name) {#name, name}

/* Ended by a NULL name. What the system lacks is not in it. */
extern const smmap_constant smmap_constants[];

#endif
