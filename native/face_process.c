/* What concerns the process as a whole: counts, the guard, the page size. */
#include "face.h"

#include "guard.h"
#include "ledger.h"
#include "registry.h"

#include <string.h>

/* How many numbers `counts` writes: those of smmap_counts in their order, and the limit of addresses. */
#define COUNT_FIELDS 7

static napi_value page_size(napi_env env, napi_callback_info info) {
  (void)info;
  return smmap_face_number(env, (double)smmap_os_page_size());
}

static napi_value granularity(napi_env env, napi_callback_info info) {
  (void)info;
  return smmap_face_number(env, (double)smmap_os_granularity());
}

/* counts(into: Float64Array of 7) */
static napi_value counts(napi_env env, napi_callback_info info) {
  napi_value values[1];
  void *data;
  if (!smmap_face_arguments(env, info, 1, values) ||
      !smmap_face_array(env, values[0], napi_float64_array, COUNT_FIELDS, "into",
                        "a Float64Array of 7", &data, NULL)) {
    return NULL;
  }
  smmap_counts now = smmap_ledger_counts();
  double *fields = data; /* room for COUNT_FIELDS: just checked */
  fields[0] = (double)now.maps;
  fields[1] = (double)now.bytes;
  fields[2] = (double)now.quarantined_maps;
  fields[3] = (double)now.quarantined_bytes;
  fields[4] = (double)now.ceiling;
  fields[5] = (double)now.limit;
  fields[6] = (double)smmap_os_address_limit();
  return NULL;
}

/* hasLibuv(): the loop of this environment can be woken through libuv */
static napi_value has_libuv(napi_env env, napi_callback_info info) {
  (void)info;
  smmap_face_environment(env)->has_libuv = true;
  return NULL;
}

/* heapMayGrowTo(bytes): once for each environment */
static napi_value heap_may_grow_to(napi_env env, napi_callback_info info) {
  napi_value values[1];
  uint64_t bytes;
  if (!smmap_face_arguments(env, info, 1, values) ||
      !smmap_face_integer(env, values[0], "bytes", &bytes)) {
    return NULL;
  }
  smmap_environment *environment = smmap_face_environment(env);
  smmap_ledger_heap_went(environment->heap_bytes);
  environment->heap_bytes = bytes;
  smmap_ledger_heap_came(bytes);
  return NULL;
}

/* faultEpoch(): Uint32Array of one number that changes with each fault survived, in any thread */
static napi_value fault_epoch(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value buffer = NULL, array = NULL;
  /* The memory is the addon's own and is never unloaded: no finalizer. */
  if (napi_create_external_arraybuffer(env, &smmap_fault_epoch, sizeof smmap_fault_epoch, NULL,
                                       NULL, &buffer) == napi_ok) {
    napi_create_typedarray(env, napi_uint32_array, 1, buffer, 0, &array);
  }
  return array;
}

/* arm(): looks whether another handler took SIGBUS, and takes it back */
static napi_value arm(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  if (smmap_guard_active()) smmap_guard_arm();
  return NULL;
}

/* armAfter(event): the same when a listener of SIGBUS came or went; for the process's events of that */
static napi_value arm_after(napi_env env, napi_callback_info info) {
  char name[sizeof "SIGBUS" + 1]; /* room for one byte more: a longer name differs */
  size_t count = 1, length;
  napi_value event;
  if (napi_get_cb_info(env, info, &count, &event, NULL, NULL) == napi_ok &&
      napi_get_value_string_utf8(env, event, name, sizeof name, &length) == napi_ok &&
      strcmp(name, "SIGBUS") == 0 && smmap_guard_active()) {
    smmap_guard_arm();
  }
  return NULL; /* a symbol is no such name */
}

/* setGuard(enabled): false when it is too late */
static napi_value set_guard(napi_env env, napi_callback_info info) {
  napi_value values[1];
  bool enabled;
  if (!smmap_face_arguments(env, info, 1, values) ||
      !smmap_face_boolean(env, values[0], "enabled", &enabled)) {
    return NULL;
  }
  return smmap_face_boolean_value(env, smmap_guard_set_enabled(enabled));
}

/* exposed(): bytes that JavaScript holds in views of mappings, in this environment */
static napi_value exposed(napi_env env, napi_callback_info info) {
  (void)info;
  return smmap_face_number(env, (double)smmap_face_environment(env)->exposed);
}

/* onReclaim(callback): called when another thread is at the ceiling of mappings */
static napi_value on_reclaim(napi_env env, napi_callback_info info) {
  napi_value values[1];
  napi_valuetype type;
  smmap_environment *environment = smmap_face_environment(env);
  if (!smmap_face_arguments(env, info, 1, values)) return NULL;
  if (napi_typeof(env, values[0], &type) != napi_ok || type != napi_function) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "\"callback\" must be a function");
    return NULL;
  }
  if (environment->give_way != NULL) napi_delete_reference(env, environment->give_way);
  environment->give_way = NULL;
  napi_create_reference(env, values[0], 1, &environment->give_way);
  return NULL;
}

/* askOthers(): asks the managers of other threads for what is idle; does not wait */
static napi_value ask_others(napi_env env, napi_callback_info info) {
  (void)info;
  smmap_alarm_ask_others(smmap_face_environment(env));
  return NULL;
}

const smmap_function smmap_process_functions[] = {
    {"pageSize", page_size},
    {"granularity", granularity},
    {"counts", counts},
    {"hasLibuv", has_libuv},
    {"heapMayGrowTo", heap_may_grow_to},
    {"faultEpoch", fault_epoch},
    {"arm", arm},
    {"armAfter", arm_after},
    {"setGuard", set_guard},
    {"exposed", exposed},
    {"onReclaim", on_reclaim},
    {"askOthers", ask_others},
    {NULL, NULL},
};
