/* No signal handler has to wake a loop here. */
#include "loop.h"

void *smmap_loop_waker(napi_env env, void (*wake)(void *), void (*end)(void *), void *data) {
  (void)env;
  (void)wake;
  (void)end;
  (void)data;
  return NULL;
}

void smmap_loop_ring(void *waker) { (void)waker; }
