/* guarantee, giveUp: mappings that a manager is sure to get, as JavaScript sees them. */
#include "face.h"

#include <errno.h>
#include <stdlib.h>

static const napi_type_tag guarantee_tag = {0x61d0f3b58a2c4e97ULL, 0x9d47be20c15f836aULL};

/* The most that one guarantee may be: the ceiling decides long before. */
#define MOST_MAPS 65536

typedef struct {
  smmap_guarantee *guarantee; /* NULL: given up */
} holder;

static void give_up(holder *each) {
  if (each->guarantee != NULL) smmap_guarantee_give_up(each->guarantee);
  each->guarantee = NULL;
}

static void finalize_holder(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  give_up(data);
  free(data);
}

/* guarantee(maps): object; undefined when so many do not fit under the ceiling */
static napi_value make_guarantee(napi_env env, napi_callback_info info) {
  napi_value values[1], object;
  uint64_t maps;
  if (!smmap_face_arguments(env, info, 1, values) ||
      !smmap_face_integer(env, values[0], "maps", &maps)) {
    return NULL;
  }
  if (maps > MOST_MAPS) return NULL;
  holder *fresh = malloc(sizeof *fresh);
  if (fresh == NULL) return NULL;
  fresh->guarantee = smmap_guarantee_make((uint32_t)maps);
  if (fresh->guarantee != NULL &&
      smmap_face_wrap(env, fresh, &guarantee_tag, finalize_holder, &object)) {
    return object;
  }
  give_up(fresh);
  free(fresh);
  return NULL;
}

static bool holder_of(napi_env env, napi_value value, holder **found) {
  void *native;
  if (!smmap_face_unwrap(env, value, "guarantee", &guarantee_tag, &native)) return false;
  *found = native;
  return true;
}

/* giveUp(guarantee): again does nothing */
static napi_value give_up_guarantee(napi_env env, napi_callback_info info) {
  napi_value values[1];
  holder *found;
  if (smmap_face_arguments(env, info, 1, values) && holder_of(env, values[0], &found)) {
    give_up(found);
  }
  return NULL;
}

bool smmap_face_guarantee(napi_env env, napi_value value, smmap_guarantee **guarantee) {
  napi_valuetype type;
  holder *found;
  *guarantee = NULL;
  if (napi_typeof(env, value, &type) == napi_ok && type == napi_undefined) return true;
  if (!holder_of(env, value, &found)) return false;
  *guarantee = found->guarantee;
  return true;
}

const smmap_function smmap_guarantee_functions[] = {
    {"guarantee", make_guarantee},
    {"giveUp", give_up_guarantee},
    {NULL, NULL},
};
