/*
 * Mappings that one manager is sure to get, whatever others have mapped. They are
 * counted under the ceiling from the moment they are promised.
 *
 * All calls for one guarantee come from the thread of its JavaScript environment.
 */
#ifndef SMMAP_GUARANTEE_H
#define SMMAP_GUARANTEE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint32_t refs;   /* its JavaScript object, and each mapping drawn from it */
  uint32_t unused;
  bool given_up;   /* its manager is gone: what comes back is promised to nobody */
} smmap_guarantee;

/* NULL: so many do not fit under the ceiling, even with the quarantine emptied, or no memory. */
smmap_guarantee *smmap_guarantee_make(uint32_t maps);

/* The manager is gone. */
void smmap_guarantee_give_up(smmap_guarantee *guarantee);

/* Draws one. False: all are in use. */
bool smmap_guarantee_draw(smmap_guarantee *guarantee);

/* Puts one back, when its mapping is gone. */
void smmap_guarantee_return(smmap_guarantee *guarantee);

#endif
