/* What happens later: finalizers, jobs, messages and wakers. */
#include "host.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* ---- finalizers that wait for a turn ---- */

struct host_finalizer {
  napi_finalize finalize;
  void *data, *hint;
  struct host_finalizer *next;
};

void host_later(napi_env env, napi_finalize finalize, void *data, void *hint) {
  struct host_finalizer *fresh = malloc(sizeof *fresh);
  if (fresh == NULL) abort();
  *fresh = (struct host_finalizer){finalize, data, hint, env->finalizers};
  env->finalizers = fresh;
}

void host_run_finalizers(napi_env env) {
  while (env->finalizers != NULL) {
    struct host_finalizer *each = env->finalizers;
    env->finalizers = each->next;
    each->finalize(env, each->data, each->hint);
    free(each);
  }
}

/* ---- jobs ---- */

struct napi_async_work__ {
  napi_async_execute_callback execute;
  napi_async_complete_callback complete;
  void *data;
  enum { MADE, QUEUED, DONE } state;
  struct napi_async_work__ *next;
};

napi_status napi_create_async_work(napi_env env, napi_value resource, napi_value name,
                                   napi_async_execute_callback execute,
                                   napi_async_complete_callback complete, void *data,
                                   napi_async_work *result) {
  (void)env;
  (void)resource;
  (void)name;
  if (host_fails()) return napi_generic_failure;
  napi_async_work fresh = malloc(sizeof *fresh);
  if (fresh == NULL) abort();
  *fresh = (struct napi_async_work__){execute, complete, data, MADE, NULL};
  *result = fresh;
  return napi_ok;
}

napi_status napi_queue_async_work(napi_env env, napi_async_work work) {
  if (host_fails()) return napi_generic_failure;
  struct napi_async_work__ **link = &env->jobs;
  while (*link != NULL) link = &(*link)->next;
  *link = work;
  work->state = QUEUED;
  return napi_ok;
}

napi_status napi_delete_async_work(napi_env env, napi_async_work work) {
  (void)env;
  free(work);
  return napi_ok;
}

void host_run_job(napi_env env) {
  napi_async_work each = env->jobs;
  while (each != NULL && each->state != QUEUED) each = each->next;
  if (each == NULL) return;
  each->execute(env, each->data);
  each->state = DONE;
}

/* Completes what is done; `all`: what is not is broken off. */
static void complete_jobs(napi_env env, bool all) {
  while (env->jobs != NULL && (all || env->jobs->state == DONE)) {
    napi_async_work each = env->jobs;
    env->jobs = each->next;
    each->complete(env, each->state == DONE ? napi_ok : napi_cancelled, each->data);
  }
}

/* A promise's deferred is nothing of its own: nobody waits for promises here. */
napi_status napi_create_promise(napi_env env, napi_deferred *deferred, napi_value *result) {
  if (host_fails()) return napi_pending_exception;
  *result = host_value(env, HOST_PROMISE);
  *deferred = NULL;
  return napi_ok;
}

napi_status napi_resolve_deferred(napi_env env, napi_deferred deferred, napi_value value) {
  (void)env;
  (void)deferred;
  return value == NULL ? napi_invalid_arg : napi_ok;
}

napi_status napi_reject_deferred(napi_env env, napi_deferred deferred, napi_value value) {
  return napi_resolve_deferred(env, deferred, value);
}

/* ---- messages from other threads ---- */

struct napi_threadsafe_function__ {
  pthread_mutex_t lock;
  void *context, *data;
  napi_threadsafe_function_call_js call;
  bool full, closing; /* under `lock`: the queue holds one */
  struct napi_threadsafe_function__ *next;
};

napi_status napi_create_threadsafe_function(napi_env env, napi_value function, napi_value resource,
                                            napi_value name, size_t queue, size_t threads,
                                            void *data, napi_finalize finalize, void *context,
                                            napi_threadsafe_function_call_js call,
                                            napi_threadsafe_function *result) {
  (void)function;
  (void)resource;
  (void)name;
  (void)threads;
  (void)data;
  (void)finalize;
  if (queue != 1) abort(); /* all that is made here */
  if (host_fails()) return napi_generic_failure;
  napi_threadsafe_function fresh = calloc(1, sizeof *fresh);
  if (fresh == NULL) abort();
  pthread_mutex_init(&fresh->lock, NULL);
  fresh->context = context;
  fresh->call = call;
  fresh->next = env->messages;
  env->messages = fresh;
  *result = fresh;
  return napi_ok;
}

