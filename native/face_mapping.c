/* map, view, close, faults, populate, flush: one mapping as JavaScript sees it. */
#include "face.h"

#include "registry.h"

#include <errno.h>
#include <stdlib.h>

static const napi_type_tag mapping_tag = {0x8b1f4c7a52d94e06ULL, 0xa3e7105c9f6b2d81ULL};

/* An ArrayBuffer over part of a mapping. */
typedef struct view {
  smmap_handle *handle; /* NULL once the handle forgot or closed it */
  smmap_mapping *mapping;
  napi_ref buffer; /* strong while `handle` is set: to find out later whether it was moved away */
  struct view *next, *previous;
  bool detaching; /* the detach call below runs; its caller frees the view */
  bool finalized;
} view;

/* A JavaScript object that holds one mapping at a time: making the object costs as much as mapping. */
struct smmap_handle {
  smmap_environment *environment; /* NULL while it is not in the environment's list */
  smmap_mapping *mapping;         /* NULL: it holds none now */
  view *views;
  smmap_handle *next, *previous;
  uint32_t faults_seen; /* faults for which the views were taken away */
};

static void unlink_view(view *each) {
  if (each->previous != NULL) each->previous->next = each->next;
  else each->handle->views = each->next;
  if (each->next != NULL) each->next->previous = each->previous;
  each->handle = NULL;
  each->next = each->previous = NULL;
}

static void drop_buffer(napi_env env, view *each) {
  if (each->buffer != NULL) napi_delete_reference(env, each->buffer);
  each->buffer = NULL;
}

static void free_view(view *each) {
  smmap_mapping_unref(each->mapping);
  free(each);
}

/* The ArrayBuffer's memory is no longer in use: it was detached by us, or collected. */
static void finalize_view(napi_env env, void *data, void *hint) {
  (void)data;
  view *each = hint;
  if (each->detaching) {
    each->finalized = true; /* inside napi_detach_arraybuffer (Bun, Deno) */
    return;
  }
  if (each->handle != NULL) unlink_view(each);
  drop_buffer(env, each);
  free_view(each);
}

static void leave_environment(smmap_handle *handle) {
  if (handle->environment == NULL) return;
  if (handle->previous != NULL) handle->previous->next = handle->next;
  else handle->environment->handles = handle->next;
  if (handle->next != NULL) handle->next->previous = handle->previous;
  handle->environment = NULL;
  handle->next = handle->previous = NULL;
}

static void enter_environment(smmap_handle *handle, smmap_environment *environment) {
  handle->environment = environment;
  handle->next = environment->handles;
  if (handle->next != NULL) handle->next->previous = handle;
  environment->handles = handle;
}

/* The JavaScript object was forgotten. Views that are still in use keep the memory. */
static void finalize_handle(napi_env env, void *data, void *hint) {
  (void)hint;
  smmap_handle *handle = data;
  leave_environment(handle);
  while (handle->views != NULL) {
    view *each = handle->views;
    unlink_view(each);
    drop_buffer(env, each);
  }
  if (handle->mapping != NULL) smmap_mapping_unref(handle->mapping);
  free(handle);
}

/* Takes the memory away from one view. False: the engine is using it and refuses. */
static bool detach_view(napi_env env, view *each) {
  napi_value buffer;
  bool gone = false;
  if (napi_get_reference_value(env, each->buffer, &buffer) != napi_ok || buffer == NULL) {
    return false;
  }
  napi_is_detached_arraybuffer(env, buffer, &gone);
  if (gone) {
    /* transfer() moved the memory to a buffer of its own; our finalizer runs when that is gone. */
    each->mapping->moved = true;
    unlink_view(each);
    drop_buffer(env, each);
    return true;
  }
  each->detaching = true;
  napi_status status = napi_detach_arraybuffer(env, buffer);
  each->detaching = false;
  if (status != napi_ok) return false;
  unlink_view(each);
  drop_buffer(env, each);
  if (each->finalized) free_view(each); /* else the finalizer does it, later */
  return true;
}

