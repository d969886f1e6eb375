/* The module: what one JavaScript environment gets when it loads the addon. */
#include "face.h"

#include "ledger.h"

#include <stdlib.h>

static void finalize_environment(napi_env env, void *data, void *hint) {
  (void)hint;
  smmap_environment *environment = data;
  smmap_face_orphan_handles(environment);
  smmap_face_drop_weak(environment);
  if (environment->give_way != NULL) napi_delete_reference(env, environment->give_way);
  smmap_ledger_heap_went(environment->heap_bytes);
  free(environment);
}

static bool export_functions(napi_env env, napi_value exports, const smmap_function *functions) {
  for (; functions->name != NULL; functions++) {
    napi_value function;
    if (napi_create_function(env, functions->name, NAPI_AUTO_LENGTH, functions->call, NULL,
                             &function) != napi_ok ||
        napi_set_named_property(env, exports, functions->name, function) != napi_ok) {
      return false;
    }
  }
  return true;
}

NAPI_MODULE_INIT(/* napi_env env, napi_value exports */) {
  smmap_environment *environment = calloc(1, sizeof *environment);
  if (environment == NULL) return NULL;
  environment->env = env;
  if (napi_set_instance_data(env, environment, finalize_environment, NULL) != napi_ok) {
    free(environment);
    return NULL;
  }
  bool complete = export_functions(env, exports, smmap_mapping_functions) &&
                  export_functions(env, exports, smmap_job_functions) &&
                  export_functions(env, exports, smmap_memory_functions) &&
                  export_functions(env, exports, smmap_descriptor_functions) &&
                  export_functions(env, exports, smmap_process_functions) &&
                  export_functions(env, exports, smmap_weak_functions) &&
                  export_functions(env, exports, smmap_search_functions) &&
                  export_functions(env, exports, smmap_constants_functions);
  return complete ? exports : NULL;
}