napi_status napi_call_threadsafe_function(napi_threadsafe_function function, void *data,
                                          napi_threadsafe_function_call_mode mode) {
  (void)mode;
  pthread_mutex_lock(&function->lock);
  napi_status status = function->closing ? napi_closing : function->full ? napi_queue_full : napi_ok;
  if (status == napi_ok) {
    function->full = true;
    function->data = data;
  }
  pthread_mutex_unlock(&function->lock);
  return status;
}

napi_status napi_release_threadsafe_function(napi_threadsafe_function function,
                                             napi_threadsafe_function_release_mode mode) {
  (void)mode;
  pthread_mutex_lock(&function->lock);
  function->closing = true;
  pthread_mutex_unlock(&function->lock);
  return napi_ok;
}

napi_status napi_unref_threadsafe_function(napi_env env,
                                           napi_threadsafe_function function) {
  (void)env;
  (void)function;
  return napi_ok;
}

static void deliver(napi_env env) {
  for (napi_threadsafe_function each = env->messages; each != NULL; each = each->next) {
    pthread_mutex_lock(&each->lock);
    bool full = each->full;
    void *data = each->data;
    each->full = false;
    pthread_mutex_unlock(&each->lock);
    if (full) each->call(env->ending ? NULL : env, NULL, each->context, data);
  }
}

/* ---- libuv, as far as the addon knows it: its part lies in memory of the addon ---- */

struct host_async {
  void *data;
  void (*call)(void *async), (*closed)(void *async);
  _Atomic bool rung;
  struct host_async *next;
};

napi_status napi_get_uv_event_loop(napi_env env, struct uv_loop_s **loop) {
  if (!host_manners_now.has_loop || host_fails()) return napi_generic_failure;
  *loop = (struct uv_loop_s *)(void *)env;
  return napi_ok;
}

size_t uv_handle_size(int type);
int uv_async_init(void *loop, void *handle, void (*call)(void *async));
int uv_async_send(void *handle);
void uv_unref(void *handle);
void uv_close(void *handle, void (*closed)(void *async));
void uv_handle_set_data(void *handle, void *data);
void *uv_handle_get_data(const void *handle);

size_t uv_handle_size(int type) { return type == 1 ? sizeof(struct host_async) : 0; }

int uv_async_init(void *loop, void *handle, void (*call)(void *async)) {
  napi_env env = loop;
  struct host_async *async = handle;
  if (host_fails()) return -1;
  *async = (struct host_async){.call = call, .next = env->wakers};
  env->wakers = async;
  return 0;
}

int uv_async_send(void *handle) {
  atomic_store(&((struct host_async *)handle)->rung, true);
  return 0;
}

void uv_unref(void *handle) { (void)handle; }

void uv_close(void *handle, void (*closed)(void *async)) {
  ((struct host_async *)handle)->closed = closed;
}

void uv_handle_set_data(void *handle, void *data) { ((struct host_async *)handle)->data = data; }

void *uv_handle_get_data(const void *handle) { return ((const struct host_async *)handle)->data; }

static void wake(napi_env env) {
  for (struct host_async **link = &env->wakers; *link != NULL;) {
    struct host_async *each = *link;
    if (each->closed != NULL) {
      *link = each->next;
      each->closed(each); /* which frees it */
      continue;
    }
    if (atomic_exchange(&each->rung, false)) each->call(each);
    link = &each->next;
  }
}

void host_turn(napi_env env) {
  complete_jobs(env, false);
  deliver(env);
  wake(env);
  host_run_finalizers(env); /* last: what the others do meets what waits for it */
}

void host_break_off_jobs(napi_env env) { complete_jobs(env, true); }

void host_free_later(napi_env env) {
  host_run_finalizers(env);
  while (env->messages != NULL) {
    napi_threadsafe_function each = env->messages;
    env->messages = each->next;
    pthread_mutex_destroy(&each->lock);
    free(each);
  }
}
