/* populate, flush: work on a range of a mapping, on this thread or off it. */
#include "face_mapping.h"

#include <errno.h>
#include <stdlib.h>

/* Work off the JavaScript thread. */
typedef struct {
  smmap_mapping *mapping;
  uint8_t *address;
  size_t length;
  bool (*work)(void *address, size_t length, smmap_failure *failure);
  bool done;
  smmap_failure failure;
  napi_async_work task;
  napi_deferred promise;
} job;

static void run_job(napi_env env, void *data) {
  (void)env;
  job *each = data;
  each->done = each->work(each->address, each->length, &each->failure);
}

static void complete_job(napi_env env, napi_status status, void *data) {
  job *each = data;
  smmap_mapping_end_job(each->mapping);
  if (status == napi_ok && each->done) {
    napi_value nothing;
    napi_get_undefined(env, &nothing);
    napi_resolve_deferred(env, each->promise, nothing);
  } else {
    smmap_failure failure = status == napi_ok ? each->failure : (smmap_failure){ECANCELED, "madvise"};
    napi_reject_deferred(env, each->promise, smmap_face_failure(env, failure));
  }
  napi_delete_async_work(env, each->task);
  free(each);
}

static bool range_of(napi_env env, napi_callback_info info, smmap_handle **handle,
                     uint64_t *offset, uint64_t *length) {
  napi_value values[3];
  if (!smmap_face_arguments(env, info, 3, values) || !smmap_face_mapped_handle(env, values[0], handle) ||
      !smmap_face_integer(env, values[1], "offset", offset) ||
      !smmap_face_integer(env, values[2], "length", length)) {
    return false;
  }
  smmap_mapping *mapping = (*handle)->mapping;
  if (*offset % smmap_os_page_size() != 0 || *offset > mapping->extent ||
      *length > mapping->extent - *offset) {
    napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "the range must lie inside its mapping");
    return false;
  }
  return true;
}

static napi_value start_job(napi_env env, napi_callback_info info,
                            bool (*work)(void *, size_t, smmap_failure *)) {
  smmap_handle *handle;
  uint64_t offset, length;
  napi_value name, promise = NULL;
  if (!range_of(env, info, &handle, &offset, &length)) return NULL;
  job *fresh = calloc(1, sizeof *fresh);
  if (fresh == NULL) {
    smmap_face_throw(env, (smmap_failure){ENOMEM, "malloc"});
    return NULL;
  }
  fresh->mapping = handle->mapping;
  fresh->address = handle->mapping->address + offset; /* inside: checked by range_of */
  fresh->length = (size_t)length;
  fresh->work = work;
  napi_create_string_utf8(env, "smmap", NAPI_AUTO_LENGTH, &name);
  if (napi_create_promise(env, &fresh->promise, &promise) != napi_ok ||
      napi_create_async_work(env, NULL, name, run_job, complete_job, fresh, &fresh->task) != napi_ok) {
    free(fresh);
    smmap_face_throw(env, (smmap_failure){ENOMEM, "malloc"});
    return NULL;
  }
  smmap_mapping_begin_job(fresh->mapping); /* until complete_job: the memory stays */
  if (napi_queue_async_work(env, fresh->task) != napi_ok) {
    complete_job(env, napi_cancelled, fresh);
  }
  return promise;
}

/* populate(handle, offset, length): Promise; offset a multiple of the page */
static napi_value populate(napi_env env, napi_callback_info info) {
  return start_job(env, info, smmap_os_populate);
}

/* flush(handle, offset, length): offset a multiple of the page */
static napi_value flush(napi_env env, napi_callback_info info) {
  smmap_handle *handle;
  uint64_t offset, length;
  smmap_failure failure;
  if (!range_of(env, info, &handle, &offset, &length)) return NULL;
  /* inside the mapping: checked by range_of */
  if (!smmap_os_flush(handle->mapping->address + offset, (size_t)length, &failure)) {
    smmap_face_throw(env, failure);
  }
  return NULL;
}

const smmap_function smmap_job_functions[] = {
    {"populate", populate},
    {"flush", flush},
    {NULL, NULL},
};
