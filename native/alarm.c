/*
 * From a fault to the JavaScript threads: each takes the views of its own faulted
 * mappings away in the next turn of its loop. Where there is libuv, the signal
 * handler wakes the loop itself; elsewhere it rings a bell that a thread of ours
 * hears, which then wakes every environment.
 *
 * And from one JavaScript thread to the others: at the ceiling of mappings it asks
 * them to give way.
 */
#include "face.h"
#include "guard.h"
#include "lock.h"
#include "loop.h"

static smmap_lock lock = SMMAP_LOCK_INIT;
static smmap_environment *attached; /* under `lock` */
static bool thread_runs;            /* under `lock` */

/* What a message is about: a fault has no data, a request to reclaim points here. */
static char reclaim;

/* A full or closing queue means that the environment will look, or need not, anyway. */
static void tell(const smmap_environment *environment, void *data) {
  napi_call_threadsafe_function(environment->messages, data, napi_tsfn_nonblocking);
}

static void hear(void) {
  for (;;) {
    smmap_guard_wait();
    smmap_lock_take(&lock);
    for (smmap_environment *each = attached; each != NULL; each = each->next) {
      if (each->waker == NULL) tell(each, NULL);
    }
    smmap_lock_give(&lock);
  }
}

void smmap_alarm_ask_others(const smmap_environment *asking) {
  smmap_lock_take(&lock);
  for (smmap_environment *each = attached; each != NULL; each = each->next) {
    if (each != asking) tell(each, &reclaim);
  }
  smmap_lock_give(&lock);
}

static void give_way(napi_env env, const smmap_environment *environment) {
  napi_value function, receiver;
  if (environment->give_way == NULL ||
      napi_get_reference_value(env, environment->give_way, &function) != napi_ok ||
      napi_get_undefined(env, &receiver) != napi_ok) {
    return;
  }
  napi_call_function(env, receiver, function, 0, NULL, NULL); /* what it throws is uncaught there */
}

static void on_message(napi_env env, napi_value callback, void *context, void *data) {
  (void)callback;
  if (env == NULL) return; /* the environment is ending */
  /* Whatever it is about: the queue holds one, so a fault behind another message finds it full. */
  smmap_face_detach_faulted(context);
  if (data == &reclaim) give_way(env, context);
}

/* The loop was woken by the signal handler. */
static void on_wake(void *data) {
  smmap_environment *environment = data;
  napi_handle_scope scope;
  if (napi_open_handle_scope(environment->env, &scope) != napi_ok) return;
  smmap_face_detach_faulted(environment);
  napi_close_handle_scope(environment->env, scope);
}

/* The loop ends: no handler may ring for it any more. */
static void on_loop_end(void *data) {
  smmap_environment *environment = data;
  environment->waker = NULL;
  smmap_face_silence_handles(environment);
}

static void detach(void *data) {
  smmap_environment *environment = data;
  smmap_lock_take(&lock);
  smmap_environment **link = &attached;
  while (*link != environment) link = &(*link)->next; /* it is in the list: attach put it there */
  *link = environment->next;
  smmap_lock_give(&lock);
  napi_release_threadsafe_function(environment->messages, napi_tsfn_abort);
  environment->messages = NULL;
}

/* Asked by tools that look for what keeps a process running: this does not. */
static napi_value has_ref(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value no = NULL;
  napi_get_boolean(env, false, &no);
  return no;
}

/* What such tools are shown; NULL where the engine refuses: then they see one that seems to. */
static napi_value unreferenced(napi_env env) {
  const napi_property_descriptor property = {.utf8name = "hasRef", .method = has_ref};
  napi_value resource;
  bool made = napi_create_object(env, &resource) == napi_ok &&
              napi_define_properties(env, resource, 1, &property) == napi_ok; /* runs no setter */
  return made ? resource : NULL;
}

void smmap_alarm_attach(smmap_environment *environment) {
  if (environment->messages != NULL) return;
  smmap_guard_set_ring(smmap_loop_ring);
  napi_env env = environment->env;
  napi_value name;
  napi_create_string_utf8(env, "smmap", NAPI_AUTO_LENGTH, &name);
  if (napi_create_threadsafe_function(env, NULL, unreferenced(env), name, 1, 1, NULL, NULL, environment,
                                      on_message, &environment->messages) != napi_ok) {
    environment->messages = NULL; /* views then stay until their region is entered again */
    return;
  }
  napi_unref_threadsafe_function(env, environment->messages); /* does not keep the process running */
  /* Hooks run last one first: this one before the hook that the function above added for itself. */
  napi_add_env_cleanup_hook(env, detach, environment);
  if (environment->has_libuv) {
    environment->waker = smmap_loop_waker(env, on_wake, on_loop_end, environment);
  }
  smmap_lock_take(&lock);
  if (environment->waker == NULL && !thread_runs && smmap_guard_active()) {
    thread_runs = smmap_guard_start_thread(hear);
  }
  environment->next = attached;
  attached = environment;
  smmap_lock_give(&lock);
}
