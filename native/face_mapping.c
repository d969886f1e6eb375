/* map, view, detach, close, faults: one mapping as JavaScript sees it. */
#include "face_mapping.h"

#include "guard.h"
#include "registry.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static const napi_type_tag mapping_tag = {0x8b1f4c7a52d94e06ULL, 0xa3e7105c9f6b2d81ULL};

typedef struct smmap_view view;

/* An ArrayBuffer over part of a mapping. */
struct smmap_view {
  smmap_handle *handle; /* NULL once the handle forgot or closed it */
  smmap_mapping *mapping;
  napi_ref buffer; /* strong while `handle` is set: to find out later whether it was moved away */
  struct smmap_view *next, *previous;
  uint64_t length;
  bool in_call; /* a call that may run the finalizer is under way; its caller frees the view */
  bool finalized;
};

static void unlink_view(view *each) {
  if (each->previous != NULL) each->previous->next = each->next;
  else each->handle->views = each->next;
  if (each->next != NULL) each->next->previous = each->previous;
  if (each->handle->environment != NULL) each->handle->environment->exposed -= each->length;
  each->handle = NULL;
  each->next = each->previous = NULL;
}

static void drop_buffer(napi_env env, view *each) {
  if (each->buffer != NULL) napi_delete_reference(env, each->buffer);
  each->buffer = NULL;
}

/* glibc keeps what is freed between live blocks until it is asked; others have no such call. */
extern int malloc_trim(size_t) __attribute__((weak));

/* Views that are not finalized yet, in all threads; and the most of them since memory was trimmed. */
static _Atomic uint32_t unfinalized, most_unfinalized;

/* So many closed in one synchronous stretch leave tens of MiB behind, some 350 bytes each. */
#define WORTH_TRIMMING 65536

static void count_view(void) {
  uint32_t now = atomic_fetch_add(&unfinalized, 1) + 1;
  if (now > atomic_load(&most_unfinalized)) atomic_store(&most_unfinalized, now);
}

static void free_view(view *each) {
  smmap_mapping_unref(each->mapping);
  free(each);
  uint32_t left = atomic_fetch_sub(&unfinalized, 1) - 1;
  if (left > WORTH_TRIMMING / 64 || atomic_load(&most_unfinalized) < WORTH_TRIMMING) return;
  atomic_store(&most_unfinalized, left);
  if (malloc_trim != NULL) malloc_trim(0);
}

