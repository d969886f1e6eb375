/* Values, references to them, and their end. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

napi_value host_value(napi_env env, host_kind kind) {
  napi_value value = calloc(1, sizeof *value);
  if (value == NULL) abort();
  value->env = env;
  value->kind = kind;
  value->next = env->values;
  env->values = value;
  return value;
}

napi_value host_number(napi_env env, double number) {
  napi_value value = host_value(env, HOST_NUMBER);
  value->number = number;
  return value;
}

static napi_value host_arraybuffer(napi_env env, uint8_t *bytes, size_t length) {
  napi_value value = host_value(env, HOST_ARRAYBUFFER);
  value->bytes = bytes;
  value->length = length;
  return value;
}

napi_value host_typed_array(napi_env env, napi_typedarray_type type, napi_value buffer,
                            size_t offset, size_t length) {
  napi_value value = host_value(env, HOST_TYPED_ARRAY);
  value->type = type;
  value->buffer = buffer;
  value->offset = offset;
  value->length = length;
  return value;
}

napi_value host_buffer(napi_env env, const void *bytes, size_t length) {
  uint8_t *copy = malloc(length == 0 ? 1 : length);
  if (copy == NULL) abort();
  if (bytes != NULL) memcpy(copy, bytes, length);
  else memset(copy, 0, length);
  napi_value buffer = host_arraybuffer(env, copy, length);
  buffer->own = true;
  napi_value array = host_typed_array(env, napi_uint8_array, buffer, 0, length);
  array->is_node_buffer = true;
  return array;
}

napi_value host_text(napi_env env, const char *text) {
  napi_value value = host_value(env, HOST_STRING);
  value->length = strlen(text);
  value->bytes = malloc(value->length + 1);
  if (value->bytes == NULL) abort();
  memcpy(value->bytes, text, value->length + 1);
  value->own = true;
  return value;
}

/* ---- simple values ---- */

napi_status napi_get_undefined(napi_env env, napi_value *result) {
  *result = env->undefined;
  return napi_ok;
}

napi_status napi_get_boolean(napi_env env, bool truth, napi_value *result) {
  *result = host_value(env, HOST_BOOLEAN);
  (*result)->number = truth;
  return napi_ok;
}

napi_status napi_strict_equals(napi_env env, napi_value one, napi_value other, bool *result) {
  if (env->ending || env->refuses) return napi_pending_exception;
  *result = one == other;
  return napi_ok;
}

napi_status napi_get_value_bool(napi_env env, napi_value value, bool *result) {
  (void)env;
  if (value->kind != HOST_BOOLEAN) return napi_boolean_expected;
  *result = value->number != 0;
  return napi_ok;
}

napi_status napi_create_double(napi_env env, double number, napi_value *result) {
  *result = host_number(env, number);
  return napi_ok;
}

napi_status napi_create_int32(napi_env env, int32_t number, napi_value *result) {
  return napi_create_double(env, number, result);
}

napi_status napi_get_value_double(napi_env env, napi_value value, double *result) {
  (void)env;
  if (value->kind != HOST_NUMBER) return napi_number_expected;
  *result = value->number;
  return napi_ok;
}

napi_status napi_create_string_utf8(napi_env env, const char *text, size_t length,
                                    napi_value *result) {
  (void)text;
  (void)length;
  *result = host_value(env, HOST_STRING);
  return napi_ok;
}

napi_status napi_get_value_string_utf8(napi_env env, napi_value value, char *into, size_t room,
                                       size_t *length) {
  (void)env;
  if (value->kind != HOST_STRING) return napi_string_expected;
  *length = into != NULL && value->length >= room ? room - 1 : value->length;
  if (into == NULL) return napi_ok;
  if (value->bytes != NULL) memcpy(into, value->bytes, *length);
  into[*length] = '\0';
  return napi_ok;
}

napi_status napi_create_object(napi_env env, napi_value *result) {
  *result = host_value(env, HOST_OBJECT);
  return napi_ok;
}

napi_status napi_set_named_property(napi_env env, napi_value object, const char *name,
                                    napi_value value) {
  (void)env;
  (void)name;
  (void)value;
  if (object == NULL) return napi_invalid_arg;
  return host_fails() ? napi_pending_exception : napi_ok;
}

napi_status napi_define_properties(napi_env env, napi_value object, size_t count,
                                   const napi_property_descriptor *properties) {
  (void)env;
  (void)count;
  (void)properties;
  if (object == NULL) return napi_invalid_arg;
  return host_fails() ? napi_pending_exception : napi_ok;
}

napi_status napi_typeof(napi_env env, napi_value value, napi_valuetype *result) {
  static const napi_valuetype types[] = {
      [HOST_UNDEFINED] = napi_undefined, [HOST_NULL] = napi_null,
      [HOST_BOOLEAN] = napi_boolean,     [HOST_NUMBER] = napi_number,
      [HOST_STRING] = napi_string,       [HOST_OBJECT] = napi_object,
      [HOST_FUNCTION] = napi_function,   [HOST_ARRAYBUFFER] = napi_object,
      [HOST_TYPED_ARRAY] = napi_object,  [HOST_PROMISE] = napi_object,
  };
  (void)env;
  *result = types[value->kind];
  return napi_ok;
}

static bool is_object(napi_value value) { return value->kind >= HOST_OBJECT; }