/* False: one view could not be detached; those before it are. */
static bool detach_views(napi_env env, smmap_handle *handle) {
  while (handle->views != NULL) {
    if (!detach_view(env, handle->views)) return false;
  }
  return true;
}

void smmap_face_detach_faulted(smmap_environment *environment) {
  for (smmap_handle *each = environment->handles; each != NULL; each = each->next) {
    uint32_t faults = smmap_mapping_faults(each->mapping); /* a handle in the list holds a mapping */
    if (faults != each->faults_seen && detach_views(environment->env, each)) {
      each->faults_seen = faults;
    }
  }
}

static bool handle_of(napi_env env, napi_value value, smmap_handle **handle) {
  void *native;
  if (!smmap_face_unwrap(env, value, "handle", &mapping_tag, &native)) return false;
  *handle = native;
  return true;
}

/* A handle that holds a mapping. */
static bool mapped_handle_of(napi_env env, napi_value value, smmap_handle **handle) {
  if (!handle_of(env, value, handle)) return false;
  if ((*handle)->mapping != NULL) return true;
  smmap_face_throw(env, (smmap_failure){EBADF, "mmap"});
  return false;
}

/* handle(): an object that can hold a mapping */
static napi_value make_handle(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value object;
  smmap_handle *handle = calloc(1, sizeof *handle);
  if (handle != NULL && smmap_face_wrap(env, handle, &mapping_tag, finalize_handle, &object)) {
    return object;
  }
  free(handle);
  smmap_face_throw(env, (smmap_failure){ENOMEM, "malloc"});
  return NULL;
}

/* map(handle, descriptor, offset, length, mode, beyondCeiling): true; false at the ceiling */
static napi_value map(napi_env env, napi_callback_info info) {
  napi_value values[6];
  smmap_handle *handle;
  int fd;
  uint64_t offset, length, mode;
  bool beyond;
  if (!smmap_face_arguments(env, info, 6, values) || !handle_of(env, values[0], &handle) ||
      !smmap_face_descriptor(env, values[1], &fd) ||
      !smmap_face_integer(env, values[2], "offset", &offset) ||
      !smmap_face_integer(env, values[3], "length", &length) ||
      !smmap_face_integer(env, values[4], "mode", &mode) ||
      !smmap_face_boolean(env, values[5], "beyondCeiling", &beyond)) {
    return NULL;
  }
  if (length == 0 || mode > SMMAP_COPY || offset % smmap_os_granularity() != 0 ||
      handle->mapping != NULL) {
    smmap_face_throw(env, (smmap_failure){EINVAL, "mmap"});
    return NULL;
  }
  smmap_mapping *mapping;
  smmap_failure failure = {0, NULL};
  smmap_opening opening = smmap_mapping_open(fd, offset, (size_t)length, (smmap_mode)mode, beyond,
                                             &mapping, &failure);
  if (opening == SMMAP_FAILED) {
    smmap_face_throw(env, failure);
    return NULL;
  }
  if (opening == SMMAP_OPENED) {
    smmap_environment *environment = smmap_face_environment(env);
    handle->mapping = mapping;
    handle->faults_seen = 0;
    enter_environment(handle, environment);
    smmap_alarm_attach(environment);
  }
  return smmap_face_boolean_value(env, opening == SMMAP_OPENED);
}

