/*
 * Windows refuses to cut a file short while it is mapped, so the fault that the
 * guard is for on POSIX systems does not occur and nothing is installed. What is
 * left is a device or server that fails: that still ends the process here.
 */
#include "guard.h"

bool smmap_guard_set_enabled(bool enabled) {
  (void)enabled;
  return true; /* never too late: there is nothing to install */
}

void smmap_guard_arm(void) {}

bool smmap_guard_active(void) { return false; }

void smmap_guard_set_ring(void (*ring)(void *waker)) { (void)ring; }

void smmap_guard_ring(void) {}

/* Never called: the thread below never starts. */
void smmap_guard_wait(void) {}

bool smmap_guard_start_thread(void (*run)(void)) {
  (void)run;
  return false;
}
