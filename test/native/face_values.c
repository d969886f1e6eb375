#define _GNU_SOURCE
#include "face_values.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>

static const struct {
  const char *name, *letters;
} signatures[] = {
    {"handle", ""},
    {"map", "hdonmbb"},
    {"mapLike", "hDonmgq"},
    {"view", "hnn"},
    {"detach", "h"},
    {"close", "h"},
    {"closeForgotten", ""},
    {"faults", "h"},
    {"hasPrivatePages", "h"},
    {"populate", "hon"},
    {"flush", "honmD"},
    {"flushAsync", "honD"},
    {"advise", "honm"},
    {"lock", "hon"},
    {"unlock", "hon"},
    {"lockLimit", ""},
    {"residency", "honu"},
    {"move", "hnnn"},
    {"setName", "hq"},
    {"open", "pbg"},
    {"duplicate", "mb"},
    {"closeDescriptor", "d"},
    {"descriptorNumber", "d"},
    {"extend", "dnn"},
    {"truncate", "dn"},
    {"read", "munnn"},
    {"readNow", "dun"},
    {"tellsResidency", "D"},
    {"descriptorCount", ""},
    {"descriptorLimit", ""},
    {"status", "ds"},
    {"size", "d"},
    {"statusOfNumber", "ms"},
    {"statusOfPath", "ps"},
    {"pageSize", ""},
    {"granularity", ""},
    {"counts", "c"},
    {"hasLibuv", ""},
    {"heapMayGrowTo", "n"},
    {"faultEpoch", ""},
    {"arm", ""},
    {"armAfter", "p"},
    {"setGuard", "b"},
    {"exposed", ""},
    {"onReclaim", "f"},
    {"askOthers", ""},
    {"searchFirst", "uun"},
    {"searchLast", "uun"},
    {"searchCount", "uune"},
    {"searchPositions", "umnni"},
    {"watch", "x"},
    {"watched", "w"},
    {"unwatch", "w"},
    {"constants", ""},
};

const char *face_signature(const char *name) {
  for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
    if (strcmp(signatures[i].name, name) == 0) return signatures[i].letters;
  }
  return NULL;
}

/* ---- kept values ---- */

napi_value face_find(const face_program *program, fuzz_input *input, char kind) {
  uint32_t start = fuzz_number(input, FACE_KEPT - 1);
  for (uint32_t i = 0; i < FACE_KEPT; i++) {
    const face_kept *each = &program->kept[(start + i) % FACE_KEPT];
    if (each->value != NULL && each->kind == kind) return each->value;
  }
  return NULL;
}

void face_keep(face_program *program, fuzz_input *input, napi_value value, char kind) {
  program->kept[fuzz_number(input, FACE_KEPT - 1)] = (face_kept){value, kind};
}

/* ---- made ones ---- */

static napi_value number(napi_env env, fuzz_input *input) {
  static const double table[] = {
      0,          1,           -1,          -0.0,        0.5,         255,         256,
      4095,       4096,        8192,        40000,       40959,       40960,       40961,
      65536,      2147483647., 2147483648., 4294967295., 4294967296., 1099511627776.,
      4503599627370496.,       9007199254740991.,        9007199254740992.,
      9223372036854775808.,    18446744073709551616.,    1e300,       -1e300,
      INFINITY,   -INFINITY,   NAN,
  };
  uint32_t choice = fuzz_byte(input);
  if (choice >= 128) return host_number(env, fuzz_number(input, 45000));
  return host_number(env, table[choice % (sizeof table / sizeof *table)]);
}

/* An array with room for what `letter` stands for, or one too few; over memory of its own, or mapped. */
static napi_value array(face_program *program, fuzz_input *input, napi_typedarray_type type,
                        size_t width, size_t count) {
  uint32_t choice = fuzz_byte(input);
  napi_value over = choice % 4 == 0 ? face_find(program, input, 'v') : NULL;
  if (choice % 16 == 1) count--;
  if (over == NULL) over = host_buffer(program->env, NULL, (count + 1) * width)->buffer;
  if (over->length < count * width) return host_typed_array(program->env, type, over, 0, 0);
  size_t most = (over->length - count * width) / width; /* an offset is a multiple of the width */
  size_t offset = fuzz_number(input, most < 200 ? (uint32_t)most : 200) * width;
  return host_typed_array(program->env, type, over, offset, count);
}