/* view(handle, offset, length): ArrayBuffer; undefined when the engine refuses one of this size */
static napi_value make_view(napi_env env, napi_callback_info info) {
  napi_value values[3], buffer;
  smmap_handle *handle;
  uint64_t offset, length;
  if (!smmap_face_arguments(env, info, 3, values) || !mapped_handle_of(env, values[0], &handle) ||
      !smmap_face_integer(env, values[1], "offset", &offset) ||
      !smmap_face_integer(env, values[2], "length", &length)) {
    return NULL;
  }
  smmap_mapping *mapping = handle->mapping;
  if (length == 0 || offset > mapping->length || length > mapping->length - offset) {
    napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "a view must lie inside its mapping");
    return NULL;
  }
  view *fresh = calloc(1, sizeof *fresh);
  if (fresh == NULL) {
    smmap_face_throw(env, (smmap_failure){ENOMEM, "malloc"});
    return NULL;
  }
  fresh->mapping = mapping;
  /* address + offset .. + length lies inside the mapping: checked above without overflow */
  napi_status status = napi_create_external_arraybuffer(env, mapping->address + offset,
                                                        (size_t)length, finalize_view, fresh,
                                                        &buffer);
  if (status != napi_ok) {
    napi_value ignored;
    napi_get_and_clear_last_exception(env, &ignored); /* Node 20 leaves one past 4 GiB */
    free(fresh);
    return NULL;
  }
  smmap_mapping_ref(mapping);
  if (napi_create_reference(env, buffer, 1, &fresh->buffer) != napi_ok) {
    napi_detach_arraybuffer(env, buffer); /* its finalizer frees the view */
    smmap_face_throw(env, (smmap_failure){ENOMEM, "malloc"});
    return NULL;
  }
  fresh->handle = handle;
  fresh->next = handle->views;
  if (fresh->next != NULL) fresh->next->previous = fresh;
  handle->views = fresh;
  return buffer;
}

/* detach(handle): true; false when the engine is using a view and refuses */
static napi_value detach(napi_env env, napi_callback_info info) {
  napi_value values[1];
  smmap_handle *handle;
  if (!smmap_face_arguments(env, info, 1, values) ||
      !mapped_handle_of(env, values[0], &handle)) {
    return NULL;
  }
  return smmap_face_boolean_value(env, detach_views(env, handle));
}

/* close(handle): true, and the handle can hold another; false when the engine is using a view */
static napi_value close_mapping(napi_env env, napi_callback_info info) {
  napi_value values[1];
  smmap_handle *handle;
  if (!smmap_face_arguments(env, info, 1, values) || !handle_of(env, values[0], &handle)) {
    return NULL;
  }
  if (handle->mapping == NULL) return smmap_face_boolean_value(env, true); /* again */
  if (!detach_views(env, handle)) return smmap_face_boolean_value(env, false);
  leave_environment(handle);
  smmap_mapping_close(handle->mapping);
  smmap_mapping_unref(handle->mapping);
  handle->mapping = NULL;
  return smmap_face_boolean_value(env, true);
}

/* faults(handle): number of faults survived in it */
static napi_value faults(napi_env env, napi_callback_info info) {
  napi_value values[1];
  smmap_handle *handle;
  if (!smmap_face_arguments(env, info, 1, values) ||
      !mapped_handle_of(env, values[0], &handle)) {
    return NULL;
  }
  return smmap_face_number(env, smmap_mapping_faults(handle->mapping));
}

/* Work on a range of a mapping, off the JavaScript thread. */
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
  if (!smmap_face_arguments(env, info, 3, values) || !mapped_handle_of(env, values[0], handle) ||
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

/* hasPrivatePages(handle): whether it holds stores that would be lost with it */
static napi_value has_private_pages(napi_env env, napi_callback_info info) {
  napi_value values[1];
  smmap_handle *handle;
  if (!smmap_face_arguments(env, info, 1, values) ||
      !mapped_handle_of(env, values[0], &handle)) {
    return NULL;
  }
  smmap_mapping *mapping = handle->mapping;
  return smmap_face_boolean_value(env, smmap_os_has_private_pages(mapping->address, mapping->extent));
}

const smmap_function smmap_mapping_functions[] = {
    {"handle", make_handle},   {"map", map},       {"view", make_view},    {"detach", detach},
    {"close", close_mapping}, {"faults", faults}, {"populate", populate},
    {"flush", flush}, {"hasPrivatePages", has_private_pages}, {NULL, NULL},
};
