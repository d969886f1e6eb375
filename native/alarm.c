/*
 * From a fault to the JavaScript threads. The signal handler rings a bell; a
 * thread of ours hears it and wakes every environment, and each takes the views
 * of its own faulted mappings away in the next turn of its loop.
 */
#include "face.h"
#include "guard.h"
#include "lock.h"

static smmap_lock lock = SMMAP_LOCK_INIT;
static smmap_environment *attached; /* under `lock` */
static bool thread_runs;            /* under `lock` */

static void hear(void) {
  for (;;) {
    smmap_guard_wait();
    smmap_lock_take(&lock);
    for (smmap_environment *each = attached; each != NULL; each = each->next) {
      /* A full or closing queue means that it will look, or need not, anyway. */
      napi_call_threadsafe_function(each->alarm, NULL, napi_tsfn_nonblocking);
    }
    smmap_lock_give(&lock);
  }
}

/* What an alarm is about: a fault has no data, a plea points here. */
static char plea;

static void give_way(napi_env env, const smmap_environment *environment) {
  napi_value function, receiver;
  if (environment->give_way == NULL ||
      napi_get_reference_value(env, environment->give_way, &function) != napi_ok ||
      napi_get_undefined(env, &receiver) != napi_ok) {
    return;
  }
  napi_call_function(env, receiver, function, 0, NULL, NULL); /* what it throws is uncaught there */
}

static void on_alarm(napi_env env, napi_value callback, void *context, void *data) {
  (void)callback;
  if (env == NULL) return; /* the environment is ending */
  if (data == &plea) give_way(env, context);
  else smmap_face_detach_faulted(context);
}

void smmap_alarm_ask_others(const smmap_environment *asking) {
  smmap_lock_take(&lock);
  for (smmap_environment *each = attached; each != NULL; each = each->next) {
    if (each != asking) napi_call_threadsafe_function(each->alarm, &plea, napi_tsfn_nonblocking);
  }
  smmap_lock_give(&lock);
}

static void detach(void *data) {
  smmap_environment *environment = data;
  smmap_lock_take(&lock);
  smmap_environment **link = &attached;
  while (*link != environment) link = &(*link)->next; /* it is in the list: attach put it there */
  *link = environment->next;
  smmap_lock_give(&lock);
  napi_release_threadsafe_function(environment->alarm, napi_tsfn_abort);
  environment->alarm = NULL;
}

void smmap_alarm_attach(smmap_environment *environment) {
  if (environment->alarm != NULL || !smmap_guard_active()) return;
  napi_env env = environment->env;
  napi_value name;
  napi_create_string_utf8(env, "smmap", NAPI_AUTO_LENGTH, &name);
  if (napi_create_threadsafe_function(env, NULL, NULL, name, 1, 1, NULL, NULL, environment,
                                      on_alarm, &environment->alarm) != napi_ok) {
    environment->alarm = NULL; /* views then stay until their region is entered again */
    return;
  }
  napi_unref_threadsafe_function(env, environment->alarm); /* does not keep the process running */
  /* Hooks run last one first: this one before the hook that the function above added for itself. */
  napi_add_env_cleanup_hook(env, detach, environment);
  smmap_lock_take(&lock);
  if (!thread_runs) thread_runs = smmap_guard_start_thread(hear);
  environment->next = attached;
  attached = environment;
  smmap_lock_give(&lock);
}
