/* Environments and their end, functions, exceptions. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

host_manners host_manners_now;

static uint32_t fail_after;

void host_fail_after(uint32_t calls) { fail_after = calls; }

bool host_fails(void) { return fail_after > 0 && --fail_after == 0; }

/* ---- hooks of the end ---- */

struct napi_async_cleanup_hook_handle__ {
  napi_env env;
  void(NAPI_CDECL *call)(void *data);  /* of a simple hook */
  napi_async_cleanup_hook call_async;  /* of one that is removed when all is done */
  void *data;
  struct napi_async_cleanup_hook_handle__ *next;
};

static napi_async_cleanup_hook_handle add_hook(napi_env env) {
  napi_async_cleanup_hook_handle fresh = calloc(1, sizeof *fresh);
  if (fresh == NULL) abort();
  fresh->env = env;
  fresh->next = env->hooks;
  env->hooks = fresh;
  return fresh;
}

napi_status napi_add_env_cleanup_hook(napi_env env, napi_cleanup_hook call, void *data) {
  napi_async_cleanup_hook_handle hook = add_hook(env);
  hook->call = call;
  hook->data = data;
  return napi_ok;
}

napi_status napi_add_async_cleanup_hook(napi_env env, napi_async_cleanup_hook call,
                                        void *data, napi_async_cleanup_hook_handle *result) {
  if (host_fails()) return napi_generic_failure;
  napi_async_cleanup_hook_handle hook = add_hook(env);
  hook->call_async = call;
  hook->data = data;
  *result = hook;
  return napi_ok;
}

napi_status napi_remove_async_cleanup_hook(napi_async_cleanup_hook_handle hook) {
  struct napi_async_cleanup_hook_handle__ **link = &hook->env->hooks;
  while (*link != hook) link = &(*link)->next;
  *link = hook->next;
  free(hook);
  return napi_ok;
}

static void run_hooks(napi_env env) {
  while (env->hooks != NULL) {
    napi_async_cleanup_hook_handle newest = env->hooks;
    if (newest->call != NULL) {
      newest->call(newest->data);
      napi_remove_async_cleanup_hook(newest);
    } else {
      newest->call_async(newest, newest->data);
      while (env->hooks == newest) host_turn(env); /* until it was removed */
    }
  }
}

/* ---- environments ---- */

napi_value NAPI_MODULE_INITIALIZER(napi_env env, napi_value exports); /* the addon's own */

napi_env host_begin(void) {
  napi_env env = calloc(1, sizeof *env);
  if (env == NULL) abort();
  env->undefined = host_value(env, HOST_UNDEFINED);
  env->null = host_value(env, HOST_NULL);
  env->exports = host_value(env, HOST_OBJECT);
  if (NAPI_MODULE_INITIALIZER(env, env->exports) != NULL) return env;
  host_stop(env);
  host_end(env);
  return NULL;
}

static void finalize_data(napi_env env) {
  napi_finalize finalize = env->finalize_data;
  env->finalize_data = NULL;
  if (finalize != NULL) finalize(env, env->data, NULL);
}

void host_stop(napi_env env) {
  env->ending = true;
  host_break_off_jobs(env);
  run_hooks(env);
  host_turn(env);
}

void host_end(napi_env env) {
  if (host_manners_now.forgets_own_data_first) finalize_data(env);
  for (napi_value each = env->values; each != NULL; each = each->next) host_release(each, false);
  finalize_data(env);
  host_free_later(env);
  host_free_references(env);
  host_free_values(env);
  free(env);
}

napi_status napi_set_instance_data(napi_env env, void *data, napi_finalize finalize, void *hint) {
  (void)hint;
  if (host_fails()) return napi_generic_failure;
  env->data = data;
  env->finalize_data = finalize;
  return napi_ok;
}

napi_status napi_get_instance_data(napi_env env, void **data) {
  *data = env->data;
  return napi_ok;
}

/* ---- functions ---- */

struct napi_callback_info__ {
  size_t count;
  const napi_value *values;
};

napi_status napi_create_function(napi_env env, const char *name, size_t length,
                                 napi_callback call, void *data, napi_value *result) {
  (void)length;
  (void)data;
  if (host_fails()) return napi_pending_exception;
  *result = host_value(env, HOST_FUNCTION);
  (*result)->call = call;
  (*result)->name = name;
  if (env->function_count == HOST_FUNCTIONS) abort();
  env->functions[env->function_count++] = *result;
  return napi_ok;
}

napi_value host_function(napi_env env, int index) {
  return index < env->function_count ? env->functions[index] : NULL;
}

napi_status napi_get_cb_info(napi_env env, napi_callback_info info, size_t *count,
                             napi_value *values, napi_value *receiver, void **data) {
  (void)receiver;
  (void)data;
  for (size_t i = 0; i < *count; i++) {
    values[i] = i < info->count ? info->values[i] : env->undefined;
  }
  *count = info->count;
  return napi_ok;
}

static const char *thrown = "";

const char *host_thrown(void) { return thrown; }

napi_value host_call(napi_env env, napi_value function, size_t count, const napi_value *values) {
  struct napi_callback_info__ info = {count, values};
  thrown = "";
  napi_value result = function->call(env, &info);
  if (env->throwing) result = NULL;
  else if (result == NULL) result = env->undefined;
  env->throwing = env->refuses = false;
  return result;
}

napi_value host_call_named(napi_env env, const char *name, size_t count,
                           const napi_value *values) {
  int index = 0;
  while (strcmp(host_function(env, index)->name, name) != 0) index++;
  return host_call(env, host_function(env, index), count, values);
}

/* Functions of JavaScript's own do nothing here. */
napi_status napi_call_function(napi_env env, napi_value receiver, napi_value function,
                               size_t count, const napi_value *values, napi_value *result) {
  (void)env;
  (void)receiver;
  (void)count;
  (void)values;
  (void)result;
  return function->kind == HOST_FUNCTION ? napi_ok : napi_function_expected;
}

/* ---- exceptions ---- */

static napi_status throw(napi_env env, const char *code) {
  if (env->throwing) abort(); /* the addon must not throw over an exception */
  env->throwing = true;
  thrown = code == NULL ? "" : code;
  return napi_ok;
}

napi_status napi_throw(napi_env env, napi_value error) {
  return error == NULL ? napi_invalid_arg : throw(env, "");
}

napi_status napi_throw_type_error(napi_env env, const char *code, const char *message) {
  (void)message;
  return throw(env, code);
}

napi_status napi_throw_range_error(napi_env env, const char *code, const char *message) {
  (void)message;
  return throw(env, code);
}

napi_status napi_create_error(napi_env env, napi_value code, napi_value message,
                              napi_value *result) {
  (void)code;
  (void)message;
  *result = host_value(env, HOST_OBJECT);
  return napi_ok;
}

napi_status napi_is_exception_pending(napi_env env, bool *result) {
  *result = env->throwing;
  return napi_ok;
}

napi_status napi_get_and_clear_last_exception(napi_env env, napi_value *result) {
  env->throwing = false;
  *result = env->undefined;
  return napi_ok;
}

/* ---- scopes: values live until they are collected ---- */

napi_status napi_open_handle_scope(napi_env env, napi_handle_scope *result) {
  (void)env;
  (void)result;
  return napi_ok;
}

napi_status napi_close_handle_scope(napi_env env, napi_handle_scope scope) {
  (void)env;
  (void)scope;
  return napi_ok;
}
