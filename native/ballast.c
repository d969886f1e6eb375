#include "ballast.h"

#include "lock.h"
#include "mapping.h"

/* Bytes: a full collection of a small heap was seen to need some tens of MiB; and never
   more than this part of what the process may use. */
#define MOST ((size_t)64 << 20)
#define SHARE 16

static smmap_lock lock = SMMAP_LOCK_INIT;
static void *ballast; /* both under `lock` */
static size_t held;

void smmap_ballast_take(void) {
  size_t limit = smmap_os_address_limit();
  if (limit == 0) return;
  smmap_lock_take(&lock);
  if (ballast == NULL) {
    held = limit / SHARE < MOST ? limit / SHARE : MOST;
    ballast = smmap_os_set_aside(held);
  }
  smmap_lock_give(&lock);
}

void smmap_ballast_drop(void) {
  smmap_lock_take(&lock);
  if (ballast != NULL) smmap_os_unreserve(ballast, held);
  ballast = NULL;
  smmap_lock_give(&lock);
}
