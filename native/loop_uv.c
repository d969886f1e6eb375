#include "loop.h"

#include <stdlib.h>

/*
 * libuv as far as it is needed. It is found in the process that loads us, so its
 * headers are not needed to build, and a runtime without it loads us too. Handles
 * are opaque: libuv says how large they are.
 */
#define UV_ASYNC 1 /* of enum uv_handle_type, part of libuv's stable interface */
#define OPTIONAL __attribute__((weak))
extern size_t uv_handle_size(int type) OPTIONAL;
extern int uv_async_init(void *loop, void *async, void (*callback)(void *async)) OPTIONAL;
extern int uv_async_send(void *async) OPTIONAL;
extern void uv_unref(void *handle) OPTIONAL;
extern void uv_close(void *handle, void (*callback)(void *handle)) OPTIONAL;
extern void uv_handle_set_data(void *handle, void *data) OPTIONAL;
extern void *uv_handle_get_data(const void *handle) OPTIONAL;

typedef struct {
  void *async; /* uv_async_t */
  void (*wake)(void *data);
  void (*end)(void *data);
  void *data;
  napi_async_cleanup_hook_handle hook;
} waker;

static bool has_libuv(void) {
  return uv_handle_size != NULL && uv_async_init != NULL && uv_async_send != NULL &&
         uv_unref != NULL && uv_close != NULL && uv_handle_set_data != NULL &&
         uv_handle_get_data != NULL;
}

static void on_async(void *async) {
  waker *each = uv_handle_get_data(async);
  each->wake(each->data);
}

static void on_closed(void *async) {
  waker *each = uv_handle_get_data(async);
  if (each->hook != NULL) napi_remove_async_cleanup_hook(each->hook); /* the environment may go on ending */
  free(async);
  free(each);
}

static void on_end(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  waker *each = data;
  each->end(each->data);
  uv_close(each->async, on_closed);
}

void *smmap_loop_waker(napi_env env, void (*wake)(void *), void (*end)(void *), void *data) {
  struct uv_loop_s *loop;
  if (!has_libuv() || napi_get_uv_event_loop(env, &loop) != napi_ok) return NULL;
  waker *fresh = calloc(1, sizeof *fresh);
  void *async = calloc(1, uv_handle_size(UV_ASYNC));
  if (fresh == NULL || async == NULL || uv_async_init(loop, async, on_async) != 0) {
    free(fresh);
    free(async);
    return NULL;
  }
  *fresh = (waker){.async = async, .wake = wake, .end = end, .data = data};
  uv_handle_set_data(async, fresh);
  uv_unref(async); /* does not keep the process running */
  if (napi_add_async_cleanup_hook(env, on_end, fresh, &fresh->hook) != napi_ok) {
    fresh->hook = NULL;
    uv_close(async, on_closed);
    return NULL;
  }
  return fresh;
}

void smmap_loop_ring(void *ringing) {
  /* libuv documents this one call as safe in a signal handler */
  uv_async_send(((waker *)ringing)->async);
}
