/*
 * Weak references that answer inside one synchronous stretch of JavaScript:
 * WeakRef keeps its object until the job ends, FinalizationRegistry reports later.
 * An object is watched under a number.
 */
#include "face.h"

#include <errno.h>
#include <stdlib.h>

/* watch(object): number */
static napi_value watch(napi_env env, napi_callback_info info) {
  napi_value values[1];
  napi_ref ref;
  if (!smmap_face_arguments(env, info, 1, values)) return NULL;
  if (napi_create_reference(env, values[0], 0, &ref) != napi_ok) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "\"object\" must be an object");
    return NULL;
  }
  smmap_weak_table *table = &smmap_face_environment(env)->weak;
  if (table->free_count == 0) {
    uint32_t size = table->size == 0 ? 64 : table->size * 2;
    napi_ref *refs = realloc(table->refs, size * sizeof *refs);
    if (refs != NULL) table->refs = refs;
    uint32_t *free_indices = realloc(table->free, size * sizeof *free_indices);
    if (free_indices != NULL) table->free = free_indices;
    if (refs == NULL || free_indices == NULL) {
      napi_delete_reference(env, ref);
      smmap_face_throw(env, (smmap_failure){ENOMEM, "malloc"});
      return NULL;
    }
    for (uint32_t index = size; index > table->size; index--) {
      refs[index - 1] = NULL;
      free_indices[table->free_count++] = index - 1; /* lowest on top */
    }
    table->size = size;
  }
  uint32_t index = table->free[--table->free_count]; /* not empty: filled above if it was */
  table->refs[index] = ref;
  return smmap_face_number(env, index);
}

static napi_ref *entry(napi_env env, napi_callback_info info) {
  napi_value values[1];
  uint64_t index;
  if (!smmap_face_arguments(env, info, 1, values) ||
      !smmap_face_integer(env, values[0], "watch", &index)) {
    return NULL;
  }
  smmap_weak_table *table = &smmap_face_environment(env)->weak;
  if (index < table->size && table->refs[index] != NULL) return &table->refs[index];
  napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "nothing is watched under this number");
  return NULL;
}

/* watched(watch): the object; undefined once it was collected */
static napi_value watched(napi_env env, napi_callback_info info) {
  napi_ref *ref = entry(env, info);
  napi_value object = NULL;
  if (ref != NULL) napi_get_reference_value(env, *ref, &object);
  return object; /* NULL stands for undefined */
}

/* unwatch(watch) */
static napi_value unwatch(napi_env env, napi_callback_info info) {
  napi_ref *ref = entry(env, info);
  if (ref == NULL) return NULL;
  smmap_weak_table *table = &smmap_face_environment(env)->weak;
  napi_delete_reference(env, *ref);
  *ref = NULL;
  table->free[table->free_count++] = (uint32_t)(ref - table->refs); /* room: it came from there */
  return NULL;
}

void smmap_face_drop_weak(smmap_environment *environment) {
  smmap_weak_table *table = &environment->weak;
  for (uint32_t index = 0; index < table->size; index++) {
    if (table->refs[index] != NULL) napi_delete_reference(environment->env, table->refs[index]);
  }
  free(table->refs);
  free(table->free);
  *table = (smmap_weak_table){0};
}

const smmap_function smmap_weak_functions[] = {
    {"watch", watch},
    {"watched", watched},
    {"unwatch", unwatch},
    {NULL, NULL},
};
