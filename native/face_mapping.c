/* map, view, detach, close, faults: one mapping as JavaScript sees it. */
#include "face_handle.h"

#include "guard.h"

#include <errno.h>

/* handle(): an object that can hold a mapping */
static napi_value make_handle(napi_env env, napi_callback_info info) {
  (void)info;
  return smmap_face_new_handle(env);
}

bool smmap_face_range(napi_env env, const napi_value *values, smmap_range *range) {
  uint64_t offset, length;
  if (!smmap_face_mapped_handle(env, values[0], &range->handle) ||
      !smmap_face_integer(env, values[1], "offset", &offset) ||
      !smmap_face_integer(env, values[2], "length", &length)) {
    return false;
  }
  smmap_mapping *mapping = range->handle->mapping;
  if (offset % smmap_os_page_size() != 0 || offset > mapping->extent ||
      length > mapping->extent - offset) {
    napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "the range must lie inside its mapping");
    return false;
  }
  range->address = mapping->address + offset; /* offset <= extent: checked above */
  range->length = (size_t)length;
  return true;
}

/* Maps into a handle that holds nothing: true; false at the ceiling. */
static napi_value map_into(napi_env env, smmap_handle *handle, const smmap_map_request *request,
                           bool reserved, bool pinned) {
  if (request->length == 0 || request->mode > SMMAP_COPY || !smmap_os_may_flag(request->flags) ||
      request->offset % smmap_os_granularity() != 0 || handle->mapping != NULL) {
    smmap_face_throw(env, (smmap_failure){EINVAL, "mmap"});
    return NULL;
  }
  smmap_mapping *mapping;
  smmap_failure failure = {0, NULL};
  smmap_environment *environment = smmap_face_environment(env);
  smmap_guard_arm(); /* before there is a page that can fault, and before somebody waits for one */
  smmap_alarm_attach(environment);
  smmap_opening opening =
      smmap_mapping_open(request, reserved, environment->waker, &mapping, &failure);
  if (opening == SMMAP_FAILED) {
    smmap_face_throw(env, failure);
    return NULL;
  }
  if (opening == SMMAP_OPENED) {
    handle->pinned = pinned;
    handle->copies = request->mode == SMMAP_COPY;
    smmap_face_hold(handle, mapping, environment);
  }
  return smmap_face_boolean_value(env, opening == SMMAP_OPENED);
}

/* map(handle, descriptor, offset, length, mode, reserved, pinned): a range of a file */
static napi_value map(napi_env env, napi_callback_info info) {
  napi_value values[7];
  smmap_handle *handle;
  smmap_map_request request = {0};
  uint64_t length, mode;
  bool reserved, pinned;
  if (!smmap_face_arguments(env, info, 7, values) || !smmap_face_handle(env, values[0], &handle) ||
      !smmap_face_descriptor(env, values[1], &request.fd) ||
      !smmap_face_integer(env, values[2], "offset", &request.offset) ||
      !smmap_face_integer(env, values[3], "length", &length) ||
      !smmap_face_integer(env, values[4], "mode", &mode) ||
      !smmap_face_boolean(env, values[5], "reserved", &reserved) ||
      !smmap_face_boolean(env, values[6], "pinned", &pinned)) {
    return NULL;
  }
  request.length = (size_t)length;
  request.mode = mode > SMMAP_COPY ? SMMAP_COPY + 1 : (smmap_mode)mode;
  return map_into(env, handle, &request, reserved, pinned);
}

/* mapLike(handle, descriptor or null, offset, length, mode, flags, name or null): with what mmap(2)
   knows beside; null in the place of a descriptor is memory of no file */
