#include "face.h"

#include <errno.h>
#include <string.h>

#define LARGEST_SAFE_INTEGER 9007199254740991.0 /* 2^53 - 1 */

smmap_environment *smmap_face_environment(napi_env env) {
  void *data = NULL;
  napi_get_instance_data(env, &data);
  return data; /* set before any function can be called */
}

void smmap_face_throw_type(napi_env env, const char *name, const char *expected) {
  char message[160];
  size_t used = 0;
  const char *const parts[] = {"\"", name, "\" must be ", expected};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    size_t length = strlen(parts[i]);
    if (length > sizeof message - 1 - used) length = sizeof message - 1 - used;
    memcpy(message + used, parts[i], length); /* cut to what is left */
    used += length;
  }
  message[used] = '\0';
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
}

bool smmap_face_arguments(napi_env env, napi_callback_info info, size_t count,
                          napi_value *values) {
  size_t given = count;
  if (napi_get_cb_info(env, info, &given, values, NULL, NULL) != napi_ok) return false;
  return true; /* missing ones are `undefined`, which every reader below refuses */
}

bool smmap_face_integer(napi_env env, napi_value value, const char *name, uint64_t *number) {
  double given;
  if (napi_get_value_double(env, value, &given) != napi_ok) {
    smmap_face_throw_type(env, name, "a number");
    return false;
  }
  /* Written so that NaN fails; in range, the conversion is exact. */
  if (!(given >= 0 && given <= LARGEST_SAFE_INTEGER) || given != (double)(uint64_t)given) {
    napi_throw_range_error(env, "ERR_OUT_OF_RANGE", name);
    return false;
  }
  *number = (uint64_t)given;
  return true;
}

bool smmap_face_boolean(napi_env env, napi_value value, const char *name, bool *truth) {
  if (napi_get_value_bool(env, value, truth) == napi_ok) return true;
  smmap_face_throw_type(env, name, "a boolean");
  return false;
}

bool smmap_face_is_null(napi_env env, napi_value value) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && type == napi_null;
}

bool smmap_face_path(napi_env env, napi_value value, const char *syscall,
                     char path[SMMAP_PATH_MAX]) {
  bool is_buffer = false;
  void *bytes = NULL;
  size_t length = 0;
  /* Text is written as far as there is room, the NUL included; full means that it may have been cut. */
  bool is_text =
      napi_get_value_string_utf8(env, value, path, SMMAP_PATH_MAX, &length) == napi_ok;
  if (is_text && length > SMMAP_PATH_MAX - 4) {
    napi_get_value_string_utf8(env, value, NULL, 0, &length); /* a character has up to 4 bytes */
  }
  if (!is_text) {
    napi_is_buffer(env, value, &is_buffer);
    if (!is_buffer || napi_get_buffer_info(env, value, &bytes, &length) != napi_ok) {
      smmap_face_throw_type(env, "path", "a string or a Buffer");
      return false;
    }
  }
  if (length >= SMMAP_PATH_MAX) {
    smmap_face_throw(env, (smmap_failure){ENAMETOOLONG, syscall});
    return false;
  }
  if (!is_text && length > 0) memcpy(path, bytes, length); /* length < SMMAP_PATH_MAX */
  path[length] = '\0';
  if (strlen(path) != length) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "a path must not contain NUL bytes");
    return false;
  }
  return true;
}

/* Bytes of one number in the kinds of arrays that are asked for here. */
static size_t width_of(napi_typedarray_type type) {
  return type == napi_uint8_array ? 1 : type == napi_uint32_array ? 4 : 8;
}

bool smmap_face_array(napi_env env, napi_value value, napi_typedarray_type type, size_t least,
                      const char *name, const char *expected, void **data, size_t *length) {
  napi_typedarray_type given;
  size_t count;
  if (napi_get_typedarray_info(env, value, &given, &count, data, NULL, NULL) == napi_ok &&
      given == type && count >= least && (uintptr_t)*data % width_of(type) == 0) {
    if (length != NULL) *length = count;
    return true;
  }
  smmap_face_throw_type(env, name, expected);
  return false;
}

bool smmap_face_unwrap(napi_env env, napi_value value, const char *name,
                       const napi_type_tag *tag, void **native) {
  bool matches = false;
  napi_valuetype type;
  /* The tag is looked at before the pointer: only our own objects carry it. */
  if (napi_typeof(env, value, &type) == napi_ok && type == napi_object &&
      napi_check_object_type_tag(env, value, tag, &matches) == napi_ok && matches &&
      napi_unwrap(env, value, native) == napi_ok) {
    return true;
  }
  smmap_face_throw_type(env, name, "a handle of this kind");
  return false;
}

bool smmap_face_wrap(napi_env env, void *native, const napi_type_tag *tag,
                     napi_finalize finalize, napi_value *object, napi_ref *weak) {
  return napi_create_object(env, object) == napi_ok &&
         napi_type_tag_object(env, *object, tag) == napi_ok &&
         napi_wrap(env, *object, native, finalize, NULL, weak) == napi_ok;
}

napi_value smmap_face_number(napi_env env, double number) {
  napi_value value = NULL;
  napi_create_double(env, number, &value);
  return value;
}

napi_value smmap_face_boolean_value(napi_env env, bool truth) {
  napi_value value = NULL;
  napi_get_boolean(env, truth, &value);
  return value;
}

napi_value smmap_face_failure(napi_env env, smmap_failure failure) {
  napi_value message, error = NULL, number, syscall;
  const char *name = failure.syscall == NULL ? "" : failure.syscall;
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, NULL, message, &error);
  napi_create_int32(env, -failure.code, &number);
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &syscall);
  napi_set_named_property(env, error, "errno", number);
  napi_set_named_property(env, error, "syscall", syscall);
  return error;
}

void smmap_face_throw(napi_env env, smmap_failure failure) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw(env, smmap_face_failure(env, failure));
}
