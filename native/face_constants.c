/* The system's numbers as JavaScript sees them. */
#include "face.h"

#include "constants.h"

/* constants(): object of number by name; what the system lacks is not in it */
static napi_value constants(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value object = NULL;
  if (napi_create_object(env, &object) != napi_ok) return NULL;
  for (const smmap_constant *each = smmap_constants; each->name != NULL; each++) {
    napi_value value = smmap_face_number(env, each->value);
    if (napi_set_named_property(env, object, each->name, value) != napi_ok) return NULL;
  }
  return object;
}

const smmap_function smmap_constants_functions[] = {
    {"constants", constants},
    {NULL, NULL},
};