static napi_value map_like(napi_env env, napi_callback_info info) {
  napi_value values[7];
  smmap_handle *handle;
  smmap_map_request request = {.fd = -1};
  uint64_t length, mode, flags;
  char name[SMMAP_PATH_MAX];
  if (!smmap_face_arguments(env, info, 7, values) || !smmap_face_handle(env, values[0], &handle) ||
      (!smmap_face_is_null(env, values[1]) && !smmap_face_descriptor(env, values[1], &request.fd)) ||
      !smmap_face_integer(env, values[2], "offset", &request.offset) ||
      !smmap_face_integer(env, values[3], "length", &length) ||
      !smmap_face_integer(env, values[4], "mode", &mode) ||
      !smmap_face_integer(env, values[5], "flags", &flags)) {
    return NULL;
  }
  if (!smmap_face_is_null(env, values[6])) {
    if (!smmap_face_path(env, values[6], "mmap", name)) return NULL;
    request.name = name;
  }
  request.length = (size_t)length;
  request.mode = mode > SMMAP_COPY ? SMMAP_COPY + 1 : (smmap_mode)mode;
  request.flags = flags > INT32_MAX ? INT32_MAX : (int)flags; /* all bits: never all known */
  return map_into(env, handle, &request, false, true);
}

/* view(handle, offset, length): ArrayBuffer; undefined when the engine refuses one of this size */
static napi_value make_view(napi_env env, napi_callback_info info) {
  napi_value values[3];
  smmap_handle *handle;
  uint64_t offset, length;
  if (!smmap_face_arguments(env, info, 3, values) || !smmap_face_mapped_handle(env, values[0], &handle) ||
      !smmap_face_integer(env, values[1], "offset", &offset) ||
      !smmap_face_integer(env, values[2], "length", &length)) {
    return NULL;
  }
  const smmap_mapping *mapping = handle->mapping;
  if (length == 0 || offset > mapping->length || length > mapping->length - offset) {
    napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "a view must lie inside its mapping");
    return NULL;
  }
  return smmap_face_view(env, handle, offset, length);
}

/* detach(handle): true; false when the engine is using a view and refuses */
static napi_value detach(napi_env env, napi_callback_info info) {
  napi_value values[1];
  smmap_handle *handle;
  if (!smmap_face_arguments(env, info, 1, values) ||
      !smmap_face_mapped_handle(env, values[0], &handle)) {
    return NULL;
  }
  return smmap_face_boolean_value(env, smmap_face_detach_views(env, handle));
}

/* close(handle): true, and the handle can hold another; false when the engine is using a view */
static napi_value close_mapping(napi_env env, napi_callback_info info) {
  napi_value values[1];
  smmap_handle *handle;
  if (!smmap_face_arguments(env, info, 1, values) || !smmap_face_handle(env, values[0], &handle)) {
    return NULL;
  }
  if (handle->mapping == NULL) return smmap_face_boolean_value(env, true); /* again */
  return smmap_face_boolean_value(env, smmap_face_close_handle(env, handle));
}

/*
 * closeForgotten(): closes mappings whose object was collected, finalized or not; how many. Views
 * that somebody kept become empty, save those of pinned ones.
 */
static napi_value close_forgotten(napi_env env, napi_callback_info info) {
  (void)info;
  return smmap_face_number(env, smmap_face_close_forgotten(smmap_face_environment(env)));
}

/* faults(handle): number of faults survived in it */
static napi_value faults(napi_env env, napi_callback_info info) {
  napi_value values[1];
  smmap_handle *handle;
  if (!smmap_face_arguments(env, info, 1, values) ||
      !smmap_face_mapped_handle(env, values[0], &handle)) {
    return NULL;
  }
  return smmap_face_number(env, smmap_mapping_faults(handle->mapping));
}

/* hasPrivatePages(handle): whether it holds stores that would be lost with it */
static napi_value has_private_pages(napi_env env, napi_callback_info info) {
  napi_value values[1];
  smmap_handle *handle;
  if (!smmap_face_arguments(env, info, 1, values) ||
      !smmap_face_mapped_handle(env, values[0], &handle)) {
    return NULL;
  }
  smmap_mapping *mapping = handle->mapping;
  return smmap_face_boolean_value(env, smmap_os_has_private_pages(mapping->address, mapping->extent));
}

const smmap_function smmap_mapping_functions[] = {
    {"handle", make_handle},
    {"map", map},
    {"mapLike", map_like},
    {"view", make_view},
    {"detach", detach},
    {"close", close_mapping},
    {"closeForgotten", close_forgotten},
    {"faults", faults},
    {"hasPrivatePages", has_private_pages},
    {NULL, NULL},
};