static napi_value bytes(face_program *program, fuzz_input *input) {
  size_t length = fuzz_number(input, 600);
  uint32_t choice = fuzz_byte(input);
  napi_value view = face_find(program, input, 'v');
  if (choice % 2 == 0 && view != NULL) {
    size_t offset = view->length == 0 ? 0 : fuzz_number(input, 65535) % view->length;
    return host_typed_array(program->env, napi_uint8_array, view, offset, view->length - offset);
  }
  napi_value made = host_buffer(program->env, NULL, length);
  for (size_t i = 0; i < length && i < 16; i++) {
    made->buffer->bytes[i] = (uint8_t)(fuzz_byte(input) % 4); /* few letters: they are found */
  }
  return made;
}

static napi_value boolean(napi_env env, uint32_t choice) {
  napi_value value = host_value(env, HOST_BOOLEAN);
  value->number = choice % 2;
  return value;
}

static napi_value flags(napi_env env, fuzz_input *input) {
  static const int table[] = {0, O_NOFOLLOW, O_DIRECT, O_TRUNC, O_CREAT, O_PATH, O_APPEND};
  uint32_t choice = fuzz_byte(input);
  if (choice >= 192) return number(env, input);
  if (choice >= 128) return host_number(env, 1u << choice % 32);
  return host_number(env, table[choice % (sizeof table / sizeof *table)]);
}

/* What only looks like a handle: an object of somebody else's addon, or of nobody's. */
static napi_value stranger(napi_env env, uint32_t choice) {
  static int elsewhere;
  napi_value value = host_value(env, HOST_OBJECT);
  value->tagged = choice % 2 == 0;
  value->tag = (napi_type_tag){choice, ~(uint64_t)choice};
  value->wrapped = choice % 4 < 2 ? &elsewhere : NULL;
  return value;
}

static napi_value anything(face_program *program, fuzz_input *input) {
  uint32_t choice = fuzz_byte(input);
  napi_value kept = program->kept[choice / 8 % FACE_KEPT].value;
  switch (choice % 8) {
    case 0: return host_value(program->env, (host_kind)(choice / 8 % HOST_OBJECT));
    case 1: return stranger(program->env, choice / 8);
    case 2: return bytes(program, input);
    case 3: return host_value(program->env, HOST_FUNCTION);
    case 4: return number(program->env, input);
    default: return kept != NULL ? kept : program->env->undefined;
  }
}

static napi_value good(face_program *program, fuzz_input *input, char letter) {
  napi_env env = program->env;
  switch (letter) {
    case 'h': return face_find(program, input, 'h');
    case 'd': return face_find(program, input, 'd');
    case 'D': return fuzz_byte(input) % 2 == 0 ? env->null : face_find(program, input, 'd');
    case 'o': return host_number(env, 4096.0 * fuzz_number(input, FACE_PAGES));
    case 'n': return number(env, input);
    case 'm': return host_number(env, fuzz_number(input, 30));
    case 'b': return boolean(env, fuzz_byte(input));
    case 'g': return flags(env, input);
    case 'x': return host_value(env, HOST_OBJECT);
    case 'f': return host_value(env, HOST_FUNCTION);
    case 'w': return host_number(env, fuzz_number(input, 70));
    case 'u': return bytes(program, input);
    case 's': return array(program, input, napi_bigint64_array, 8, 5);
    case 'c': return array(program, input, napi_float64_array, 8, 7);
    case 'e': return array(program, input, napi_float64_array, 8, 1);
    case 'i': return array(program, input, napi_uint32_array, 4, fuzz_number(input, 100) + 1);
    case 'q': return fuzz_byte(input) % 2 == 0 ? env->null : bytes(program, input);
    default: break;
  }
  FUZZ_CHECK(letter == 'p', "'%c'", letter);
  const char *path = face_path(fuzz_byte(input));
  return fuzz_byte(input) % 2 == 0 ? host_text(env, path) : host_buffer(env, path, strlen(path));
}

napi_value face_argument(face_program *program, fuzz_input *input, char letter) {
  napi_value value = fuzz_byte(input) % 8 == 0 ? NULL : good(program, input, letter);
  return value != NULL ? value : anything(program, input);
}
