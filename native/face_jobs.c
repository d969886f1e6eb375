/* populate, flush: work that waits for a device, on this thread or off it. */
#include "face_handle.h"

#include <errno.h>
#include <stdlib.h>

/* Work off the JavaScript thread. */
typedef struct {
  smmap_mapping *mapping;
  uint8_t *address;
  size_t length;
  int fd; /* the mapped file, open for the job alone; -1: none */
  bool (*work)(void *address, size_t length, int fd, smmap_failure *failure);
  bool done;
  smmap_failure failure;
  napi_async_work task;
  napi_deferred promise;
} job;

static void run_job(napi_env env, void *data) {
  (void)env;
  job *each = data;
  each->done = each->work(each->address, each->length, each->fd, &each->failure);
}

static void complete_job(napi_env env, napi_status status, void *data) {
  job *each = data;
  smmap_mapping_end_job(each->mapping);
  if (each->fd >= 0) smmap_os_close(each->fd);
  if (status == napi_ok && each->done) {
    napi_value nothing;
    napi_get_undefined(env, &nothing);
    napi_resolve_deferred(env, each->promise, nothing);
  } else {
    smmap_failure failure = status == napi_ok ? each->failure : (smmap_failure){ECANCELED, "uv_queue_work"};
    napi_reject_deferred(env, each->promise, smmap_face_failure(env, failure));
  }
  napi_delete_async_work(env, each->task);
  free(each);
}

/* Takes `fd` over. */
static napi_value start_job(napi_env env, const smmap_range *range, int fd,
                            bool (*work)(void *, size_t, int, smmap_failure *)) {
  napi_value name, promise = NULL;
  job *fresh = calloc(1, sizeof *fresh);
  if (fresh == NULL) {
    if (fd >= 0) smmap_os_close(fd);
    smmap_face_throw(env, (smmap_failure){ENOMEM, "malloc"});
    return NULL;
  }
  *fresh = (job){
      .mapping = range->handle->mapping,
      .address = range->address, /* inside the mapping, which stays until complete_job */
      .length = range->length,
      .fd = fd,
      .work = work,
  };
  napi_create_string_utf8(env, "smmap", NAPI_AUTO_LENGTH, &name);
  if (napi_create_promise(env, &fresh->promise, &promise) != napi_ok ||
      napi_create_async_work(env, NULL, name, run_job, complete_job, fresh, &fresh->task) != napi_ok) {
    if (fd >= 0) smmap_os_close(fd);
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

static bool populate_range(void *address, size_t length, int fd, smmap_failure *failure) {
  (void)fd;
  return smmap_os_populate(address, length, failure);
}

/* populate(handle, offset, length): Promise; offset a multiple of the page */
static napi_value populate(napi_env env, napi_callback_info info) {
  napi_value values[3];
  smmap_range range;
  if (!smmap_face_arguments(env, info, 3, values) || !smmap_face_range(env, values, &range)) {
    return NULL;
  }
  return start_job(env, &range, -1, populate_range);
}

/* A descriptor object, or null for none: -1. */
static bool descriptor_or_none(napi_env env, napi_value value, int *fd) {
  *fd = -1;
  return smmap_face_is_null(env, value) || smmap_face_descriptor(env, value, fd);
}

/* flush(handle, offset, length, kind, descriptor or null): offset a multiple of the page */
static napi_value flush(napi_env env, napi_callback_info info) {
  napi_value values[5];
  smmap_range range;
  uint64_t kind;
  int fd;
  smmap_failure failure = {0, NULL};
  if (!smmap_face_arguments(env, info, 5, values) || !smmap_face_range(env, values, &range) ||
      !smmap_face_integer(env, values[3], "kind", &kind) ||
      !descriptor_or_none(env, values[4], &fd)) {
    return NULL;
  }
  if (kind > SMMAP_FLUSH_ASYNC_INVALIDATE) {
    smmap_face_throw(env, (smmap_failure){EINVAL, "msync"});
  } else if (!smmap_os_flush(range.address, range.length, (smmap_flush_kind)kind, fd, &failure)) {
    smmap_face_throw(env, failure);
  }
  return NULL;
}

static bool flush_range(void *address, size_t length, int fd, smmap_failure *failure) {
  return smmap_os_flush(address, length, SMMAP_FLUSH_SYNC, fd, failure);
}

/* flushAsync(handle, offset, length, descriptor or null): Promise; offset a multiple of the page */
static napi_value flush_async(napi_env env, napi_callback_info info) {
  napi_value values[4];
  smmap_range range;
  int fd;
  smmap_failure failure = {0, NULL};
  if (!smmap_face_arguments(env, info, 4, values) || !smmap_face_range(env, values, &range) ||
      !descriptor_or_none(env, values[3], &fd)) {
    return NULL;
  }
  int own = fd < 0 ? -1 : smmap_os_duplicate(fd, false, &failure); /* the object may be closed meanwhile */
  if (fd >= 0 && own < 0) {
    smmap_face_throw(env, failure);
    return NULL;
  }
  return start_job(env, &range, own, flush_range);
}

const smmap_function smmap_job_functions[] = {
    {"populate", populate},
    {"flush", flush},
    {"flushAsync", flush_async},
    {NULL, NULL},
};
