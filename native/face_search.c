/* searchFirst, searchLast, searchCount, searchPositions: searching the bytes of a Buffer. */
#include "face.h"

#include "search.h"

/* The bytes of a Uint8Array; else throws and returns false. */
static bool bytes_of(napi_env env, napi_value value, const char *name, const uint8_t **bytes,
                     size_t *length) {
  void *data;
  if (!smmap_face_array(env, value, napi_uint8_array, 0, name, "a Uint8Array", &data, length)) {
    return false;
  }
  *bytes = data;
  return true;
}

/* What is searched, what for, and a number up to which or from which. */
typedef struct {
  const uint8_t *bytes, *needle;
  size_t length, size, border;
} search;

/* (bytes, needle, border): a needle of 1 byte or more, a border inside the bytes */
static bool search_of(napi_env env, const napi_value *values, search *asked) {
  uint64_t border;
  if (!bytes_of(env, values[0], "bytes", &asked->bytes, &asked->length) ||
      !bytes_of(env, values[1], "needle", &asked->needle, &asked->size) ||
      !smmap_face_integer(env, values[2], "border", &border)) {
    return false;
  }
  if (asked->size == 0 || border > asked->length) {
    napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "a needle of 1 byte, a border inside the bytes");
    return false;
  }
  asked->border = (size_t)border;
  return true;
}

static napi_value place(napi_env env, size_t found, size_t begin) {
  return smmap_face_number(env, found == SMMAP_NOT_FOUND ? -1 : (double)(begin + found));
}

/* searchFirst(bytes, needle, from): where the first occurrence from there on begins, or -1 */
static napi_value search_first(napi_env env, napi_callback_info info) {
  napi_value values[3];
  search asked;
  if (!smmap_face_arguments(env, info, 3, values) || !search_of(env, values, &asked)) return NULL;
  /* border <= length: inside the bytes, and no JavaScript runs that could take them away */
  size_t found = smmap_search_first(asked.bytes + asked.border, asked.length - asked.border,
                                    asked.needle, asked.size);
  return place(env, found, asked.border);
}

/* searchLast(bytes, needle, end): where the last occurrence that ends there or before begins, or -1 */
static napi_value search_last(napi_env env, napi_callback_info info) {
  napi_value values[3];
  search asked;
  if (!smmap_face_arguments(env, info, 3, values) || !search_of(env, values, &asked)) return NULL;
  return place(env, smmap_search_last(asked.bytes, asked.border, asked.needle, asked.size), 0);
}

/* searchCount(bytes, needle, from, end: Float64Array of 1): occurrences that do not overlap, and
   where the last of them ends (`from` when there is none; for one byte the end of the bytes) */
static napi_value search_count(napi_env env, napi_callback_info info) {
  napi_value values[4];
  search asked;
  size_t end;
  void *into;
  if (!smmap_face_arguments(env, info, 4, values) || !search_of(env, values, &asked) ||
      !smmap_face_array(env, values[3], napi_float64_array, 1, "end", "a Float64Array of 1", &into,
                        NULL)) {
    return NULL;
  }
  size_t total = smmap_search_count(asked.bytes + asked.border, asked.length - asked.border,
                                    asked.needle, asked.size, &end);
  *(double *)into = (double)(asked.border + end); /* room for one: just checked */
  return smmap_face_number(env, (double)total);
}

/* searchPositions(bytes, byte, from, to, into: Uint32Array): where the byte stands between two
   borders, counted from the first of the bytes; how many there are, `into.length` when there may
   be more */
static napi_value search_positions(napi_env env, napi_callback_info info) {
  napi_value values[5];
  const uint8_t *bytes;
  size_t length, most;
  uint64_t byte, from, to;
  void *into;
  if (!smmap_face_arguments(env, info, 5, values) ||
      !bytes_of(env, values[0], "bytes", &bytes, &length) ||
      !smmap_face_integer(env, values[1], "byte", &byte) ||
      !smmap_face_integer(env, values[2], "from", &from) ||
      !smmap_face_integer(env, values[3], "to", &to)) {
    return NULL;
  }
  if (byte > UINT8_MAX || from > to || to > length || to > UINT32_MAX) {
    napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "a byte, and borders inside the bytes below 2^32");
    return NULL;
  }
  if (!smmap_face_array(env, values[4], napi_uint32_array, 0, "into", "a Uint32Array", &into,
                        &most)) {
    return NULL;
  }
  /* from <= to <= length; room for `most` numbers: it says so itself */
  uint32_t *positions = into;
  size_t found = smmap_search_positions(bytes + from, (size_t)(to - from), (uint8_t)byte, positions,
                                        most);
  for (size_t i = 0; i < found; i++) positions[i] += (uint32_t)from; /* < to <= 2^32 - 1 */
  return smmap_face_number(env, (double)found);
}

const smmap_function smmap_search_functions[] = {
    {"searchFirst", search_first},
    {"searchLast", search_last},
    {"searchCount", search_count},
    {"searchPositions", search_positions},
    {NULL, NULL},
};
