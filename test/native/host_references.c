/* References to values, and the collector that asks them. */
#include "host.h"

#include <stdlib.h>

struct napi_ref__ {
  napi_env env;
  napi_value value; /* NULL: it was collected */
  uint32_t count;   /* 0: weak */
  struct napi_ref__ *next, *previous;
};

napi_ref host_reference(napi_env env, napi_value value, uint32_t count) {
  napi_ref ref = calloc(1, sizeof *ref);
  if (ref == NULL) abort();
  *ref = (struct napi_ref__){.env = env, .value = value, .count = count, .next = env->references};
  if (ref->next != NULL) ref->next->previous = ref;
  env->references = ref;
  return ref;
}

napi_status napi_create_reference(napi_env env, napi_value value, uint32_t count,
                                  napi_ref *result) {
  if (value->kind < HOST_OBJECT) return napi_object_expected;
  if (host_fails()) return napi_generic_failure;
  *result = host_reference(env, value, count);
  return napi_ok;
}

napi_status napi_delete_reference(napi_env env, napi_ref ref) {
  if (env->sweeping) abort(); /* Deno ends the process */
  if (ref->previous != NULL) ref->previous->next = ref->next;
  else ref->env->references = ref->next;
  if (ref->next != NULL) ref->next->previous = ref->previous;
  free(ref);
  return napi_ok;
}

napi_status napi_reference_unref(napi_env env, napi_ref ref, uint32_t *result) {
  (void)env;
  if (ref->count == 0) return napi_generic_failure;
  *result = --ref->count;
  return napi_ok;
}

napi_status napi_get_reference_value(napi_env env, napi_ref ref, napi_value *result) {
  (void)env;
  *result = ref->value;
  return napi_ok;
}

void host_free_references(napi_env env) {
  while (env->references != NULL) napi_delete_reference(env, env->references);
}

static void mark(napi_value value) {
  if (value == NULL) return;
  value->marked = true;
  if (value->buffer != NULL) value->buffer->marked = true;
}

static void mark_all(napi_env env, const napi_value *roots, size_t count) {
  mark(env->undefined);
  mark(env->null);
  mark(env->exports);
  for (int i = 0; i < env->function_count; i++) mark(env->functions[i]);
  for (size_t i = 0; i < count; i++) mark(roots[i]);
  for (napi_ref each = env->references; each != NULL; each = each->next) {
    if (each->count > 0) mark(each->value);
  }
}

static void forget(napi_value value) {
  for (napi_ref each = value->env->references; each != NULL; each = each->next) {
    if (each->value == value) each->value = NULL;
  }
  bool now = value->kind == HOST_ARRAYBUFFER && host_manners_now.finalizes_in_sweep;
  value->env->sweeping = now;
  host_release(value, !now);
  value->env->sweeping = false;
  free(value);
}

void host_collect(napi_env env, const napi_value *roots, size_t count) {
  mark_all(env, roots, count);
  for (napi_value *link = &env->values; *link != NULL;) {
    napi_value each = *link;
    if (each->marked) {
      each->marked = false;
      link = &each->next;
    } else {
      *link = each->next;
      forget(each);
    }
  }
}