/* The ArrayBuffer's memory is no longer in use: it was detached by us, or collected. */
static void finalize_view(napi_env env, void *data, void *hint) {
  (void)data;
  view *each = hint;
  if (each->in_call) {
    each->finalized = true; /* Bun and Deno run it inside napi_detach_arraybuffer */
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
  while (handle->views != NULL) {
    view *each = handle->views;
    unlink_view(each);
    drop_buffer(env, each);
  }
  leave_environment(handle);
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
  each->in_call = true;
  napi_status status = napi_detach_arraybuffer(env, buffer);
  each->in_call = false;
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

void smmap_face_silence_handles(smmap_environment *environment) {
  for (smmap_handle *each = environment->handles; each != NULL; each = each->next) {
    if (each->mapping->slot != NULL) smmap_registry_silence(each->mapping->slot);
  }
}

void smmap_face_orphan_handles(smmap_environment *environment) {
  while (environment->handles != NULL) leave_environment(environment->handles);
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
bool smmap_face_mapped_handle(napi_env env, napi_value value, smmap_handle **handle) {
  if (!handle_of(env, value, handle)) return false;
  if ((*handle)->mapping != NULL) return true;
  smmap_face_throw(env, (smmap_failure){EBADF, "mmap"});
  return false;
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

/* Maps into a handle that holds nothing: true; false at the ceiling. */
static napi_value map_into(napi_env env, smmap_handle *handle, const smmap_wish *wish,
                           bool reserved) {
  if (wish->length == 0 || wish->mode > SMMAP_COPY || !smmap_os_may_flag(wish->flags) ||
      wish->offset % smmap_os_granularity() != 0 || handle->mapping != NULL) {
    smmap_face_throw(env, (smmap_failure){EINVAL, "mmap"});
    return NULL;
  }
  smmap_mapping *mapping;
  smmap_failure failure = {0, NULL};
  smmap_environment *environment = smmap_face_environment(env);
  smmap_guard_arm(); /* before there is a page that can fault, and before somebody waits for one */
  smmap_alarm_attach(environment);
  smmap_opening opening =
      smmap_mapping_open(wish, reserved, environment->waker, &mapping, &failure);
  if (opening == SMMAP_FAILED) {
    smmap_face_throw(env, failure);
    return NULL;
  }
  if (opening == SMMAP_OPENED) {
    handle->mapping = mapping;
    handle->faults_seen = 0;
    enter_environment(handle, environment);
  }
  return smmap_face_boolean_value(env, opening == SMMAP_OPENED);
}

/* map(handle, descriptor, offset, length, mode, reserved): a range of a file */
static napi_value map(napi_env env, napi_callback_info info) {
  napi_value values[6];
  smmap_handle *handle;
  smmap_wish wish = {0};
  uint64_t length, mode;
  bool reserved;
  if (!smmap_face_arguments(env, info, 6, values) || !handle_of(env, values[0], &handle) ||
      !smmap_face_descriptor(env, values[1], &wish.fd) ||
      !smmap_face_integer(env, values[2], "offset", &wish.offset) ||
      !smmap_face_integer(env, values[3], "length", &length) ||
      !smmap_face_integer(env, values[4], "mode", &mode) ||
      !smmap_face_boolean(env, values[5], "reserved", &reserved)) {
    return NULL;
  }
  wish.length = (size_t)length;
  wish.mode = mode > SMMAP_COPY ? SMMAP_COPY + 1 : (smmap_mode)mode;
  return map_into(env, handle, &wish, reserved);
}

/* mapLike(handle, descriptor or null, offset, length, mode, flags, name or null): with what mmap(2)
   knows beside; null in the place of a descriptor is memory of no file */
static napi_value map_like(napi_env env, napi_callback_info info) {
  napi_value values[7];
  smmap_handle *handle;
  smmap_wish wish = {.fd = -1};
  uint64_t length, mode, flags;
  char name[SMMAP_PATH_MAX];
  if (!smmap_face_arguments(env, info, 7, values) || !handle_of(env, values[0], &handle) ||
      (!smmap_face_is_null(env, values[1]) && !smmap_face_descriptor(env, values[1], &wish.fd)) ||
      !smmap_face_integer(env, values[2], "offset", &wish.offset) ||
      !smmap_face_integer(env, values[3], "length", &length) ||
      !smmap_face_integer(env, values[4], "mode", &mode) ||
      !smmap_face_integer(env, values[5], "flags", &flags)) {
    return NULL;
  }
  if (!smmap_face_is_null(env, values[6])) {
    if (!smmap_face_path(env, values[6], "mmap", name)) return NULL;
    wish.name = name;
  }
  wish.length = (size_t)length;
  wish.mode = mode > SMMAP_COPY ? SMMAP_COPY + 1 : (smmap_mode)mode;
  wish.flags = flags > INT32_MAX ? INT32_MAX : (int)flags; /* all bits: never all known */
  return map_into(env, handle, &wish, false);
}

/* view(handle, offset, length): ArrayBuffer; undefined when the engine refuses one of this size */
static napi_value make_view(napi_env env, napi_callback_info info) {
  napi_value values[3], buffer;
  smmap_handle *handle;
  uint64_t offset, length;
  if (!smmap_face_arguments(env, info, 3, values) || !smmap_face_mapped_handle(env, values[0], &handle) ||
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
  smmap_mapping_ref(mapping);
  count_view();
  fresh->in_call = true;
  /* address + offset .. + length lies inside the mapping: checked above without overflow */
  napi_status status = napi_create_external_arraybuffer(env, mapping->address + offset,
                                                        (size_t)length, finalize_view, fresh,
                                                        &buffer);
  fresh->in_call = false;
  if (status != napi_ok) {
    napi_value ignored;
    napi_get_and_clear_last_exception(env, &ignored); /* Node 20 leaves one past 4 GiB */
    if (fresh->finalized) free_view(fresh); /* Node runs the finalizer inside; else it may still come */
    return NULL;
  }
  if (napi_create_reference(env, buffer, 1, &fresh->buffer) != napi_ok) {
    napi_detach_arraybuffer(env, buffer); /* its finalizer frees the view */
    smmap_face_throw(env, (smmap_failure){ENOMEM, "malloc"});
    return NULL;
  }
  fresh->handle = handle;
  fresh->length = length;
  fresh->next = handle->views;
  if (fresh->next != NULL) fresh->next->previous = fresh;
  handle->views = fresh;
  smmap_face_environment(env)->exposed += length;
  return buffer;
}

/* detach(handle): true; false when the engine is using a view and refuses */
static napi_value detach(napi_env env, napi_callback_info info) {
  napi_value values[1];
  smmap_handle *handle;
  if (!smmap_face_arguments(env, info, 1, values) ||
      !smmap_face_mapped_handle(env, values[0], &handle)) {
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
    {"faults", faults},
    {"hasPrivatePages", has_private_pages},
    {NULL, NULL},
};