/* ---- wrapped pointers ---- */

napi_status napi_type_tag_object(napi_env env, napi_value value, const napi_type_tag *tag) {
  (void)env;
  if (host_fails()) return napi_pending_exception;
  value->tagged = true;
  value->tag = *tag;
  return napi_ok;
}

napi_status napi_check_object_type_tag(napi_env env, napi_value value, const napi_type_tag *tag,
                                       bool *result) {
  (void)env;
  if (!is_object(value)) return napi_object_expected;
  if (host_fails()) return napi_pending_exception;
  *result = value->tagged && value->tag.lower == tag->lower && value->tag.upper == tag->upper;
  return napi_ok;
}

napi_status napi_wrap(napi_env env, napi_value value, void *native, napi_finalize finalize,
                      void *hint, napi_ref *result) {
  (void)hint;
  if (host_fails()) return napi_pending_exception;
  if (result != NULL) *result = host_reference(env, value, 0);
  value->wrapped = native;
  value->finalize = finalize;
  return napi_ok;
}

napi_status napi_unwrap(napi_env env, napi_value value, void **result) {
  (void)env;
  if (value->wrapped == NULL) return napi_invalid_arg;
  *result = value->wrapped;
  return napi_ok;
}

/* ---- memory ---- */

void host_release(napi_value value, bool later) {
  napi_finalize finalize = value->finalize;
  bool is_memory = value->kind == HOST_ARRAYBUFFER;
  void *data = is_memory ? value->bytes : value->wrapped;
  void *hint = is_memory ? value->wrapped : NULL;
  value->finalize = NULL;
  if (value->own) free(value->bytes);
  value->own = false;
  if (finalize == NULL) return;
  if (later) host_later(value->env, finalize, data, hint);
  else finalize(value->env, data, hint);
}

napi_status napi_create_external_arraybuffer(napi_env env, void *data, size_t length,
                                             napi_finalize finalize, void *hint,
                                             napi_value *result) {
  napi_value value = host_arraybuffer(env, data, length);
  value->wrapped = hint;
  value->finalize = finalize;
  if (!host_fails()) {
    *result = value;
    return napi_ok;
  }
  value->detached = true;
  env->throwing = true;
  if (host_manners_now.ends_in_view) {
    value->finalize = NULL;
    env->refuses = true;
    return napi_pending_exception;
  }
  host_release(value, !host_manners_now.finalizes_in_detach); /* as Node with one that is too large */
  value->length = 0;
  return napi_generic_failure;
}

napi_status napi_detach_arraybuffer(napi_env env, napi_value value) {
  if (env->ending || env->refuses) abort(); /* Node 20 ends the process */
  if (value->kind != HOST_ARRAYBUFFER) return napi_arraybuffer_expected;
  if (host_fails()) return napi_generic_failure; /* as Bun does while an operation uses it */
  value->detached = true;
  value->length = 0;
  host_release(value, !host_manners_now.finalizes_in_detach);
  if (host_manners_now.finalizes_in_detach) host_run_finalizers(env);
  return napi_ok;
}

napi_value host_transfer(napi_value buffer) {
  napi_value moved = host_arraybuffer(buffer->env, buffer->bytes, buffer->length);
  moved->wrapped = buffer->wrapped;
  moved->finalize = buffer->finalize;
  moved->own = buffer->own;
  buffer->finalize = NULL;
  buffer->own = false;
  buffer->detached = true;
  buffer->length = 0;
  return moved;
}

napi_status napi_is_detached_arraybuffer(napi_env env, napi_value value, bool *result) {
  (void)env;
  *result = value->kind == HOST_ARRAYBUFFER && value->detached;
  return napi_ok;
}

napi_status napi_create_typedarray(napi_env env, napi_typedarray_type type, size_t length,
                                   napi_value buffer, size_t offset, napi_value *result) {
  if (host_fails()) return napi_pending_exception;
  *result = host_typed_array(env, type, buffer, offset, length);
  return napi_ok;
}

napi_status napi_get_typedarray_info(napi_env env, napi_value value, napi_typedarray_type *type,
                                     size_t *length, void **data, napi_value *buffer,
                                     size_t *offset) {
  (void)env;
  (void)buffer;
  (void)offset;
  if (value->kind != HOST_TYPED_ARRAY) return napi_invalid_arg;
  bool gone = value->buffer->detached;
  *type = value->type;
  *length = gone ? 0 : value->length;
  *data = gone ? NULL : value->buffer->bytes + value->offset;
  return napi_ok;
}

napi_status napi_is_buffer(napi_env env, napi_value value, bool *result) {
  (void)env;
  *result = value->kind == HOST_TYPED_ARRAY; /* as Node: any view will do */
  return napi_ok;
}

napi_status napi_get_buffer_info(napi_env env, napi_value value, void **data, size_t *length) {
  napi_typedarray_type type;
  if (napi_get_typedarray_info(env, value, &type, length, data, NULL, NULL) != napi_ok) {
    return napi_invalid_arg;
  }
  static const uint8_t bytes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8}; /* in the order of the types */
  *length *= bytes[type];
  return napi_ok;
}

void host_free_values(napi_env env) {
  while (env->values != NULL) {
    napi_value each = env->values;
    env->values = each->next;
    if (each->own) free(each->bytes);
    free(each);
  }
}
