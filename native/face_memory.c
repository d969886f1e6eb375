/* advise, lock, residency, move, setName: what is done to the pages and bytes of a mapping. */
#include "face_handle.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* A call on a range that gives nothing back. */
static napi_value on_range(napi_env env, napi_callback_info info,
                           bool (*call)(void *, size_t, smmap_failure *)) {
  napi_value values[3];
  smmap_range range;
  smmap_failure failure = {0, NULL};
  if (smmap_face_arguments(env, info, 3, values) && smmap_face_range(env, values, &range) &&
      !call(range.address, range.length, &failure)) {
    smmap_face_throw(env, failure);
  }
  return NULL;
}

/* advise(handle, offset, length, advice): the system's own number; offset a multiple of the page */
static napi_value advise(napi_env env, napi_callback_info info) {
  napi_value values[4];
  smmap_range range;
  uint64_t advice;
  smmap_failure failure = {0, NULL};
  if (!smmap_face_arguments(env, info, 4, values) || !smmap_face_range(env, values, &range) ||
      !smmap_face_integer(env, values[3], "advice", &advice)) {
    return NULL;
  }
  int number = advice > INT32_MAX ? INT32_MAX : (int)advice; /* which no system knows */
  if (!smmap_os_advise(range.address, range.length, number, &failure)) {
    smmap_face_throw(env, failure);
  }
  return NULL;
}

/* lock(handle, offset, length), unlock(…): offset a multiple of the page */
static napi_value lock(napi_env env, napi_callback_info info) {
  return on_range(env, info, smmap_os_lock);
}

static napi_value unlock(napi_env env, napi_callback_info info) {
  return on_range(env, info, smmap_os_unlock);
}

/* lockLimit(): bytes that the process may lock; Infinity: no limit */
static napi_value lock_limit(napi_env env, napi_callback_info info) {
  (void)info;
  size_t limit = smmap_os_lock_limit();
  return smmap_face_number(env, limit == SIZE_MAX ? (double)INFINITY : (double)limit);
}

/* residency(handle, offset, length, into: Uint8Array): a bit for each page; offset a multiple of the page */
static napi_value residency(napi_env env, napi_callback_info info) {
  napi_value values[4];
  smmap_range range;
  void *bits;
  smmap_failure failure = {0, NULL};
  if (!smmap_face_arguments(env, info, 4, values) || !smmap_face_range(env, values, &range)) {
    return NULL;
  }
  size_t page = smmap_os_page_size();
  size_t pages = (range.length + page - 1) / page;
  if (!smmap_face_array(env, values[3], napi_uint8_array, (pages + 7) / 8, "into",
                        "a Uint8Array with a bit for each page", &bits, NULL)) {
    return NULL;
  }
  /* room for a bit for each page: just checked */
  if (!smmap_os_residency(range.address, range.length, bits, &failure)) {
    smmap_face_throw(env, failure);
  }
  return NULL;
}

/* move(handle, to, from, length): bytes inside the mapping; the two ranges may overlap */
static napi_value move(napi_env env, napi_callback_info info) {
  napi_value values[4];
  smmap_handle *handle;
  uint64_t to, from, length;
  if (!smmap_face_arguments(env, info, 4, values) ||
      !smmap_face_mapped_handle(env, values[0], &handle) ||
      !smmap_face_integer(env, values[1], "to", &to) ||
      !smmap_face_integer(env, values[2], "from", &from) ||
      !smmap_face_integer(env, values[3], "length", &length)) {
    return NULL;
  }
  smmap_mapping *mapping = handle->mapping;
  if (to > mapping->length || length > mapping->length - to || from > mapping->length ||
      length > mapping->length - from) {
    napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "both ranges must lie inside the mapping");
    return NULL;
  }
  if (mapping->mode == SMMAP_READ) {
    smmap_face_throw(env, (smmap_failure){EACCES, "memmove"}); /* it may be one that cannot be stored into */
    return NULL;
  }
  /* both ranges lie inside the mapping: checked above without overflow */
  memmove(mapping->address + to, mapping->address + from, (size_t)length);
  return NULL;
}

/* setName(handle, name): of memory of no file, as others see it in /proc */
static napi_value set_name(napi_env env, napi_callback_info info) {
  napi_value values[2];
  smmap_handle *handle;
  char name[SMMAP_PATH_MAX];
  smmap_failure failure = {0, NULL};
  if (!smmap_face_arguments(env, info, 2, values) ||
      !smmap_face_mapped_handle(env, values[0], &handle) ||
      !smmap_face_path(env, values[1], "prctl", name)) {
    return NULL;
  }
  smmap_mapping *mapping = handle->mapping;
  if (!smmap_os_name(mapping->address, mapping->extent, name, &failure)) {
    smmap_face_throw(env, failure);
  }
  return NULL;
}

const smmap_function smmap_memory_functions[] = {
    {"advise", advise},       {"lock", lock}, {"unlock", unlock},    {"lockLimit", lock_limit},
    {"residency", residency}, {"move", move}, {"setName", set_name}, {NULL, NULL},
};
